// Core ML's compute plan: for every operation, the engines that could run it and the one that Core ML prefers. It is
// what Core ML expects, not a measurement. Asking for it has been seen to end the process (apple/coremltools#2757), so
// tracekit asks in a run of its own, which is not recorded.

#import "harness.h"

#if HAS_COMPUTE_PLAN
#import <CoreML/MLComputePlan.h>

static const int64_t kPlanTimeoutSeconds = 120;

// Where in a model an operation is: all three may be nil.
struct place {
    __unsafe_unretained NSString *model;    // the part of a pipeline
    __unsafe_unretained NSString *function; // of an ML Program
    __unsafe_unretained NSString *within;   // the operation whose block it is in: "loop/0", "loop/0/branch/1"
};

API_AVAILABLE(macos(14.4), ios(17.4))
static void addOperation(NSMutableArray *operations, struct place place, NSString *name, NSString *operator,
                         MLComputePlanDeviceUsage *usage, MLComputePlanCost *cost) {
    NSMutableArray *supported = [NSMutableArray array];
    for (id<MLComputeDeviceProtocol> device in usage.supportedComputeDevices) {
        [supported addObject:kindOf(device)];
    }
    NSMutableDictionary *record = [NSMutableDictionary dictionary];
    put(record, @"name", name ? name : @"");
    put(record, @"operator", operator ? operator : @"");
    put(record, @"supported", supported);
    put(record, @"preferred", usage == nil ? nil : kindOf(usage.preferredComputeDevice));
    put(record, @"cost", cost == nil ? nil : @(cost.weight));
    put(record, @"function", place.function);
    put(record, @"model", place.model);
    put(record, @"within", place.within);
    [operations addObject:record];
}

// An operation with blocks (a loop, a conditional) stands before what is in them.
API_AVAILABLE(macos(14.4), ios(17.4))
static void addBlock(NSMutableArray *operations, MLComputePlan *plan, MLModelStructureProgramBlock *block,
                     struct place place) {
    for (MLModelStructureProgramOperation *operation in block.operations) {
        NSString *name = [operation.outputs.firstObject name];
        addOperation(operations, place, name, operation.operatorName,
                     [plan computeDeviceUsageForMLProgramOperation:operation],
                     [plan estimatedCostOfMLProgramOperation:operation]);
        NSUInteger number = 0;
        for (MLModelStructureProgramBlock *nested in operation.blocks) {
            NSString *own = name.length > 0 ? name : operation.operatorName;
            NSString *within = [NSString stringWithFormat:@"%@/%lu", own, (unsigned long)number++];
            struct place inside = place;
            within = place.within == nil ? within : [NSString stringWithFormat:@"%@/%@", place.within, within];
            inside.within = within;
            addBlock(operations, plan, nested, inside);
        }
    }
}

API_AVAILABLE(macos(14.4), ios(17.4))
static void addStructure(NSMutableArray *operations, MLComputePlan *plan, MLModelStructure *structure,
                         struct place place) {
    NSDictionary<NSString *, MLModelStructureProgramFunction *> *functions = structure.program.functions;
    for (NSString *function in [functions.allKeys sortedArrayUsingSelector:@selector(compare:)]) {
        struct place inside = place;
        inside.function = function;
        addBlock(operations, plan, [[functions objectForKey:function] block], inside);
    }
    for (MLModelStructureNeuralNetworkLayer *layer in structure.neuralNetwork.layers) {
        addOperation(operations, place, layer.name, layer.type, [plan computeDeviceUsageForNeuralNetworkLayer:layer],
                     nil);
    }
    NSArray<NSString *> *names = structure.pipeline.subModelNames;
    NSUInteger number = 0;
    for (MLModelStructure *part in structure.pipeline.subModels) {
        NSString *name = number < names.count ? [names objectAtIndex:number] : @"";
        struct place inside = place;
        name = place.model == nil ? name : [NSString stringWithFormat:@"%@/%@", place.model, name];
        inside.model = name;
        addStructure(operations, plan, part, inside);
        number++;
    }
}
#endif

NSDictionary *planFor(NSURL *compiled, MLModelConfiguration *configuration) {
#if HAS_COMPUTE_PLAN
    if (@available(macOS 14.4, iOS 17.4, *)) {
        dispatch_semaphore_t done = dispatch_semaphore_create(0);
        __block NSMutableArray *operations = nil;
        __block NSString *refused = nil;
        [MLComputePlan loadContentsOfURL:compiled
                           configuration:configuration
                       completionHandler:^(MLComputePlan *plan, NSError *error) {
                           if (plan != nil) {
                               operations = [NSMutableArray array];
                               addStructure(operations, plan, plan.modelStructure, (struct place){nil, nil, nil});
                           } else {
                               refused = text(error);
                           }
                           dispatch_semaphore_signal(done);
                       }];
        dispatch_time_t until = dispatch_time(DISPATCH_TIME_NOW, kPlanTimeoutSeconds * (int64_t)NSEC_PER_SEC);
        if (dispatch_semaphore_wait(done, until) != 0) {
            return @{@"note" : @"the plan was not there after two minutes"};
        }
        return operations == nil ? @{@"note" : refused} : @{@"operations" : operations};
    }
#endif
    (void)compiled;
    (void)configuration;
    return @{@"note" : @"MLComputePlan needs macOS 14.4, and a harness built with its SDK"};
}
