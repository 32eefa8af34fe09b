// GNUstep's Foundation, with the little more that the harness takes for granted on a Mac.
#pragma once
#include_next <Foundation/Foundation.h>

#undef YES
#undef NO
#define YES __objc_yes
#define NO __objc_no
#define API_AVAILABLE(mac, phone)
#define TARGET_OS_IOS 0
#define NSEC_PER_SEC 1000000000ull

typedef uint32_t OSType;
typedef const struct dictionary *CFDictionaryRef;

typedef NS_ENUM(NSInteger, NSProcessInfoThermalState) { NSProcessInfoThermalStateNominal };
@interface NSProcessInfo (Mac)
- (NSProcessInfoThermalState)thermalState;
- (BOOL)isLowPowerModeEnabled;
@end

@interface NSData (Mac)
+ (instancetype)dataWithContentsOfFile:(NSString *)path options:(NSUInteger)options error:(NSError **)error;
@end

typedef struct semaphore *dispatch_semaphore_t;
typedef uint64_t dispatch_time_t;
#define DISPATCH_TIME_NOW 0ull
#define DISPATCH_TIME_FOREVER (~0ull)
dispatch_semaphore_t dispatch_semaphore_create(long);
long dispatch_semaphore_signal(dispatch_semaphore_t);
long dispatch_semaphore_wait(dispatch_semaphore_t, dispatch_time_t);
dispatch_time_t dispatch_time(dispatch_time_t, int64_t);
