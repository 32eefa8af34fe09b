#pragma once
#include <CoreML/CoreML.h>
API_AVAILABLE(macos(14.4), ios(17.4)) @interface MLModelStructureProgramNamedValueType : NSObject
@property(readonly) NSString *name;
@end
@class MLModelStructureProgramBlock;
API_AVAILABLE(macos(14.4), ios(17.4)) @interface MLModelStructureProgramOperation : NSObject
@property(readonly) NSString *operatorName;
@property(readonly) NSArray<MLModelStructureProgramNamedValueType *> *outputs;
@property(readonly) NSArray<MLModelStructureProgramBlock *> *blocks;
@end
API_AVAILABLE(macos(14.4), ios(17.4)) @interface MLModelStructureProgramBlock : NSObject
@property(readonly) NSArray<MLModelStructureProgramOperation *> *operations;
@end
API_AVAILABLE(macos(14.4), ios(17.4)) @interface MLModelStructureProgramFunction : NSObject
@property(readonly) MLModelStructureProgramBlock *block;
@end
API_AVAILABLE(macos(14.4), ios(17.4)) @interface MLModelStructureProgram : NSObject
@property(readonly) NSDictionary<NSString *, MLModelStructureProgramFunction *> *functions;
@end
API_AVAILABLE(macos(14.4), ios(17.4)) @interface MLModelStructureNeuralNetworkLayer : NSObject
@property(readonly) NSString *name;
@property(readonly) NSString *type;
@end
API_AVAILABLE(macos(14.4), ios(17.4)) @interface MLModelStructureNeuralNetwork : NSObject
@property(readonly) NSArray<MLModelStructureNeuralNetworkLayer *> *layers;
@end
@class MLModelStructure;
API_AVAILABLE(macos(14.4), ios(17.4)) @interface MLModelStructurePipeline : NSObject
@property(readonly) NSArray<NSString *> *subModelNames;
@property(readonly) NSArray<MLModelStructure *> *subModels;
@end
API_AVAILABLE(macos(14.4), ios(17.4)) @interface MLModelStructure : NSObject
@property(readonly) MLModelStructureProgram *program;
@property(readonly) MLModelStructureNeuralNetwork *neuralNetwork;
@property(readonly) MLModelStructurePipeline *pipeline;
@end
API_AVAILABLE(macos(14.4), ios(17.4)) @interface MLComputePlanCost : NSObject
@property(readonly) double weight;
@end
API_AVAILABLE(macos(14.4), ios(17.4)) @interface MLComputePlanDeviceUsage : NSObject
@property(readonly) NSArray<id<MLComputeDeviceProtocol>> *supportedComputeDevices;
@property(readonly) id<MLComputeDeviceProtocol> preferredComputeDevice;
@end
API_AVAILABLE(macos(14.4), ios(17.4)) @interface MLComputePlan : NSObject
@property(readonly) MLModelStructure *modelStructure;
+ (void)loadContentsOfURL:(NSURL *)url
            configuration:(MLModelConfiguration *)configuration
        completionHandler:(void (^)(MLComputePlan *plan, NSError *error))handler;
- (MLComputePlanCost *)estimatedCostOfMLProgramOperation:(MLModelStructureProgramOperation *)operation;
- (MLComputePlanDeviceUsage *)computeDeviceUsageForMLProgramOperation:(MLModelStructureProgramOperation *)operation;
- (MLComputePlanDeviceUsage *)computeDeviceUsageForNeuralNetworkLayer:(MLModelStructureNeuralNetworkLayer *)layer;
@end
