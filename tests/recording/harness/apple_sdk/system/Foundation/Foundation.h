#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define API_AVAILABLE(mac, phone) __attribute__((availability(mac))) __attribute__((availability(phone)))
#define macos(version) macos, introduced = version
#define ios(version) ios, introduced = version
#define TARGET_OS_IOS 0
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define NSEC_PER_SEC 1000000000ull
#define YES __objc_yes
#define NO __objc_no
#define nil ((id)0)

typedef signed char BOOL;
typedef long NSInteger;
typedef unsigned long NSUInteger;
typedef uint32_t OSType;
typedef struct objc_class *Class;
typedef struct {
    NSUInteger location;
    NSUInteger length;
} NSRange;
typedef struct {
    unsigned long state;
    id __unsafe_unretained *items;
    unsigned long *mutations;
    unsigned long extra[5];
} NSFastEnumerationState;
typedef const struct dictionary *CFDictionaryRef;

#define NS_ENUM(type, name) enum name : type name; enum name : type

@class NSString, NSMethodSignature, NSInvocation;

@protocol NSObject
- (BOOL)isKindOfClass:(Class)aClass;
@end
@protocol NSCopying
@end
@protocol NSFastEnumeration
- (NSUInteger)countByEnumeratingWithState:(NSFastEnumerationState *)state
                                  objects:(id __unsafe_unretained *)buffer
                                    count:(NSUInteger)count;
@end

__attribute__((objc_root_class)) @interface NSObject <NSObject>
+ (instancetype)new;
+ (instancetype)alloc;
- (instancetype)init;
+ (Class)class;
- (id)mutableCopy;
@end

@interface NSNull : NSObject
+ (NSNull *)null;
@end

@interface NSValue : NSObject
@property(readonly) NSRange rangeValue;
@end

@interface NSNumber : NSValue <NSCopying>
@property(readonly) NSInteger integerValue;
@property(readonly) long long longLongValue;
@property(readonly) BOOL boolValue;
+ (NSNumber *)numberWithInt:(int)value;
+ (NSNumber *)numberWithInteger:(NSInteger)value;
+ (NSNumber *)numberWithUnsignedInteger:(NSUInteger)value;
+ (NSNumber *)numberWithUnsignedInt:(unsigned)value;
+ (NSNumber *)numberWithLong:(long)value;
+ (NSNumber *)numberWithUnsignedLong:(unsigned long)value;
+ (NSNumber *)numberWithLongLong:(long long)value;
+ (NSNumber *)numberWithUnsignedLongLong:(unsigned long long)value;
+ (NSNumber *)numberWithDouble:(double)value;
+ (NSNumber *)numberWithBool:(BOOL)value;
+ (NSNumber *)numberWithChar:(char)value;
@end

@interface NSString : NSObject <NSCopying>
@property(readonly) const char *UTF8String;
@property(readonly) const char *fileSystemRepresentation;
@property(readonly) NSInteger integerValue;
+ (instancetype)stringWithFormat:(NSString *)format, ... __attribute__((format(__NSString__, 1, 2)));
+ (instancetype)stringWithUTF8String:(const char *)text;
- (BOOL)isEqualToString:(NSString *)other;
- (NSRange)rangeOfString:(NSString *)other;
- (NSString *)substringToIndex:(NSUInteger)index;
- (NSString *)substringFromIndex:(NSUInteger)index;
- (NSInteger)compare:(NSString *)other;
@property(readonly) double doubleValue;
@property(readonly) NSUInteger length;
@property(readonly) NSString *pathExtension;
- (NSString *)stringByAppendingString:(NSString *)other;
- (NSString *)stringByAppendingPathComponent:(NSString *)name;
- (NSString *)stringByReplacingOccurrencesOfString:(NSString *)before withString:(NSString *)after;
@end

@interface NSArray<__covariant T> : NSObject <NSCopying, NSFastEnumeration>
@property(readonly) NSUInteger count;
@property(readonly) T firstObject;
+ (instancetype)array;
+ (instancetype)arrayWithObjects:(const T[])objects count:(NSUInteger)count;
- (T)objectAtIndex:(NSUInteger)index;
- (BOOL)containsObject:(T)object;
- (NSArray<T> *)sortedArrayUsingSelector:(SEL)selector;
@end
@interface NSMutableArray<T> : NSArray <T>
- (void)addObject:(T)object;
@end

@interface NSDictionary<__covariant K, __covariant T> : NSObject <NSCopying, NSFastEnumeration>
@property(readonly) NSArray<K> *allKeys;
+ (instancetype)dictionary;
+ (instancetype)dictionaryWithObjects:(const T[])objects
                              forKeys:(const id<NSCopying>[])keys
                                count:(NSUInteger)count;
- (T)objectForKey:(K)key;
@end
@interface NSMutableDictionary<K, T> : NSDictionary <K, T>
- (void)setObject:(T)object forKey:(K)key;
@end

@interface NSError : NSObject
@property(readonly) NSString *localizedDescription;
+ (instancetype)errorWithDomain:(NSString *)domain code:(NSInteger)code userInfo:(NSDictionary<NSString *, id> *)info;
@end
extern NSString *const NSLocalizedDescriptionKey;

typedef NS_ENUM(NSInteger, NSDataReadingOptions) { NSDataReadingNone = 0 };
typedef NS_ENUM(NSInteger, NSDataWritingOptions) { NSDataWritingAtomic = 1 };
@interface NSData : NSObject
@property(readonly) const void *bytes;
@property(readonly) NSUInteger length;
+ (instancetype)data;
+ (instancetype)dataWithContentsOfFile:(NSString *)path options:(NSDataReadingOptions)options error:(NSError **)error;
- (BOOL)writeToFile:(NSString *)path options:(NSDataWritingOptions)options error:(NSError **)error;
@end
@interface NSMutableData : NSData
- (void)appendBytes:(const void *)bytes length:(NSUInteger)length;
@end

@interface NSURL : NSObject
@property(readonly) NSString *path;
+ (NSURL *)fileURLWithPath:(NSString *)path;
@end

@interface NSBundle : NSObject
+ (NSBundle *)mainBundle;
@property(readonly) NSString *resourcePath;
@end
@interface NSThread : NSObject
+ (void)detachNewThreadSelector:(SEL)selector toTarget:(id)target withObject:(id)argument;
@end
typedef NS_ENUM(NSInteger, NSSearchPathDirectory) { NSDocumentDirectory = 9 };
typedef NS_ENUM(NSInteger, NSSearchPathDomainMask) { NSUserDomainMask = 1 };
NSArray<NSString *> *NSSearchPathForDirectoriesInDomains(NSSearchPathDirectory, NSSearchPathDomainMask, BOOL);

@interface NSFileManager : NSObject
@property(class, readonly) NSFileManager *defaultManager;
- (BOOL)removeItemAtPath:(NSString *)path error:(NSError **)error;
@end

typedef NS_ENUM(NSInteger, NSProcessInfoThermalState) {
    NSProcessInfoThermalStateNominal,
    NSProcessInfoThermalStateFair,
    NSProcessInfoThermalStateSerious,
    NSProcessInfoThermalStateCritical,
};
@interface NSProcessInfo : NSObject
@property(class, readonly) NSProcessInfo *processInfo;
@property(readonly) NSArray<NSString *> *arguments;
@property(readonly) NSString *operatingSystemVersionString;
@property(readonly) NSProcessInfoThermalState thermalState;
@property(readonly, getter=isLowPowerModeEnabled) BOOL lowPowerModeEnabled API_AVAILABLE(macos(12.0), ios(9.0));
@end

@interface NSException : NSObject
@property(readonly) NSString *name;
@property(readonly) NSString *reason;
@end
typedef void NSUncaughtExceptionHandler(NSException *exception);
void NSSetUncaughtExceptionHandler(NSUncaughtExceptionHandler *);

typedef NS_ENUM(NSInteger, NSJSONWritingOptions) { NSJSONWritingPrettyPrinted = 1 };
@interface NSJSONSerialization : NSObject
+ (NSData *)dataWithJSONObject:(id)object options:(NSJSONWritingOptions)options error:(NSError **)error;
@end

typedef NSObject *dispatch_semaphore_t;
typedef uint64_t dispatch_time_t;
#define DISPATCH_TIME_NOW 0ull
#define DISPATCH_TIME_FOREVER (~0ull)
dispatch_semaphore_t dispatch_semaphore_create(long);
long dispatch_semaphore_signal(dispatch_semaphore_t);
long dispatch_semaphore_wait(dispatch_semaphore_t, dispatch_time_t);
dispatch_time_t dispatch_time(dispatch_time_t, int64_t);
