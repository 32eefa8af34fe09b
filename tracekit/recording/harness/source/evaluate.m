// The ways to predict, each below one of two functions: their frames tell warm-up from measured predictions in every
// sample, whether or not the recording holds signposts.
//
//     sync     predictionFromFeatures:options:error:, with the model's state where it has one
//     async    predictionFromFeatures:options:completionHandler:, waited for (macOS 14); with the model's state, too
//     batch    predictionsFromBatch:options:error:, of so many times the same inputs
//     state    as sync, with a state made anew for every prediction (macOS 15)

#import "harness.h"

#if HAS_STATE
#import <CoreML/MLState.h>
#endif

static BOOL predictSync(Evaluation *evaluation, id state, NSError **error) {
#if HAS_STATE
    if (state != nil) {
        if (@available(macOS 15.0, iOS 18.0, *)) {
            return [evaluation->model predictionFromFeatures:evaluation->inputs
                                                  usingState:state
                                                     options:evaluation->options
                                                       error:error] != nil;
        }
    }
#endif
    (void)state;
    return [evaluation->model predictionFromFeatures:evaluation->inputs
                                             options:evaluation->options
                                               error:error] != nil;
}

static BOOL predictAsync(Evaluation *evaluation, NSError **error) {
#if HAS_COMPUTE_DEVICES // the SDK of Xcode 15 brought both
    if (@available(macOS 14.0, iOS 17.0, *)) {
        dispatch_semaphore_t done = dispatch_semaphore_create(0);
        __block BOOL succeeded = NO;
        __block NSError *refused = nil;
        void (^answered)(id<MLFeatureProvider>, NSError *) = ^(id<MLFeatureProvider> outputs, NSError *reason) {
            succeeded = outputs != nil;
            refused = reason;
            dispatch_semaphore_signal(done);
        };
        BOOL isAsked = NO;
#if HAS_STATE
        if (evaluation->state != nil) {
            if (@available(macOS 15.0, iOS 18.0, *)) {
                [evaluation->model predictionFromFeatures:evaluation->inputs
                                               usingState:evaluation->state
                                                  options:evaluation->options
                                        completionHandler:answered];
                isAsked = YES;
            }
        }
#endif
        if (!isAsked) {
            [evaluation->model predictionFromFeatures:evaluation->inputs
                                              options:evaluation->options
                                    completionHandler:answered];
        }
        dispatch_semaphore_wait(done, DISPATCH_TIME_FOREVER);
        if (!succeeded) {
            *error = refused;
        }
        return succeeded;
    }
#endif
    (void)evaluation;
    *error = problem(@"asynchronous predictions need macOS 14, and a harness built with Xcode 15");
    return NO;
}

static inline BOOL predict(Evaluation *evaluation, NSError **error) {
    if (evaluation->batch != nil) {
        return [evaluation->model predictionsFromBatch:evaluation->batch
                                               options:evaluation->options
                                                 error:error] != nil;
    }
    if ([evaluation->kind isEqualToString:@"async"]) {
        return predictAsync(evaluation, error);
    }
    id state = evaluation->state;
#if HAS_STATE
    if ([evaluation->kind isEqualToString:@"state"]) {
        if (@available(macOS 15.0, iOS 18.0, *)) {
            state = [evaluation->model newState];
        }
    }
#endif
    return predictSync(evaluation, state, error);
}

// Frames of their own in every sample: never inlined, and never left by a tail call.
__attribute__((noinline, used, disable_tail_calls)) BOOL tracekit_measured_prediction(Evaluation *evaluation,
                                                                                      NSError **error) {
    BOOL done = predict(evaluation, error);
    __asm__ volatile("" ::: "memory");
    return done;
}

__attribute__((noinline, used, disable_tail_calls)) BOOL tracekit_warmup_prediction(Evaluation *evaluation,
                                                                                    NSError **error) {
    BOOL done = predict(evaluation, error);
    __asm__ volatile("" ::: "memory");
    return done;
}

@implementation Evaluation

+ (instancetype)of:(MLModel *)model
            inputs:(id<MLFeatureProvider>)inputs
           request:(Request *)request
           sidecar:(NSMutableDictionary *)sidecar
             error:(NSError **)error {
    NSString *kind = request->evaluate;
    if (![@[ @"sync", @"async", @"batch", @"state" ] containsObject:kind]) {
        *error = problem([NSString stringWithFormat:@"there is no way to evaluate called %@", kind]);
        return nil;
    }
    Evaluation *evaluation = [Evaluation new];
    evaluation->model = model;
    evaluation->inputs = inputs;
    evaluation->kind = kind;
    evaluation->options = [MLPredictionOptions new];
    NSInteger size = 1;
    if ([kind isEqualToString:@"batch"]) {
        size = request->batchSize;
        NSMutableArray *all = [NSMutableArray array];
        for (NSInteger each = 0; each < size; each++) {
            [all addObject:inputs];
        }
        evaluation->batch = [[MLArrayBatchProvider alloc] initWithFeatureProviderArray:all];
    }
    put(sidecar, @"evaluate", @{@"kind" : kind, @"batch_size" : @(size)});
    put(sidecar, @"state", nil);
    NSArray<NSString *> *names = nil;
#if HAS_STATE
    if (@available(macOS 15.0, iOS 18.0, *)) {
        names = model.modelDescription.stateDescriptionsByName.allKeys;
        if (names.count > 0 && evaluation->batch == nil) {
            BOOL isReused = ![kind isEqualToString:@"state"];
            put(sidecar, @"state", @{@"names" : names, @"reused" : isReused ? @YES : @NO});
            evaluation->state = isReused ? [model newState] : nil;
        }
    }
#endif
    if (names.count > 0 && evaluation->batch != nil) {
        *error = problem(@"a model with states takes no batches");
        return nil;
    }
    if ([kind isEqualToString:@"state"] && names.count == 0) {
        *error = problem(@"the model has no state, or this system has none (macOS 15)");
        return nil;
    }
    return evaluation;
}

@end
