// The machine, and how hot and how thrifty it is: what makes two recordings of one model comparable, or not.

#import "harness.h"
#import <mach/mach_time.h>
#import <sys/sysctl.h>
#import <unistd.h>

static NSString *systemText(const char *name) {
    char value[256] = "";
    size_t size = sizeof value - 1;
    return sysctlbyname(name, value, &size, NULL, 0) == 0 ? [NSString stringWithUTF8String:value] : nil;
}

static BOOL systemFlag(const char *name) {
    int value = 0;
    size_t size = sizeof value;
    return sysctlbyname(name, &value, &size, NULL, 0) == 0 && value == 1;
}

#if HAS_COMPUTE_DEVICES
NSString *kindOf(id<MLComputeDeviceProtocol> device) {
    NSObject *object = (NSObject *)device;
    if ([object isKindOfClass:[MLNeuralEngineComputeDevice class]]) {
        return @"ANE";
    }
    if ([object isKindOfClass:[MLGPUComputeDevice class]]) {
        return @"GPU";
    }
    return [object isKindOfClass:[MLCPUComputeDevice class]] ? @"CPU" : @"unknown";
}
#endif

static NSArray *devices(void) {
#if HAS_COMPUTE_DEVICES
    if (@available(macOS 14.0, iOS 17.0, *)) {
        NSMutableArray *found = [NSMutableArray array];
        for (id<MLComputeDeviceProtocol> device in [MLModel availableComputeDevices]) {
            [found addObject:kindOf(device)];
        }
        return found;
    }
#endif
    return nil;
}

NSDictionary *conditions(NSString *when) {
    NSArray *names = @[ @"nominal", @"fair", @"serious", @"critical" ];
    NSProcessInfo *process = [NSProcessInfo processInfo];
    NSUInteger state = (NSUInteger)[process thermalState];
    return @{
        @"when" : when,
        @"thermal_state" : state < names.count ? [names objectAtIndex:state] : @"unknown",
        @"low_power" : [process isLowPowerModeEnabled] ? @YES : @NO,
        @"wall_ns" : @(tk_now().wall),
    };
}

void putMachine(NSMutableDictionary *sidecar) {
    mach_timebase_info_data_t timebase;
    mach_timebase_info(&timebase);
    put(sidecar, @"pid", @(getpid()));
    put(sidecar, @"os", [[NSProcessInfo processInfo] operatingSystemVersionString]);
    put(sidecar, @"os_build", systemText("kern.osversion"));
#if TARGET_OS_IOS
    put(sidecar, @"machine", systemText("hw.machine"));
#else
    put(sidecar, @"machine", systemText("hw.model"));
#endif
    put(sidecar, @"chip", systemText("machdep.cpu.brand_string"));
    put(sidecar, @"translated", systemFlag("sysctl.proc_translated") ? @YES : @NO);
    put(sidecar, @"timebase", @{@"numer" : @(timebase.numer), @"denom" : @(timebase.denom)});
    put(sidecar, @"compute_devices", devices());
}
