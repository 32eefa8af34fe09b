// A Core ML of our own: a model is a JSON file that says what its predictions do.
//
//     {"inputs": [{"name", "type", …}], "states": ["cache"], "microseconds": 500,
//      "at": {"19": "fail"},          prediction 19, counted from 0 with those of warm-up: fail, raise, abort, hang, exit
//      "load": "fail",                also raise, abort
//      "plan": "abort"}               also fail, hang, pipeline; else a program with nested blocks

#import <CoreML/CoreML.h>
#import <CoreML/MLComputePlan.h>
#import <objc/runtime.h>

#include <Block.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

// The declarations have no room for values, and the runtime cannot add any: they are kept behind each object.
static id made(Class class, id value) {
    id object = NSAllocateObject(class, sizeof(id), NULL);
    *(id *)((char *)object + class_getInstanceSize(class)) = value;
    return object;
}

static id valueOf(id object) { return *(id *)((char *)object + class_getInstanceSize([object class])); }

#define VALUE(key) [valueOf(self) objectForKey:key]
#define KEPT                                                                                                           \
    +(instancetype)alloc {                                                                                             \
        return made(self, [NSMutableDictionary dictionary]);                                                           \
    }

static NSError *refusal(NSString *sentence) {
    return [NSError errorWithDomain:@"com.apple.CoreML" code:0 userInfo:@{NSLocalizedDescriptionKey : sentence}];
}

// Returns NO where it fails, and not at all where it does worse.
static BOOL act(NSString *what, NSError **error) {
    if ([what isEqualToString:@"fail"]) {
        *error = refusal(@"the stub was told to fail: \"quoted\" \\ and\ttabbed, größer");
        return NO;
    }
    if ([what isEqualToString:@"raise"]) {
        [NSException raise:NSInvalidArgumentException format:@"the stub was told to raise"];
    } else if ([what isEqualToString:@"abort"]) {
        abort();
    } else if ([what isEqualToString:@"exit"]) {
        exit(3);
    } else if ([what isEqualToString:@"hang"]) {
        while (YES) {
            pause();
        }
    }
    return YES;
}

@implementation MLFeatureDescription
- (NSString *)name {
    return VALUE(@"name");
}
- (MLFeatureType)type {
    return (MLFeatureType)[VALUE(@"type") integerValue];
}
- (BOOL)isOptional {
    return [VALUE(@"optional") boolValue];
}
- (MLMultiArrayConstraint *)multiArrayConstraint {
    return made([MLMultiArrayConstraint class], valueOf(self));
}
- (MLImageConstraint *)imageConstraint {
    return made([MLImageConstraint class], valueOf(self));
}
- (MLDictionaryConstraint *)dictionaryConstraint {
    return made([MLDictionaryConstraint class], valueOf(self));
}
- (MLSequenceConstraint *)sequenceConstraint {
    return made([MLSequenceConstraint class], valueOf(self));
}
@end

@implementation MLMultiArrayConstraint
- (NSArray *)shape {
    return VALUE(@"shape");
}
- (MLMultiArrayDataType)dataType {
    return (MLMultiArrayDataType)[VALUE(@"data_type") integerValue];
}
- (MLMultiArrayShapeConstraint *)shapeConstraint {
    return made([MLMultiArrayShapeConstraint class], valueOf(self));
}
@end

@implementation MLMultiArrayShapeConstraint
- (MLMultiArrayShapeConstraintType)type {
    return VALUE(@"shapes")   ? MLMultiArrayShapeConstraintTypeEnumerated
           : VALUE(@"ranges") ? MLMultiArrayShapeConstraintTypeRange
                              : MLMultiArrayShapeConstraintTypeUnspecified;
}
- (NSArray *)enumeratedShapes {
    return VALUE(@"shapes");
}
- (NSArray *)sizeRangeForDimension {
    NSMutableArray *ranges = [NSMutableArray array];
    for (NSArray *range in VALUE(@"ranges")) {
        NSUInteger low = [[range objectAtIndex:0] unsignedIntegerValue];
        NSUInteger high = [[range objectAtIndex:1] unsignedIntegerValue];
        [ranges addObject:[NSValue valueWithRange:NSMakeRange(low, high - low + 1)]];
    }
    return ranges;
}
@end

@implementation MLImageConstraint
- (NSInteger)pixelsWide {
    return [VALUE(@"wide") integerValue];
}
- (NSInteger)pixelsHigh {
    return [VALUE(@"high") integerValue];
}
- (OSType)pixelFormatType {
    return 'BGRA';
}
- (MLImageSizeConstraint *)sizeConstraint {
    return nil;
}
@end

@implementation MLDictionaryConstraint
- (MLFeatureType)keyType {
    return MLFeatureTypeString;
}
@end

@implementation MLSequenceConstraint
- (MLFeatureDescription *)valueDescription {
    return made([MLFeatureDescription class], @{@"type" : @(MLFeatureTypeInt64)});
}
- (NSRange)countRange {
    return NSMakeRange(3, 2);
}
@end

@implementation MLImageSizeConstraint
@end
@implementation MLImageSize
@end

@implementation MLMultiArray
KEPT
- (instancetype)initWithShape:(NSArray *)shape dataType:(MLMultiArrayDataType)type error:(NSError **)error {
    [valueOf(self) setObject:shape forKey:@"shape"];
    return self;
}
- (NSArray *)shape {
    return VALUE(@"shape");
}
- (void)getMutableBytesWithHandler:(void (^)(void *, NSInteger, NSArray<NSNumber *> *))handler {
    NSMutableArray *strides = [NSMutableArray array];
    NSInteger count = 1;
    for (NSNumber *size in [[self shape] reverseObjectEnumerator]) {
        [strides insertObject:@(count) atIndex:0];
        count *= [size integerValue];
    }
    handler(calloc((size_t)count, 8), count * 8, strides);
}
@end

@implementation MLSequence
+ (instancetype)sequenceWithStringArray:(NSArray *)values {
    return made(self, values);
}
+ (instancetype)sequenceWithInt64Array:(NSArray *)values {
    return made(self, values);
}
@end

@implementation MLFeatureValue
+ (instancetype)featureValueWithInt64:(int64_t)value {
    return made(self, nil);
}
+ (instancetype)featureValueWithDouble:(double)value {
    return made(self, nil);
}
+ (instancetype)featureValueWithString:(NSString *)value {
    return made(self, nil);
}
+ (instancetype)featureValueWithMultiArray:(MLMultiArray *)value {
    return made(self, nil);
}
+ (instancetype)featureValueWithPixelBuffer:(CVPixelBufferRef)value {
    return made(self, nil);
}
+ (instancetype)featureValueWithSequence:(MLSequence *)value {
    return made(self, nil);
}
+ (instancetype)featureValueWithDictionary:(NSDictionary *)value error:(NSError **)error {
    return made(self, nil);
}
@end

@implementation MLDictionaryFeatureProvider
- (instancetype)initWithDictionary:(NSDictionary *)values error:(NSError **)error {
    return self;
}
@end

@implementation MLArrayBatchProvider
- (instancetype)initWithFeatureProviderArray:(NSArray *)array {
    return self;
}
@end

@implementation MLPredictionOptions
@end

@implementation MLState
@end

@implementation MLModelConfiguration
KEPT
- (MLComputeUnits)computeUnits {
    return (MLComputeUnits)[VALUE(@"units") integerValue];
}
- (void)setComputeUnits:(MLComputeUnits)units {
    [valueOf(self) setObject:@(units) forKey:@"units"];
}
@end
@implementation MLModelConfiguration (Xcode16)
- (NSString *)functionName {
    return VALUE(@"function");
}
- (void)setFunctionName:(NSString *)name {
    [valueOf(self) setObject:name forKey:@"function"];
}
@end

@implementation MLModelDescription
- (NSDictionary *)inputDescriptionsByName {
    NSMutableDictionary *inputs = [NSMutableDictionary dictionary];
    for (NSDictionary *each in VALUE(@"inputs")) {
        [inputs setObject:made([MLFeatureDescription class], each) forKey:[each objectForKey:@"name"]];
    }
    return inputs;
}
@end
@implementation MLModelDescription (Xcode16)
- (NSDictionary *)stateDescriptionsByName {
    NSArray *names = VALUE(@"states");
    return names == nil ? @{} : [NSDictionary dictionaryWithObjects:names forKeys:names];
}
@end

@implementation MLCPUComputeDevice
@end
@implementation MLGPUComputeDevice
@end
@implementation MLNeuralEngineComputeDevice
@end

static NSInteger predictions;

@interface MLModel (Ours)
- (id<MLFeatureProvider>)predictWith:(id<MLFeatureProvider>)inputs error:(NSError **)error;
@end

@implementation MLModel
+ (NSURL *)compileModelAtURL:(NSURL *)model error:(NSError **)error {
    NSString *compiled = [[model path] stringByAppendingString:@".mlmodelc"];
    return [[NSFileManager defaultManager] copyItemAtPath:[model path] toPath:compiled error:error]
               ? [NSURL fileURLWithPath:compiled]
               : nil;
}
+ (instancetype)modelWithContentsOfURL:(NSURL *)url
                         configuration:(MLModelConfiguration *)configuration
                                 error:(NSError **)error {
    NSData *data = [NSData dataWithContentsOfFile:[url path] options:0 error:error];
    NSDictionary *facts = data ? [NSJSONSerialization JSONObjectWithData:data options:0 error:error] : nil;
    return facts != nil && act([facts objectForKey:@"load"], error) ? made(self, facts) : nil;
}
- (MLModelDescription *)modelDescription {
    return made([MLModelDescription class], valueOf(self));
}
- (id<MLFeatureProvider>)predictionFromFeatures:(id<MLFeatureProvider>)inputs
                                        options:(MLPredictionOptions *)options
                                          error:(NSError **)error {
    if (VALUE(@"states") != nil) {
        *error = refusal(@"a model with states needs one");
        return nil;
    }
    return [self predictWith:inputs error:error];
}
- (id<MLFeatureProvider>)predictWith:(id<MLFeatureProvider>)inputs error:(NSError **)error {
    usleep((useconds_t)[VALUE(@"microseconds") integerValue]);
    NSString *number = [NSString stringWithFormat:@"%ld", (long)predictions++];
    return act([VALUE(@"at") objectForKey:number], error) ? inputs : nil;
}
- (id<MLBatchProvider>)predictionsFromBatch:(id<MLBatchProvider>)inputs
                                    options:(MLPredictionOptions *)options
                                      error:(NSError **)error {
    return [self predictionFromFeatures:nil options:options error:error] != nil || *error == nil ? inputs : nil;
}
@end

struct answer {
    MLModel *model;
    id<MLFeatureProvider> inputs;
    void (^handler)(id<MLFeatureProvider>, NSError *);
};

static void *answer(void *given) {
    struct answer *one = given;
    NSError *error = nil;
    id<MLFeatureProvider> outputs = [one->model predictWith:one->inputs error:&error];
    one->handler(outputs, error);
    return NULL;
}

static void answer_later(MLModel *model, id<MLFeatureProvider> inputs,
                         void (^handler)(id<MLFeatureProvider>, NSError *)) {
    struct answer *one = malloc(sizeof *one);
    pthread_t thread;
    *one = (struct answer){model, inputs, Block_copy(handler)};
    pthread_create(&thread, NULL, answer, one);
    pthread_detach(thread);
}

@implementation MLModel (Xcode15)
+ (NSArray *)availableComputeDevices {
    return @[ [MLCPUComputeDevice new], [MLGPUComputeDevice new], [MLNeuralEngineComputeDevice new] ];
}
- (void)predictionFromFeatures:(id<MLFeatureProvider>)inputs
                       options:(MLPredictionOptions *)options
             completionHandler:(void (^)(id<MLFeatureProvider>, NSError *))handler {
    answer_later(self, inputs, handler);
}
@end

@implementation MLModel (Xcode16)
- (MLState *)newState {
    return [MLState new];
}
- (id<MLFeatureProvider>)predictionFromFeatures:(id<MLFeatureProvider>)inputs
                                     usingState:(MLState *)state
                                        options:(MLPredictionOptions *)options
                                          error:(NSError **)error {
    return [self predictWith:inputs error:error];
}
- (void)predictionFromFeatures:(id<MLFeatureProvider>)inputs
                    usingState:(MLState *)state
                       options:(MLPredictionOptions *)options
             completionHandler:(void (^)(id<MLFeatureProvider>, NSError *))handler {
    answer_later(self, inputs, handler);
}
@end

// ── the plan: a tree of dictionaries behind Core ML's classes ─────────────────────────────────────────────────────

static NSArray *all(Class class, NSArray *values) {
    NSMutableArray *objects = [NSMutableArray array];
    for (id value in values) {
        [objects addObject:made(class, value)];
    }
    return objects;
}

@implementation MLModelStructureProgramNamedValueType
- (NSString *)name {
    return valueOf(self);
}
@end
@implementation MLModelStructureProgramOperation
- (NSString *)operatorName {
    return VALUE(@"operator");
}
- (NSArray *)outputs {
    return all([MLModelStructureProgramNamedValueType class], @[ VALUE(@"name") ]);
}
- (NSArray *)blocks {
    return all([MLModelStructureProgramBlock class], VALUE(@"blocks"));
}
@end
@implementation MLModelStructureProgramBlock
- (NSArray *)operations {
    return all([MLModelStructureProgramOperation class], valueOf(self));
}
@end
@implementation MLModelStructureProgramFunction
- (MLModelStructureProgramBlock *)block {
    return made([MLModelStructureProgramBlock class], valueOf(self));
}
@end
@implementation MLModelStructureProgram
- (NSDictionary *)functions {
    return @{@"main" : made([MLModelStructureProgramFunction class], valueOf(self))};
}
@end
@implementation MLModelStructureNeuralNetworkLayer
- (NSString *)name {
    return VALUE(@"name");
}
- (NSString *)type {
    return VALUE(@"operator");
}
@end
@implementation MLModelStructureNeuralNetwork
- (NSArray *)layers {
    return all([MLModelStructureNeuralNetworkLayer class], valueOf(self));
}
@end
@implementation MLModelStructurePipeline
- (NSArray *)subModelNames {
    return @[ @"resize", @"classify" ];
}
- (NSArray *)subModels {
    return all([MLModelStructure class], valueOf(self));
}
@end
@implementation MLModelStructure
- (MLModelStructureProgram *)program {
    return VALUE(@"program") ? made([MLModelStructureProgram class], VALUE(@"program")) : nil;
}
- (MLModelStructureNeuralNetwork *)neuralNetwork {
    return VALUE(@"layers") ? made([MLModelStructureNeuralNetwork class], VALUE(@"layers")) : nil;
}
- (MLModelStructurePipeline *)pipeline {
    return VALUE(@"parts") ? made([MLModelStructurePipeline class], VALUE(@"parts")) : nil;
}
@end
@implementation MLComputePlanCost
- (double)weight {
    return 0.5;
}
@end
@implementation MLComputePlanDeviceUsage
- (NSArray *)supportedComputeDevices {
    return [MLModel availableComputeDevices];
}
- (id<MLComputeDeviceProtocol>)preferredComputeDevice {
    return [[MLModel availableComputeDevices] lastObject];
}
@end

@implementation MLComputePlan
+ (void)loadContentsOfURL:(NSURL *)url
            configuration:(MLModelConfiguration *)configuration
        completionHandler:(void (^)(MLComputePlan *, NSError *))handler {
    NSData *data = [NSData dataWithContentsOfFile:[url path] options:0 error:NULL];
    NSString *what = [[NSJSONSerialization JSONObjectWithData:data options:0 error:NULL] objectForKey:@"plan"];
    NSError *error = nil;
    if (!act(what, &error)) {
        handler(nil, error);
        return;
    }
    NSArray *inner = @[ @{@"name" : @"step", @"operator" : @"add"} ];
    NSArray *branches = @[ inner, @[ @{@"name" : @"other", @"operator" : @"mul"} ] ];
    NSArray *body = @[ @{@"name" : @"branch", @"operator" : @"cond", @"blocks" : branches} ];
    NSDictionary *loop = @{@"name" : @"loop", @"operator" : @"while_loop", @"blocks" : @[ body ]};
    NSArray *operations = @[ @{@"name" : @"conv0", @"operator" : @"conv"}, loop ];
    NSArray *layers = @[ @{@"name" : @"scale", @"operator" : @"resize"} ];
    NSDictionary *program = @{@"program" : operations};
    BOOL isPipeline = [what isEqualToString:@"pipeline"];
    handler(made(self, isPipeline ? @{@"parts" : @[ @{@"layers" : layers}, program ]} : program), nil);
}
- (MLModelStructure *)modelStructure {
    return made([MLModelStructure class], valueOf(self));
}
- (MLComputePlanCost *)estimatedCostOfMLProgramOperation:(MLModelStructureProgramOperation *)operation {
    return [MLComputePlanCost new];
}
- (MLComputePlanDeviceUsage *)computeDeviceUsageForMLProgramOperation:(MLModelStructureProgramOperation *)operation {
    return [MLComputePlanDeviceUsage new];
}
- (MLComputePlanDeviceUsage *)computeDeviceUsageForNeuralNetworkLayer:(MLModelStructureNeuralNetworkLayer *)layer {
    return [MLComputePlanDeviceUsage new];
}
@end
