#pragma once
#include <CoreML/CoreML.h>
API_AVAILABLE(macos(14.0), ios(17.0)) @protocol MLComputeDeviceProtocol <NSObject>
@end
API_AVAILABLE(macos(14.0), ios(17.0)) @interface MLCPUComputeDevice : NSObject <MLComputeDeviceProtocol>
@end
API_AVAILABLE(macos(14.0), ios(17.0)) @interface MLGPUComputeDevice : NSObject <MLComputeDeviceProtocol>
@end
API_AVAILABLE(macos(14.0), ios(17.0)) @interface MLNeuralEngineComputeDevice : NSObject <MLComputeDeviceProtocol>
@end
@interface MLModel (Xcode15)
+ (NSArray<id<MLComputeDeviceProtocol>> *)availableComputeDevices API_AVAILABLE(macos(14.0), ios(17.0));
- (void)predictionFromFeatures:(id<MLFeatureProvider>)inputs
                       options:(MLPredictionOptions *)options
             completionHandler:(void (^)(id<MLFeatureProvider> outputs, NSError *error))handler
    API_AVAILABLE(macos(14.0), ios(17.0));
@end
