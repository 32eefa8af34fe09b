#import "harness.h"

int main(void) {
    @autoreleasepool {
        return tracekit_harness([[NSProcessInfo processInfo] arguments]);
    }
}
