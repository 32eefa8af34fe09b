#pragma once
#include <Foundation/Foundation.h>
@interface UIApplication : NSObject
@property(getter=isIdleTimerDisabled) BOOL idleTimerDisabled;
@end
@protocol UIApplicationDelegate
@end
@interface UIResponder : NSObject
@end
int UIApplicationMain(int count, char **arguments, NSString *application, NSString *delegate);
