// The parts of macOS that the harness uses besides Core ML, on Linux.

#import <Foundation/Foundation.h>
#import <objc/runtime.h>

#include <CoreVideo/CoreVideo.h>
#include <errno.h>
#include <mach/mach_time.h>
#include <os/signpost.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// Debian's runtime has no ARC, for which the harness is written: here nothing is ever freed. What ARC and its pools do
// is clang's analyzer's to check.
static id itself(id object, SEL _) { return object; }
static void nothing(id object, SEL _) {}

@interface Keeper : NSObject
@end
@implementation Keeper
+ (void)load {
    method_setImplementation(class_getInstanceMethod([NSObject class], @selector(autorelease)), (IMP)itself);
    method_setImplementation(class_getInstanceMethod([NSObject class], @selector(release)), (IMP)nothing);
}
@end

@implementation NSProcessInfo (Mac)
- (NSProcessInfoThermalState)thermalState {
    const char *state = getenv("FAKE_THERMAL_STATE");
    return state ? atoi(state) : 0;
}
- (BOOL)isLowPowerModeEnabled {
    return getenv("FAKE_LOW_POWER") != NULL;
}
@end

@implementation NSData (Mac)
+ (instancetype)dataWithContentsOfFile:(NSString *)path options:(NSUInteger)options error:(NSError **)error {
    NSData *data = [self dataWithContentsOfFile:path];
    if (data == nil) {
        *error = [NSError errorWithDomain:NSCocoaErrorDomain
                                     code:260
                                 userInfo:@{NSLocalizedDescriptionKey : @"there is no such file"}];
    }
    return data;
}
@end

uint64_t mach_absolute_time(void) { // ticks of 125/3 ns, as on Apple silicon
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return ((uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec) * 3 / 125;
}

int mach_timebase_info(mach_timebase_info_data_t *timebase) {
    *timebase = (mach_timebase_info_data_t){125, 3};
    return 0;
}

int sysctlbyname(const char *name, void *value, size_t *size, void *fresh, size_t length) {
    static const struct {
        const char *name, *text;
    } known[] = {{"kern.osversion", "25B78"}, {"hw.model", "Mac16,1"}, {"machdep.cpu.brand_string", "Apple M4"}};
    for (size_t each = 0; each < sizeof known / sizeof *known; each++) {
        if (strcmp(name, known[each].name) == 0) {
            strncpy(value, known[each].text, *size);
            return 0;
        }
    }
    errno = ENOENT; // sysctl.proc_translated is missing where nothing is ever translated
    return -1;
}

os_log_t os_log_create(const char *subsystem, const char *category) { return NULL; }
os_signpost_id_t os_signpost_id_generate(os_log_t log) { return 1; }
void os_signpost_interval_begin(os_log_t log, os_signpost_id_t id, const char *name, ...) {}
void os_signpost_interval_end(os_log_t log, os_signpost_id_t id, const char *name, ...) {}

dispatch_semaphore_t dispatch_semaphore_create(long value) {
    sem_t *semaphore = malloc(sizeof *semaphore);
    sem_init(semaphore, 0, (unsigned)value);
    return (dispatch_semaphore_t)semaphore;
}
long dispatch_semaphore_signal(dispatch_semaphore_t semaphore) { return sem_post((sem_t *)semaphore); }
long dispatch_semaphore_wait(dispatch_semaphore_t semaphore, dispatch_time_t until) {
    while (sem_wait((sem_t *)semaphore) != 0 && errno == EINTR) {
    }
    return 0;
}
dispatch_time_t dispatch_time(dispatch_time_t from, int64_t after) { return from + (uint64_t)after; }

struct buffer {
    size_t width, height;
    uint8_t bytes[];
};
const CFStringRef kCVPixelBufferIOSurfacePropertiesKey = (CFStringRef)@"IOSurfaceProperties";
CVReturn CVPixelBufferCreate(const void *_, size_t width, size_t height, OSType format, CFDictionaryRef options,
                             CVPixelBufferRef *buffer) {
    *buffer = calloc(1, sizeof **buffer + width * height * 4);
    **buffer = (struct buffer){width, height};
    return kCVReturnSuccess;
}
CVReturn CVPixelBufferLockBaseAddress(CVPixelBufferRef buffer, uint64_t flags) { return 0; }
CVReturn CVPixelBufferUnlockBaseAddress(CVPixelBufferRef buffer, uint64_t flags) { return 0; }
void CVPixelBufferRelease(CVPixelBufferRef buffer) {}
BOOL CVPixelBufferIsPlanar(CVPixelBufferRef buffer) { return NO; }
size_t CVPixelBufferGetPlaneCount(CVPixelBufferRef buffer) { return 0; }
void *CVPixelBufferGetBaseAddress(CVPixelBufferRef buffer) { return buffer->bytes; }
void *CVPixelBufferGetBaseAddressOfPlane(CVPixelBufferRef buffer, size_t plane) { return buffer->bytes; }
size_t CVPixelBufferGetBytesPerRow(CVPixelBufferRef buffer) { return buffer->width * 4; }
size_t CVPixelBufferGetBytesPerRowOfPlane(CVPixelBufferRef buffer, size_t plane) { return buffer->width * 4; }
size_t CVPixelBufferGetHeight(CVPixelBufferRef buffer) { return buffer->height; }
size_t CVPixelBufferGetHeightOfPlane(CVPixelBufferRef buffer, size_t plane) { return buffer->height; }
