// Runs one Core ML model N times, so that a recording of it can be read: see docs/harness.md.
//
//     tracekit-harness --model M --sidecar OUT.json [--compute-units all] [--iterations 100] [--min-seconds 2]
//                      [--warmup 10] [--evaluate sync|async|batch|state] [--batch-size 8] [--function NAME]
//                      [--input NAME=FILE.npy]… [--log FILE] [--progress FILE]
//     tracekit-harness --model M --plan OUT.json [--compute-units all] [--function NAME]
//
// Compiling and loading stay outside the measured loop; the compute plan is asked for in a run of its own. The sidecar
// is written about every second, whenever something ends the process, and at the end. Exits with 0
// whenever the predictions succeeded, so that the recorder's exit code keeps its meaning.

#import "harness.h"
#import <fcntl.h>
#import <mach/mach_time.h>
#import <os/signpost.h>
#import <signal.h>
#import <stdio.h>
#import <stdlib.h>
#import <time.h>
#import <unistd.h>

#ifndef TRACEKIT_HARNESS_SOURCE
#define TRACEKIT_HARNESS_SOURCE ""
#endif

static const uint64_t kProgressEveryNanoseconds = 50 * 1000 * 1000;

@implementation Request
@end

// ── small things that all parts use ───────────────────────────────────────────────────────────────────────────────

struct tk_moment tk_now(void) {
    struct timespec time;
    struct tk_moment moment;
    clock_gettime(CLOCK_REALTIME, &time);
    moment.mach = mach_absolute_time();
    moment.wall = (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
    return moment;
}

NSError *problem(NSString *sentence) {
    return [NSError errorWithDomain:@"tracekit" code:1 userInfo:@{NSLocalizedDescriptionKey : sentence}];
}

NSString *text(NSError *error) {
    return error == nil ? @"no reason was given" : [error localizedDescription];
}

void put(NSMutableDictionary *record, NSString *key, id value) {
    [record setObject:value == nil ? [NSNull null] : value forKey:key];
}

// ── what was asked for ────────────────────────────────────────────────────────────────────────────────────────────

static BOOL take(Request *request, NSString *name, NSString *value) {
    if ([name isEqualToString:@"--model"]) {
        request->model = value;
    } else if ([name isEqualToString:@"--sidecar"]) {
        request->sidecar = value;
    } else if ([name isEqualToString:@"--plan"]) {
        request->plan = value;
    } else if ([name isEqualToString:@"--log"]) {
        request->log = value;
    } else if ([name isEqualToString:@"--progress"]) {
        request->progress = value;
    } else if ([name isEqualToString:@"--compute-units"]) {
        request->computeUnits = value;
    } else if ([name isEqualToString:@"--function"]) {
        request->function = value;
    } else if ([name isEqualToString:@"--evaluate"]) {
        request->evaluate = value;
    } else if ([name isEqualToString:@"--batch-size"]) {
        request->batchSize = [value integerValue];
    } else if ([name isEqualToString:@"--iterations"]) {
        request->iterations = [value integerValue];
    } else if ([name isEqualToString:@"--min-seconds"]) {
        request->minSeconds = [value doubleValue];
    } else if ([name isEqualToString:@"--warmup"]) {
        request->warmup = [value integerValue];
    } else if ([name isEqualToString:@"--input"] && [value rangeOfString:@"="].length > 0) {
        NSRange sign = [value rangeOfString:@"="];
        [request->files setObject:[value substringFromIndex:sign.location + 1]
                           forKey:[value substringToIndex:sign.location]];
    } else {
        return NO;
    }
    return YES;
}

static Request *requestFrom(NSArray<NSString *> *arguments) {
    Request *request = [Request new];
    request->computeUnits = @"all";
    request->evaluate = @"sync";
    request->iterations = 100;
    request->minSeconds = 2;
    request->warmup = 10;
    request->batchSize = 8;
    request->files = [NSMutableDictionary dictionary];
    for (NSUInteger at = 1; at < arguments.count; at += 2) {
        if (at + 1 == arguments.count ||
            !take(request, [arguments objectAtIndex:at], [arguments objectAtIndex:at + 1])) {
            return nil;
        }
    }
    BOOL isPossible = request->iterations > 0 && request->warmup >= 0 && request->batchSize > 0;
    BOOL isComplete = request->model != nil && (request->sidecar != nil) != (request->plan != nil);
    return isPossible && isComplete ? request : nil;
}

static MLModelConfiguration *configurationFor(Request *request, NSError **error) {
    NSDictionary<NSString *, NSNumber *> *units = @{
        @"all" : @(MLComputeUnitsAll),
        @"cpuOnly" : @(MLComputeUnitsCPUOnly),
        @"cpuAndGPU" : @(MLComputeUnitsCPUAndGPU),
        @"cpuAndNeuralEngine" : @(MLComputeUnitsCPUAndNeuralEngine),
    };
    NSNumber *unit = [units objectForKey:request->computeUnits];
    if (unit == nil) {
        *error = problem([NSString stringWithFormat:@"there are no compute units %@", request->computeUnits]);
        return nil;
    }
    MLModelConfiguration *configuration = [MLModelConfiguration new];
    configuration.computeUnits = (MLComputeUnits)[unit integerValue];
    if (request->function == nil) {
        return configuration;
    }
#if HAS_STATE // functions came with the SDK that brought states
    if (@available(macOS 15.0, iOS 18.0, *)) {
        configuration.functionName = request->function;
        return configuration;
    }
#endif
    *error = problem(@"functions of a model need macOS 15, and a harness built with Xcode 16");
    return nil;
}

// ── what is said while it runs ────────────────────────────────────────────────────────────────────────────────────

static int progress_file = -1;

// One line that tracekit reads while the harness runs; it is written between predictions, never inside one.
static void tell(const char *phase, NSInteger done, NSInteger of) {
    static uint64_t last;
    struct tk_moment at = tk_now();
    if (progress_file < 0 || (done > 0 && done < of && at.wall - last < kProgressEveryNanoseconds)) {
        return;
    }
    last = at.wall;
    char line[64];
    int length = snprintf(line, sizeof line, "%-10s %10ld %10ld\n", phase, (long)done, (long)of);
    if (pwrite(progress_file, line, (size_t)length, 0) < 0) {
        progress_file = -1;
    }
}

static void publish(NSMutableDictionary *sidecar) {
    NSError *error = nil;
    NSJSONWritingOptions pretty = NSJSONWritingPrettyPrinted;
    NSData *json = [NSJSONSerialization dataWithJSONObject:sidecar options:pretty error:&error];
    if (json == nil || !tk_record_header([json bytes], [json length])) {
        fprintf(stderr, "the sidecar cannot be written: %s\n", [text(error) UTF8String]);
    }
}

static void addPhase(NSMutableDictionary *sidecar, NSString *name, struct tk_moment start) {
    struct tk_moment end = tk_now();
    [[sidecar objectForKey:@"phases"] addObject:@{
        @"name" : name,
        @"start_mach" : @(start.mach),
        @"end_mach" : @(end.mach),
        @"start_wall_ns" : @(start.wall),
        @"end_wall_ns" : @(end.wall),
    }];
    publish(sidecar);
}

// ── the run ───────────────────────────────────────────────────────────────────────────────────────────────────────

static BOOL isDone(NSInteger done, struct tk_moment began, NSInteger count, double minSeconds) {
    return done >= count && (double)(tk_now().wall - began.wall) >= minSeconds * 1e9;
}

// At least `count` predictions, and as many more as fill `minSeconds`.
static BOOL loop(Evaluation *evaluation, NSInteger count, double minSeconds, BOOL warmup, NSError **error) {
    os_log_t log = os_log_create("tracekit", OS_LOG_CATEGORY_POINTS_OF_INTEREST);
    struct tk_moment began = tk_now();
    NSError *failure = nil; // outlives the pool of the prediction that failed, whose own errors do not
    for (NSInteger index = 0; failure == nil && !isDone(index, began, count, minSeconds); index++) {
        @autoreleasepool {
            os_signpost_id_t signpost = os_signpost_id_generate(log);
            NSError *refused = nil;
            BOOL done = NO;
            os_signpost_interval_begin(log, signpost, "prediction", "%ld %d", (long)index, (int)warmup);
            struct tk_moment start = tk_now();
            if (warmup) {
                done = tracekit_warmup_prediction(evaluation, &refused);
            } else {
                done = tracekit_measured_prediction(evaluation, &refused);
            }
            struct tk_row row = {start, tk_now(), index, warmup};
            os_signpost_interval_end(log, signpost, "prediction");
            if (!done) {
                failure =
                    problem([NSString stringWithFormat:@"prediction %ld failed: %@", (long)index, text(refused)]);
            } else if (!tk_record_add(&row)) {
                failure = problem(@"there is no memory for more predictions");
            }
        }
        if (tk_record_asked_to_end() != 0) {
            failure = problem([NSString stringWithFormat:@"ended by %s", tk_signal_name(tk_record_asked_to_end())]);
        }
        tell(warmup ? "warmup" : "measure", index + 1, MAX(count, index + 1));
    }
    if (failure != nil) {
        *error = failure;
    }
    return failure == nil;
}

static NSURL *compiledModel(Request *request, NSMutableDictionary *sidecar, NSError **error) {
    NSURL *model = [NSURL fileURLWithPath:request->model];
    BOOL isCompiled = [[request->model pathExtension] isEqualToString:@"mlmodelc"];
    put(sidecar, @"model", @{@"path" : request->model, @"compiled" : isCompiled ? @YES : @NO});
    if (isCompiled) {
        return model;
    }
    tell("compile", 0, 1);
    struct tk_moment start = tk_now();
    NSURL *compiled = [MLModel compileModelAtURL:model error:error];
    addPhase(sidecar, @"compile", start);
    return compiled;
}

static BOOL predictAll(NSURL *compiled, MLModelConfiguration *configuration, Request *request,
                       NSMutableDictionary *sidecar, NSError **error) {
    tell("load", 0, 1);
    struct tk_moment start = tk_now();
    MLModel *model = [MLModel modelWithContentsOfURL:compiled configuration:configuration error:error];
    addPhase(sidecar, @"load", start);
    id<MLFeatureProvider> inputs = model == nil ? nil : inputsFor(model.modelDescription, request, sidecar, error);
    Evaluation *evaluation = nil;
    if (inputs != nil) {
        evaluation = [Evaluation of:model inputs:inputs request:request sidecar:sidecar error:error];
    }
    publish(sidecar);
    if (evaluation == nil) {
        return NO;
    }
    start = tk_now();
    BOOL done = loop(evaluation, request->warmup, 0, YES, error);
    addPhase(sidecar, @"warmup", start);
    if (done) {
        [[sidecar objectForKey:@"conditions"] addObject:conditions(@"before")];
        publish(sidecar);
        start = tk_now();
        done = loop(evaluation, request->iterations, request->minSeconds, NO, error);
        [[sidecar objectForKey:@"conditions"] addObject:conditions(@"after")];
        addPhase(sidecar, @"measure", start);
    }
    return done;
}

// An exception is an error like any other here: what was measured before it counts.
static BOOL run(Request *request, NSMutableDictionary *sidecar, NSError **error) {
    MLModelConfiguration *configuration = configurationFor(request, error);
    NSURL *compiled = configuration == nil ? nil : compiledModel(request, sidecar, error);
    if (compiled == nil) {
        return NO;
    }
    BOOL done = NO;
    if (request->plan != nil) {
        NSData *json = [NSJSONSerialization dataWithJSONObject:planFor(compiled, configuration)
                                                       options:NSJSONWritingPrettyPrinted
                                                         error:error];
        done = json != nil && [json writeToFile:request->plan options:NSDataWritingAtomic error:error];
    } else {
        done = predictAll(compiled, configuration, request, sidecar, error);
    }
    if (![[request->model pathExtension] isEqualToString:@"mlmodelc"]) {
        [[NSFileManager defaultManager] removeItemAtPath:[compiled path] error:NULL];
    }
    return done;
}

static void onUncaughtException(NSException *exception) {
    tk_record_error([[NSString stringWithFormat:@"%@: %@", [exception name], [exception reason]] UTF8String]);
}

static NSMutableDictionary *newSidecar(Request *request) {
    NSMutableDictionary *sidecar = [NSMutableDictionary dictionary];
    put(sidecar, @"schema", @"tracekit.sidecar/1");
    put(sidecar, @"harness", @TRACEKIT_HARNESS_SOURCE);
    putMachine(sidecar);
    put(sidecar, @"compute_units", request->computeUnits);
    put(sidecar, @"function", request->function);
    put(sidecar, @"requested",
        @{@"iterations" : @(request->iterations), @"min_seconds" : @(request->minSeconds)});
    put(sidecar, @"phases", [NSMutableArray array]);
    put(sidecar, @"conditions", [NSMutableArray array]);
    put(sidecar, @"compute_plan", nil);
    return sidecar;
}

static const char *endedBy(BOOL done, BOOL wasException) {
    if (tk_record_asked_to_end() != 0) {
        return tk_signal_name(tk_record_asked_to_end());
    }
    return done ? "done" : wasException ? "exception" : "error";
}

int tracekit_harness(NSArray<NSString *> *arguments) {
    Request *request = requestFrom(arguments);
    if (request == nil) {
        fprintf(stderr, "usage: tracekit-harness --model M --sidecar OUT.json [--compute-units U] [--iterations N] "
                        "[--min-seconds S] [--warmup N] [--evaluate sync|async|batch|state] [--batch-size N] "
                        "[--function F] [--input NAME=FILE.npy] [--log FILE] [--progress FILE]\n"
                        "       tracekit-harness --model M --plan OUT.json [--compute-units U] [--function F]\n");
        return 2;
    }
    if (request->log != nil && freopen([request->log fileSystemRepresentation], "w", stderr) == NULL) {
        return 2;
    }
    if (request->progress != nil) {
        progress_file = open([request->progress fileSystemRepresentation], O_WRONLY | O_CREAT, 0644);
    }
    NSMutableDictionary *sidecar = newSidecar(request);
    if (request->sidecar != nil && tk_record_open([request->sidecar fileSystemRepresentation])) {
        publish(sidecar);
        tk_record_guard();
    }
    NSSetUncaughtExceptionHandler(onUncaughtException);
    NSError *error = nil;
    BOOL done = NO, wasException = NO;
    @try {
        done = run(request, sidecar, &error);
    } @catch (NSException *exception) {
        wasException = YES;
        error = problem([NSString stringWithFormat:@"%@: %@", [exception name], [exception reason]]);
    }
    if (!done) {
        tk_record_error([text(error) UTF8String]);
        fprintf(stderr, "%s\n", [text(error) UTF8String]);
    }
    if (request->sidecar != nil && !tk_record_write(endedBy(done, wasException))) {
        fprintf(stderr, "the sidecar cannot be written: %s\n", [request->sidecar fileSystemRepresentation]);
        return 1;
    }
    tk_record_close();
    int asked = tk_record_asked_to_end();
    if (asked != 0) { // the parent sees that a signal ended us
        signal(asked, SIG_DFL);
        raise(asked);
    }
    return done ? 0 : 1;
}
