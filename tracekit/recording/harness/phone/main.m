// The harness as an app: it runs when launched, and ends when it is done. Files are in Documents, from where devicectl
// fetches them; "@bundle/" in an argument is the folder of what the app brought along.

#import "harness.h"
#import <UIKit/UIKit.h>
#import <stdlib.h>
#import <unistd.h>

@interface AppDelegate : UIResponder <UIApplicationDelegate>
@end

@implementation AppDelegate

- (BOOL)application:(UIApplication *)application didFinishLaunchingWithOptions:(NSDictionary *)options {
    (void)options;
    application.idleTimerDisabled = YES; // a phone that locks itself ends the recording
    [NSThread detachNewThreadSelector:@selector(run) toTarget:self withObject:nil];
    return YES;
}

- (void)run {
    NSArray<NSString *> *folders = NSSearchPathForDirectoriesInDomains(NSDocumentDirectory, NSUserDomainMask, YES);
    NSString *brought = [[[NSBundle mainBundle] resourcePath] stringByAppendingPathComponent:@"Model"];
    NSString *prefix = [brought stringByAppendingString:@"/"];
    NSMutableArray<NSString *> *arguments = [NSMutableArray array];
    for (NSString *argument in [[NSProcessInfo processInfo] arguments]) {
        [arguments addObject:[argument stringByReplacingOccurrencesOfString:@"@bundle/" withString:prefix]];
    }
    int code = chdir([folders.firstObject fileSystemRepresentation]) == 0 ? tracekit_harness(arguments) : 1;
    exit(code);
}

@end

int main(int count, char **arguments) {
    @autoreleasepool {
        return UIApplicationMain(count, arguments, nil, @"AppDelegate");
    }
}
