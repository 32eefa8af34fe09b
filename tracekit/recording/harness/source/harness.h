// What the harness's parts share. It is written for ARC; `put` and messages stand where subscripts could, because the
// Objective-C runtime of Debian, under which the tests run all of this, has none.
#ifndef TRACEKIT_HARNESS_H
#define TRACEKIT_HARNESS_H

#import <CoreML/CoreML.h>
#import <Foundation/Foundation.h>

#if __has_include(<CoreML/MLComputeDeviceProtocol.h>)
#define HAS_COMPUTE_DEVICES 1 // Xcode 15
#endif
#if __has_include(<CoreML/MLComputePlan.h>)
#define HAS_COMPUTE_PLAN 1 // Xcode 15.3
#endif
#if __has_include(<CoreML/MLState.h>)
#define HAS_STATE 1 // Xcode 16: states and functions
#endif

#include "record.h"

// What was asked for.
@interface Request : NSObject {
  @public
    NSString *model;
    NSString *sidecar;
    NSString *plan;
    NSString *log;
    NSString *progress;
    NSString *computeUnits;
    NSString *function;
    NSString *evaluate;
    NSMutableDictionary<NSString *, NSString *> *files; // by input
    NSInteger iterations;
    NSInteger warmup;
    NSInteger batchSize;
    double minSeconds;
}
@end

// Runs the harness and returns its exit code; the first argument is the program.
int tracekit_harness(NSArray<NSString *> *arguments);

struct tk_moment tk_now(void);

NSError *problem(NSString *sentence);
NSString *text(NSError *error);
void put(NSMutableDictionary *record, NSString *key, id value); // nil is written as null

// Inputs for everything that a model needs: features.m.
id<MLFeatureProvider> inputsFor(MLModelDescription *description, Request *request, NSMutableDictionary *sidecar,
                                NSError **error);

// One prediction, or one batch, in the way that was asked for: evaluate.m.
@interface Evaluation : NSObject {
  @public
    MLModel *model;
    id<MLFeatureProvider> inputs;
    id<MLBatchProvider> batch;
    MLPredictionOptions *options;
    id state;
    NSString *kind;
}
+ (instancetype)of:(MLModel *)model
            inputs:(id<MLFeatureProvider>)inputs
           request:(Request *)request
           sidecar:(NSMutableDictionary *)sidecar
             error:(NSError **)error;
@end
BOOL tracekit_measured_prediction(Evaluation *evaluation, NSError **error);
BOOL tracekit_warmup_prediction(Evaluation *evaluation, NSError **error);

// What the system says of itself: machine.m.
void putMachine(NSMutableDictionary *sidecar);
NSDictionary *conditions(NSString *when);
#if HAS_COMPUTE_DEVICES
API_AVAILABLE(macos(14.0), ios(17.0)) NSString *kindOf(id<MLComputeDeviceProtocol> device);
#endif

// Core ML's plan for a compiled model, or why there is none: plan.m.
NSDictionary *planFor(NSURL *compiled, MLModelConfiguration *configuration);

#endif
