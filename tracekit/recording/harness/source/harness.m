// Runs one Core ML model N times, so that a recording of it can be read: see docs/harness.md.
//
//     tracekit-harness --model M --sidecar OUT.json [--compute-units all] [--iterations 100] [--warmup 10]
//                      [--function NAME] [--input NAME=FILE.npy]… [--progress FILE]
//
// Compiling and loading stay outside the measured loop. Every measured prediction goes through one function of its
// own, tracekit_measured_prediction, and every warm-up through another: their frames tell the two apart in every
// sample, whether or not the recording holds signposts. Exits with 0 whenever the predictions succeeded, so that the
// recorder's exit code keeps its meaning.

#import <CoreML/CoreML.h>
#import <CoreVideo/CoreVideo.h>
#import <Foundation/Foundation.h>
#import <fcntl.h>
#import <mach/mach_time.h>
#import <os/signpost.h>
#import <stdio.h>
#import <stdlib.h>
#import <string.h>
#import <sys/sysctl.h>
#import <time.h>
#import <unistd.h>

#if __has_include(<CoreML/MLComputePlan.h>)
#import <CoreML/MLComputePlan.h>
#define HAS_COMPUTE_PLAN 1
#endif
#if __has_include(<CoreML/MLState.h>)
#import <CoreML/MLState.h>
#define HAS_STATE 1
#endif

#include "inputs.h"

#ifndef TRACEKIT_HARNESS_SOURCE
#define TRACEKIT_HARNESS_SOURCE ""
#endif

// Named in the SDK of macOS 26 only.
static const NSInteger kMultiArrayInt8 = 0x20000 | 8;

static const uint64_t kProgressEveryNanoseconds = 50 * 1000 * 1000;

// A frame of its own in every sample: never inlined, and never left by a tail call.
__attribute__((noinline, used, disable_tail_calls)) id<MLFeatureProvider>
tracekit_measured_prediction(MLModel *model, id<MLFeatureProvider> inputs, MLPredictionOptions *options, id state,
                             NSError **error);
__attribute__((noinline, used, disable_tail_calls)) id<MLFeatureProvider>
tracekit_warmup_prediction(MLModel *model, id<MLFeatureProvider> inputs, MLPredictionOptions *options, id state,
                           NSError **error);

static inline id<MLFeatureProvider> predict(MLModel *model, id<MLFeatureProvider> inputs, MLPredictionOptions *options,
                                            id state, NSError **error) {
#if HAS_STATE
    if (state != nil) {
        if (@available(macOS 15.0, *)) {
            return [model predictionFromFeatures:inputs usingState:state options:options error:error];
        }
    }
#endif
    (void)state;
    return [model predictionFromFeatures:inputs options:options error:error];
}

id<MLFeatureProvider> tracekit_measured_prediction(MLModel *model, id<MLFeatureProvider> inputs,
                                                   MLPredictionOptions *options, id state, NSError **error) {
    id<MLFeatureProvider> outputs = predict(model, inputs, options, state, error);
    __asm__ volatile("" ::: "memory");
    return outputs;
}

id<MLFeatureProvider> tracekit_warmup_prediction(MLModel *model, id<MLFeatureProvider> inputs,
                                                 MLPredictionOptions *options, id state, NSError **error) {
    id<MLFeatureProvider> outputs = predict(model, inputs, options, state, error);
    __asm__ volatile("" ::: "memory");
    return outputs;
}

// ── clocks ────────────────────────────────────────────────────────────────────────────────────────────────────────

struct moment {
    uint64_t mach;
    uint64_t wall; // nanoseconds since 1970
};

static struct moment now(void) {
    struct timespec time;
    struct moment moment;
    clock_gettime(CLOCK_REALTIME, &time);
    moment.mach = mach_absolute_time();
    moment.wall = (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
    return moment;
}

static NSMutableDictionary *span(struct moment start, struct moment end) {
    return [@{
        @"start_mach" : @(start.mach),
        @"end_mach" : @(end.mach),
        @"start_wall_ns" : @(start.wall),
        @"end_wall_ns" : @(end.wall),
    } mutableCopy];
}

// ── what was asked for ────────────────────────────────────────────────────────────────────────────────────────────

@interface Request : NSObject
@property(nonatomic) NSString *model;
@property(nonatomic) NSString *sidecar;
@property(nonatomic) NSString *progress;
@property(nonatomic) NSString *computeUnits;
@property(nonatomic) NSString *function;
@property(nonatomic) NSInteger iterations;
@property(nonatomic) NSInteger warmup;
@property(nonatomic) NSMutableDictionary<NSString *, NSString *> *files;
@end

@implementation Request
@end

static NSError *problem(NSString *sentence) {
    return [NSError errorWithDomain:@"tracekit" code:1 userInfo:@{NSLocalizedDescriptionKey : sentence}];
}

static NSString *text(NSError *error) {
    return error == nil ? @"no reason was given" : error.localizedDescription;
}

static Request *requestFrom(NSArray<NSString *> *arguments) {
    Request *request = [Request new];
    request.computeUnits = @"all";
    request.iterations = 100;
    request.warmup = 10;
    request.files = [NSMutableDictionary dictionary];
    for (NSUInteger at = 1; at + 1 < arguments.count; at += 2) {
        NSString *name = arguments[at], *value = arguments[at + 1];
        if ([name isEqualToString:@"--model"]) {
            request.model = value;
        } else if ([name isEqualToString:@"--sidecar"]) {
            request.sidecar = value;
        } else if ([name isEqualToString:@"--progress"]) {
            request.progress = value;
        } else if ([name isEqualToString:@"--compute-units"]) {
            request.computeUnits = value;
        } else if ([name isEqualToString:@"--function"]) {
            request.function = value;
        } else if ([name isEqualToString:@"--iterations"]) {
            request.iterations = value.integerValue;
        } else if ([name isEqualToString:@"--warmup"]) {
            request.warmup = value.integerValue;
        } else if ([name isEqualToString:@"--input"] && [value containsString:@"="]) {
            NSRange sign = [value rangeOfString:@"="];
            request.files[[value substringToIndex:sign.location]] = [value substringFromIndex:sign.location + 1];
        } else {
            return nil;
        }
    }
    BOOL complete = request.model != nil && request.sidecar != nil && request.iterations > 0 && request.warmup >= 0;
    return complete ? request : nil;
}

static MLModelConfiguration *configurationFor(Request *request, NSError **error) {
    NSDictionary<NSString *, NSNumber *> *units = @{
        @"all" : @(MLComputeUnitsAll),
        @"cpuOnly" : @(MLComputeUnitsCPUOnly),
        @"cpuAndGPU" : @(MLComputeUnitsCPUAndGPU),
        @"cpuAndNeuralEngine" : @(MLComputeUnitsCPUAndNeuralEngine),
    };
    NSNumber *unit = units[request.computeUnits];
    if (unit == nil) {
        *error = problem([NSString stringWithFormat:@"there are no compute units %@", request.computeUnits]);
        return nil;
    }
    MLModelConfiguration *configuration = [MLModelConfiguration new];
    configuration.computeUnits = (MLComputeUnits)unit.integerValue;
#if HAS_STATE // functions came with the SDK that brought states
    if (request.function != nil) {
        if (@available(macOS 15.0, *)) {
            configuration.functionName = request.function;
        } else {
            *error = problem(@"functions of a model need macOS 15");
            return nil;
        }
    }
#endif
    return configuration;
}

// ── inputs ────────────────────────────────────────────────────────────────────────────────────────────────────────

static BOOL elementOf(MLMultiArrayDataType type, enum tk_element *element) {
    switch ((NSInteger)type) {
    case MLMultiArrayDataTypeDouble:
        *element = TK_FLOAT64;
        return YES;
    case MLMultiArrayDataTypeFloat32:
        *element = TK_FLOAT32;
        return YES;
    case MLMultiArrayDataTypeFloat16:
        *element = TK_FLOAT16;
        return YES;
    case MLMultiArrayDataTypeInt32:
        *element = TK_INT32;
        return YES;
    case kMultiArrayInt8:
        *element = TK_INT8;
        return YES;
    default:
        return NO;
    }
}

static size_t read_sizes(NSArray<NSNumber *> *numbers, int64_t *sizes) {
    size_t rank = MIN(numbers.count, (NSUInteger)TK_MAX_RANK);
    for (size_t axis = 0; axis < rank; axis++) {
        sizes[axis] = numbers[axis].longLongValue;
    }
    return rank;
}

static NSArray<NSNumber *> *sizeList(const int64_t *sizes, size_t rank) {
    NSMutableArray<NSNumber *> *numbers = [NSMutableArray array];
    for (size_t axis = 0; axis < rank; axis++) {
        [numbers addObject:@(sizes[axis])];
    }
    return numbers;
}

// The shape to use: a file's own, or one that the constraint allows.
static NSArray<NSNumber *> *shapeFor(MLMultiArrayConstraint *constraint) {
    MLMultiArrayShapeConstraint *flexible = constraint.shapeConstraint;
    int64_t preferred[TK_MAX_RANK], chosen[TK_MAX_RANK];
    struct tk_range ranges[TK_MAX_RANK];
    NSArray<NSNumber *> *usual = constraint.shape;
    enum tk_flexibility kind = TK_FIXED;
    NSMutableData *shapes = [NSMutableData data];
    NSUInteger count = 0;
    if (flexible.type == MLMultiArrayShapeConstraintTypeEnumerated) {
        kind = TK_ENUMERATED;
        usual = usual.count > 0 ? usual : flexible.enumeratedShapes.firstObject;
    } else if (flexible.type == MLMultiArrayShapeConstraintTypeRange) {
        kind = TK_RANGED;
    }
    size_t rank = read_sizes(usual, preferred);
    if (kind == TK_RANGED) {
        NSArray<NSValue *> *given = flexible.sizeRangeForDimension;
        if (rank == 0) {
            rank = MIN(given.count, (NSUInteger)TK_MAX_RANK);
            memset(preferred, 0, sizeof preferred);
        }
        if (given.count != rank) {
            return nil;
        }
        for (size_t axis = 0; axis < rank; axis++) {
            NSRange range = given[axis].rangeValue;
            ranges[axis] = tk_range_of(range.location, range.length);
        }
    }
    if (kind == TK_ENUMERATED) {
        for (NSArray<NSNumber *> *shape in flexible.enumeratedShapes) {
            int64_t sizes[TK_MAX_RANK];
            if (shape.count == rank) {
                read_sizes(shape, sizes);
                [shapes appendBytes:sizes length:rank * sizeof *sizes];
                count++;
            }
        }
    }
    BOOL found = tk_choose_shape(kind, preferred, rank, (const int64_t *)shapes.bytes, count, ranges, chosen);
    return found ? sizeList(chosen, rank) : nil;
}

static BOOL fillArray(MLMultiArray *array, enum tk_element type, uint64_t seed, NSData *file,
                      const struct tk_npy *npy) {
    __block BOOL filled = NO;
    [array getMutableBytesWithHandler:^(void *bytes, NSInteger size, NSArray<NSNumber *> *strides) {
        (void)size;
        int64_t sizes[TK_MAX_RANK], steps[TK_MAX_RANK];
        size_t rank = read_sizes(array.shape, sizes);
        if (read_sizes(strides, steps) != rank) {
            return;
        }
        if (file == nil) {
            tk_fill(bytes, type, sizes, steps, rank, seed);
        } else {
            tk_copy(bytes, type, sizes, steps, rank, (const uint8_t *)file.bytes + npy->offset, npy->type);
        }
        filled = YES;
    }];
    return filled;
}

static MLFeatureValue *arrayInput(MLFeatureDescription *feature, NSString *path, NSMutableDictionary *record,
                                  NSError **error) {
    enum tk_element type;
    struct tk_npy npy = {0};
    MLMultiArrayConstraint *constraint = feature.multiArrayConstraint;
    NSData *file = nil;
    NSArray<NSNumber *> *shape = nil;
    if (!elementOf(constraint.dataType, &type)) {
        *error = problem([NSString stringWithFormat:@"its element type %ld is not known", (long)constraint.dataType]);
        return nil;
    }
    if (path != nil) {
        file = [NSData dataWithContentsOfFile:path options:0 error:error];
        if (file == nil) {
            return nil;
        }
        const char *refused = tk_npy_parse((const uint8_t *)file.bytes, file.length, &npy);
        if (refused != NULL) {
            *error = problem([NSString stringWithFormat:@"%@: %s", path, refused]);
            return nil;
        }
        shape = sizeList(npy.shape, npy.rank);
    } else {
        shape = shapeFor(constraint);
    }
    if (shape == nil) {
        *error = problem(@"no shape satisfies its constraint; give it a file with --input");
        return nil;
    }
    MLMultiArray *array = [[MLMultiArray alloc] initWithShape:shape dataType:constraint.dataType error:error];
    if (array == nil || !fillArray(array, type, tk_seed(feature.name.UTF8String), file, &npy)) {
        return nil;
    }
    record[@"type"] = @"multiArray";
    record[@"shape"] = shape;
    record[@"data_type"] = @((NSInteger)constraint.dataType);
    return [MLFeatureValue featureValueWithMultiArray:array];
}

static NSInteger pixelsIn(NSRange range, NSInteger preferred) {
    return (NSInteger)tk_clamp(tk_range_of(range.location, range.length), preferred);
}

static void pickImageSize(MLImageConstraint *constraint, size_t *width, size_t *height) {
    MLImageSizeConstraint *flexible = constraint.sizeConstraint;
    NSInteger wide = constraint.pixelsWide, high = constraint.pixelsHigh;
    if (flexible.type == MLImageSizeConstraintTypeEnumerated && flexible.enumeratedImageSizes.count > 0) {
        MLImageSize *chosen = flexible.enumeratedImageSizes.firstObject;
        for (MLImageSize *size in flexible.enumeratedImageSizes) {
            if (size.pixelsWide == wide && size.pixelsHigh == high) {
                chosen = size;
            }
        }
        wide = chosen.pixelsWide;
        high = chosen.pixelsHigh;
    } else if (flexible.type == MLImageSizeConstraintTypeRange) {
        wide = pixelsIn(flexible.pixelsWideRange, wide);
        high = pixelsIn(flexible.pixelsHighRange, high);
    }
    *width = (size_t)wide;
    *height = (size_t)high;
}

// Fills every byte that an image row uses; half floats get values in [0, 1), since any bytes may be a NaN.
static void fillPixels(CVPixelBufferRef buffer, OSType format, uint64_t seed) {
    CVPixelBufferLockBaseAddress(buffer, 0);
    size_t planes = CVPixelBufferIsPlanar(buffer) ? CVPixelBufferGetPlaneCount(buffer) : 0;
    for (size_t plane = 0; plane < MAX(planes, (size_t)1); plane++) {
        uint8_t *base = planes ? CVPixelBufferGetBaseAddressOfPlane(buffer, plane) : CVPixelBufferGetBaseAddress(buffer);
        size_t stride = planes ? CVPixelBufferGetBytesPerRowOfPlane(buffer, plane) : CVPixelBufferGetBytesPerRow(buffer);
        size_t rows = planes ? CVPixelBufferGetHeightOfPlane(buffer, plane) : CVPixelBufferGetHeight(buffer);
        for (size_t row = 0; row < rows; row++) {
            for (size_t at = 0; at < stride; at++) {
                if (format != kCVPixelFormatType_OneComponent16Half) {
                    base[row * stride + at] = (uint8_t)tk_next(&seed);
                } else if (at % 2 == 0 && at + 1 < stride) {
                    uint16_t half = tk_half_from_double(tk_next(&seed) / 1024.0);
                    memcpy(base + row * stride + at, &half, sizeof half);
                }
            }
        }
    }
    CVPixelBufferUnlockBaseAddress(buffer, 0);
}

static MLFeatureValue *imageInput(MLFeatureDescription *feature, NSMutableDictionary *record, NSError **error) {
    MLImageConstraint *constraint = feature.imageConstraint;
    CVPixelBufferRef buffer = NULL;
    size_t width = 0, height = 0;
    pickImageSize(constraint, &width, &height);
    NSDictionary *options = @{(__bridge NSString *)kCVPixelBufferIOSurfacePropertiesKey : @{}};
    CVReturn made = CVPixelBufferCreate(NULL, width, height, constraint.pixelFormatType,
                                        (__bridge CFDictionaryRef)options, &buffer);
    if (made != kCVReturnSuccess) {
        *error = problem([NSString stringWithFormat:@"no image of %zu × %zu in its pixel format (error %d)", width,
                                                    height, (int)made]);
        return nil;
    }
    fillPixels(buffer, constraint.pixelFormatType, tk_seed(feature.name.UTF8String));
    MLFeatureValue *value = [MLFeatureValue featureValueWithPixelBuffer:buffer];
    CVPixelBufferRelease(buffer);
    record[@"type"] = @"image";
    record[@"shape"] = @[ @(height), @(width) ];
    record[@"pixel_format"] = @(constraint.pixelFormatType);
    return value;
}

static MLFeatureValue *sequenceInput(MLFeatureDescription *feature, NSMutableDictionary *record) {
    MLSequenceConstraint *constraint = feature.sequenceConstraint;
    NSRange range = constraint.countRange;
    NSUInteger count = (NSUInteger)tk_clamp(tk_range_of(range.location, range.length), 1);
    uint64_t seed = tk_seed(feature.name.UTF8String);
    BOOL ofStrings = constraint.valueDescription.type == MLFeatureTypeString;
    NSMutableArray *values = [NSMutableArray array];
    for (NSUInteger each = 0; each < count; each++) {
        unsigned next = tk_next(&seed) % 10;
        [values addObject:ofStrings ? (id)[NSString stringWithFormat:@"token%u", next] : (id) @(next)];
    }
    record[@"type"] = ofStrings ? @"sequence of strings" : @"sequence of int64";
    record[@"shape"] = @[ @(count) ];
    MLSequence *sequence = ofStrings ? [MLSequence sequenceWithStringArray:values]
                                     : [MLSequence sequenceWithInt64Array:values];
    return [MLFeatureValue featureValueWithSequence:sequence];
}

static MLFeatureValue *dictionaryInput(MLFeatureDescription *feature, NSMutableDictionary *record, NSError **error) {
    BOOL byString = feature.dictionaryConstraint.keyType == MLFeatureTypeString;
    NSDictionary *values = byString ? @{@"one" : @1.0, @"two" : @0.5} : @{@1 : @1.0, @2 : @0.5};
    record[@"type"] = byString ? @"dictionary by string" : @"dictionary by int64";
    return [MLFeatureValue featureValueWithDictionary:values error:error];
}

static MLFeatureValue *inputFor(MLFeatureDescription *feature, NSString *path, NSMutableDictionary *record,
                                NSError **error) {
    if (path != nil && feature.type != MLFeatureTypeMultiArray) {
        *error = problem(@"files are taken for multi-arrays only");
        return nil;
    }
    switch (feature.type) {
    case MLFeatureTypeMultiArray:
        return arrayInput(feature, path, record, error);
    case MLFeatureTypeImage:
        return imageInput(feature, record, error);
    case MLFeatureTypeSequence:
        return sequenceInput(feature, record);
    case MLFeatureTypeDictionary:
        return dictionaryInput(feature, record, error);
    case MLFeatureTypeInt64:
        record[@"type"] = @"int64";
        return [MLFeatureValue featureValueWithInt64:1];
    case MLFeatureTypeDouble:
        record[@"type"] = @"double";
        return [MLFeatureValue featureValueWithDouble:0.5];
    case MLFeatureTypeString:
        record[@"type"] = @"string";
        return [MLFeatureValue featureValueWithString:@"tracekit"];
    default:
        *error = problem([NSString stringWithFormat:@"its type %ld is not known", (long)feature.type]);
        return nil;
    }
}

static id<MLFeatureProvider> inputsFor(MLModelDescription *description, Request *request, NSMutableDictionary *sidecar,
                                       NSError **error) {
    NSDictionary<NSString *, MLFeatureDescription *> *features = description.inputDescriptionsByName;
    NSMutableDictionary<NSString *, MLFeatureValue *> *values = [NSMutableDictionary dictionary];
    NSMutableArray *records = [NSMutableArray array], *skipped = [NSMutableArray array];
    for (NSString *name in request.files) {
        if (features[name] == nil) {
            *error = problem([NSString stringWithFormat:@"the model has no input %@", name]);
            return nil;
        }
    }
    for (NSString *name in [features.allKeys sortedArrayUsingSelector:@selector(compare:)]) {
        NSString *path = request.files[name];
        if (features[name].isOptional && path == nil) {
            [skipped addObject:name];
            continue;
        }
        NSMutableDictionary *record = [@{@"name" : name, @"source" : path ? path : @"generated"} mutableCopy];
        NSError *refused = nil;
        MLFeatureValue *value = inputFor(features[name], path, record, &refused);
        if (value == nil) {
            *error = problem([NSString stringWithFormat:@"input %@: %@", name, text(refused)]);
            return nil;
        }
        values[name] = value;
        [records addObject:record];
    }
    sidecar[@"inputs"] = records;
    sidecar[@"skipped_inputs"] = skipped;
    return [[MLDictionaryFeatureProvider alloc] initWithDictionary:values error:error];
}

static id stateFor(MLModel *model, NSMutableDictionary *sidecar) {
    sidecar[@"state"] = [NSNull null];
#if HAS_STATE
    if (@available(macOS 15.0, *)) {
        NSArray<NSString *> *names = model.modelDescription.stateDescriptionsByName.allKeys;
        if (names.count > 0) {
            sidecar[@"state"] = @{@"names" : names, @"reused" : @YES};
            return [model newState];
        }
    }
#endif
    (void)model;
    return nil;
}

// ── what the system says: devices and plan ────────────────────────────────────────────────────────────────────────

API_AVAILABLE(macos(14.0)) static NSString *kindOf(id<MLComputeDeviceProtocol> device) {
    NSObject *object = (NSObject *)device;
    if ([object isKindOfClass:[MLNeuralEngineComputeDevice class]]) {
        return @"ANE";
    }
    if ([object isKindOfClass:[MLGPUComputeDevice class]]) {
        return @"GPU";
    }
    return [object isKindOfClass:[MLCPUComputeDevice class]] ? @"CPU" : @"unknown";
}

static id devices(void) {
    if (@available(macOS 14.0, *)) {
        NSMutableArray *found = [NSMutableArray array];
        for (id<MLComputeDeviceProtocol> device in MLModel.availableComputeDevices) {
            [found addObject:kindOf(device)];
        }
        return found;
    }
    return [NSNull null];
}

#if HAS_COMPUTE_PLAN
static const int64_t kPlanTimeoutSeconds = 120;

API_AVAILABLE(macos(14.4))
static NSMutableDictionary *placement(NSString *name, NSString *operator, MLComputePlanDeviceUsage *usage,
                                      MLComputePlanCost *cost) {
    NSMutableArray *supported = [NSMutableArray array];
    for (id<MLComputeDeviceProtocol> device in usage.supportedComputeDevices) {
        [supported addObject:kindOf(device)];
    }
    return [@{
        @"name" : name ? name : @"",
        @"operator" : operator ? operator : @"",
        @"supported" : supported,
        @"preferred" : usage == nil ? (id)[NSNull null] : (id)kindOf(usage.preferredComputeDevice),
        @"cost" : cost == nil ? (id)[NSNull null] : (id) @(cost.weight),
    } mutableCopy];
}

API_AVAILABLE(macos(14.4)) static NSArray *operationsOf(MLComputePlan *plan) {
    NSMutableArray *operations = [NSMutableArray array];
    MLModelStructure *structure = plan.modelStructure;
    for (NSString *function in structure.program.functions) {
        for (MLModelStructureProgramOperation *operation in structure.program.functions[function].block.operations) {
            MLComputePlanDeviceUsage *usage = [plan computeDeviceUsageForMLProgramOperation:operation];
            MLComputePlanCost *cost = [plan estimatedCostOfMLProgramOperation:operation];
            NSMutableDictionary *record =
                placement(operation.outputs.firstObject.name, operation.operatorName, usage, cost);
            record[@"function"] = function;
            [operations addObject:record];
        }
    }
    for (MLModelStructureNeuralNetworkLayer *layer in structure.neuralNetwork.layers) {
        MLComputePlanDeviceUsage *usage = [plan computeDeviceUsageForNeuralNetworkLayer:layer];
        [operations addObject:placement(layer.name, layer.type, usage, nil)];
    }
    return operations;
}
#endif

// The plan is a prediction of Core ML's, not a measurement; it is asked for after the measured loop.
static void addPlan(NSMutableDictionary *sidecar, NSURL *compiled, MLModelConfiguration *configuration) {
    sidecar[@"compute_plan"] = [NSNull null];
#if HAS_COMPUTE_PLAN
    if (@available(macOS 14.4, *)) {
        dispatch_semaphore_t done = dispatch_semaphore_create(0);
        __block NSArray *operations = nil;
        __block NSString *refused = nil;
        [MLComputePlan loadContentsOfURL:compiled
                           configuration:configuration
                       completionHandler:^(MLComputePlan *plan, NSError *error) {
                           if (plan != nil) {
                               operations = operationsOf(plan);
                           } else {
                               refused = text(error);
                           }
                           dispatch_semaphore_signal(done);
                       }];
        dispatch_time_t until = dispatch_time(DISPATCH_TIME_NOW, kPlanTimeoutSeconds * (int64_t)NSEC_PER_SEC);
        if (dispatch_semaphore_wait(done, until) != 0) {
            sidecar[@"compute_plan_note"] = @"the plan was not there after two minutes";
        } else if (operations != nil) {
            sidecar[@"compute_plan"] = @{@"operations" : operations};
        } else {
            sidecar[@"compute_plan_note"] = refused;
        }
        return;
    }
#endif
    (void)compiled;
    (void)configuration;
    sidecar[@"compute_plan_note"] = @"MLComputePlan needs macOS 14.4, and a harness built with its SDK";
}

// ── the run ───────────────────────────────────────────────────────────────────────────────────────────────────────

static int progress_file = -1;

// One line that tracekit reads while the harness runs; it is written between predictions, never inside one.
static void tell(NSString *phase, NSInteger done, NSInteger of) {
    static uint64_t last;
    struct moment at = now();
    if (progress_file < 0 || (done > 0 && done < of && at.wall - last < kProgressEveryNanoseconds)) {
        return;
    }
    last = at.wall;
    char line[64];
    int length = snprintf(line, sizeof line, "%-10s %10ld %10ld\n", phase.UTF8String, (long)done, (long)of);
    if (pwrite(progress_file, line, (size_t)length, 0) < 0) {
        progress_file = -1;
    }
}

static BOOL loop(MLModel *model, id<MLFeatureProvider> inputs, id state, NSInteger count, BOOL warmup,
                 NSMutableArray *iterations, NSError **error) {
    os_log_t log = os_log_create("tracekit", OS_LOG_CATEGORY_POINTS_OF_INTEREST);
    MLPredictionOptions *options = [MLPredictionOptions new];
    for (NSInteger index = 0; index < count; index++) {
        @autoreleasepool {
            os_signpost_id_t signpost = os_signpost_id_generate(log);
            NSError *refused = nil;
            id<MLFeatureProvider> outputs = nil;
            os_signpost_interval_begin(log, signpost, "prediction", "%ld %d", (long)index, (int)warmup);
            struct moment start = now();
            if (warmup) {
                outputs = tracekit_warmup_prediction(model, inputs, options, state, &refused);
            } else {
                outputs = tracekit_measured_prediction(model, inputs, options, state, &refused);
            }
            struct moment end = now();
            os_signpost_interval_end(log, signpost, "prediction");
            if (outputs == nil) {
                *error = problem([NSString stringWithFormat:@"prediction %ld failed: %@", (long)index, text(refused)]);
                return NO;
            }
            NSMutableDictionary *iteration = span(start, end);
            iteration[@"index"] = @(index);
            iteration[@"warmup"] = @(warmup);
            [iterations addObject:iteration];
        }
        tell(warmup ? @"warmup" : @"measure", index + 1, count);
    }
    return YES;
}

static void addPhase(NSMutableDictionary *sidecar, NSString *name, struct moment start) {
    NSMutableDictionary *phase = span(start, now());
    phase[@"name"] = name;
    [sidecar[@"phases"] addObject:phase];
}

static NSURL *compiledModel(Request *request, NSMutableDictionary *sidecar, NSError **error) {
    NSURL *model = [NSURL fileURLWithPath:request.model];
    BOOL isCompiled = [model.pathExtension isEqualToString:@"mlmodelc"];
    sidecar[@"model"] = @{@"path" : request.model, @"compiled" : @(isCompiled)};
    if (isCompiled) {
        return model;
    }
    tell(@"compile", 0, 1);
    struct moment start = now();
    NSURL *compiled = [MLModel compileModelAtURL:model error:error];
    addPhase(sidecar, @"compile", start);
    return compiled;
}

static BOOL run(Request *request, NSMutableDictionary *sidecar, NSError **error) {
    MLModelConfiguration *configuration = configurationFor(request, error);
    NSURL *compiled = configuration == nil ? nil : compiledModel(request, sidecar, error);
    if (compiled == nil) {
        return NO;
    }
    tell(@"load", 0, 1);
    struct moment start = now();
    MLModel *model = [MLModel modelWithContentsOfURL:compiled configuration:configuration error:error];
    addPhase(sidecar, @"load", start);
    id<MLFeatureProvider> inputs = model == nil ? nil : inputsFor(model.modelDescription, request, sidecar, error);
    BOOL done = NO;
    if (inputs != nil) {
        NSMutableArray *iterations = sidecar[@"iterations"];
        id state = stateFor(model, sidecar);
        start = now();
        done = loop(model, inputs, state, request.warmup, YES, iterations, error);
        addPhase(sidecar, @"warmup", start);
        start = now();
        done = done && loop(model, inputs, state, request.iterations, NO, iterations, error);
        addPhase(sidecar, @"measure", start);
    }
    if (done) {
        start = now();
        tell(@"plan", 0, 1);
        addPlan(sidecar, compiled, configuration);
        addPhase(sidecar, @"plan", start);
    }
    BOOL isOurs = ![sidecar[@"model"][@"compiled"] boolValue];
    if (isOurs) {
        [NSFileManager.defaultManager removeItemAtURL:compiled error:NULL];
    }
    return done;
}

static NSString *systemText(const char *name) {
    char value[256] = "";
    size_t size = sizeof value;
    return sysctlbyname(name, value, &size, NULL, 0) == 0 ? [NSString stringWithUTF8String:value] : @"";
}

static NSMutableDictionary *newSidecar(Request *request) {
    mach_timebase_info_data_t timebase;
    mach_timebase_info(&timebase);
    return [@{
        @"schema" : @"tracekit.sidecar/1",
        @"harness" : @TRACEKIT_HARNESS_SOURCE,
        @"pid" : @(getpid()),
        @"os" : NSProcessInfo.processInfo.operatingSystemVersionString,
        @"os_build" : systemText("kern.osversion"),
        @"machine" : systemText("hw.model"),
        @"timebase" : @{@"numer" : @(timebase.numer), @"denom" : @(timebase.denom)},
        @"compute_units" : request.computeUnits,
        @"compute_devices" : devices(),
        @"function" : request.function ? (id)request.function : (id)[NSNull null],
        @"phases" : [NSMutableArray array],
        @"iterations" : [NSMutableArray array],
        @"error" : [NSNull null],
    } mutableCopy];
}

int main(void) {
    @autoreleasepool {
        Request *request = requestFrom(NSProcessInfo.processInfo.arguments);
        if (request == nil) {
            fprintf(stderr, "usage: tracekit-harness --model M --sidecar OUT.json [--compute-units U] "
                            "[--iterations N] [--warmup N] [--function F] [--input NAME=FILE.npy] [--progress FILE]\n");
            return 2;
        }
        if (request.progress != nil) {
            progress_file = open(request.progress.fileSystemRepresentation, O_WRONLY | O_CREAT, 0644);
        }
        NSMutableDictionary *sidecar = newSidecar(request);
        NSError *error = nil;
        BOOL done = run(request, sidecar, &error);
        if (!done) {
            sidecar[@"error"] = text(error);
            fprintf(stderr, "%s\n", text(error).UTF8String);
        }
        NSJSONWritingOptions pretty = NSJSONWritingPrettyPrinted | NSJSONWritingSortedKeys;
        NSData *json = [NSJSONSerialization dataWithJSONObject:sidecar options:pretty error:&error];
        if (json == nil || ![json writeToFile:request.sidecar options:NSDataWritingAtomic error:&error]) {
            fprintf(stderr, "the sidecar cannot be written: %s\n", text(error).UTF8String);
            return 1;
        }
        return done ? 0 : 1;
    }
}
