#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define API_AVAILABLE(system) __attribute__((availability(system)))
#define macos(version) macos, introduced = version
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

#define NS_ENUM(name) enum name : NSInteger name; enum name : NSInteger

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
- (BOOL)containsString:(NSString *)other;
- (NSRange)rangeOfString:(NSString *)other;
- (NSString *)substringToIndex:(NSUInteger)index;
- (NSString *)substringFromIndex:(NSUInteger)index;
- (NSInteger)compare:(NSString *)other;
@end

@interface NSArray<__covariant T> : NSObject <NSCopying, NSFastEnumeration>
@property(readonly) NSUInteger count;
@property(readonly) T firstObject;
+ (instancetype)array;
+ (instancetype)arrayWithObjects:(const T[])objects count:(NSUInteger)count;
- (T)objectAtIndexedSubscript:(NSUInteger)index;
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
- (T)objectForKeyedSubscript:(K)key;
@end
@interface NSMutableDictionary<K, T> : NSDictionary <K, T>
- (void)setObject:(T)object forKeyedSubscript:(K)key;
@end

@interface NSError : NSObject
@property(readonly) NSString *localizedDescription;
+ (instancetype)errorWithDomain:(NSString *)domain code:(NSInteger)code userInfo:(NSDictionary<NSString *, id> *)info;
@end
extern NSString *const NSLocalizedDescriptionKey;

typedef NS_ENUM(NSDataReadingOptions) { NSDataReadingNone = 0 };
typedef NS_ENUM(NSDataWritingOptions) { NSDataWritingAtomic = 1 };
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
@property(readonly) NSString *pathExtension;
+ (NSURL *)fileURLWithPath:(NSString *)path;
@end

@interface NSFileManager : NSObject
@property(class, readonly) NSFileManager *defaultManager;
- (BOOL)removeItemAtURL:(NSURL *)url error:(NSError **)error;
@end

@interface NSProcessInfo : NSObject
@property(class, readonly) NSProcessInfo *processInfo;
@property(readonly) NSArray<NSString *> *arguments;
@property(readonly) NSString *operatingSystemVersionString;
@end

typedef NS_ENUM(NSJSONWritingOptions) { NSJSONWritingPrettyPrinted = 1, NSJSONWritingSortedKeys = 2 };
@interface NSJSONSerialization : NSObject
+ (NSData *)dataWithJSONObject:(id)object options:(NSJSONWritingOptions)options error:(NSError **)error;
@end

typedef NSObject *dispatch_semaphore_t;
typedef uint64_t dispatch_time_t;
#define DISPATCH_TIME_NOW 0ull
dispatch_semaphore_t dispatch_semaphore_create(long);
long dispatch_semaphore_signal(dispatch_semaphore_t);
long dispatch_semaphore_wait(dispatch_semaphore_t, dispatch_time_t);
dispatch_time_t dispatch_time(dispatch_time_t, int64_t);
