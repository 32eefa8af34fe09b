#pragma once
#include <CoreML/CoreML.h>
API_AVAILABLE(macos(15.0), ios(18.0)) @interface MLState : NSObject
@end
@interface MLModel (Xcode16)
- (MLState *)newState API_AVAILABLE(macos(15.0), ios(18.0));
- (id<MLFeatureProvider>)predictionFromFeatures:(id<MLFeatureProvider>)inputs
                                     usingState:(MLState *)state
                                        options:(MLPredictionOptions *)options
                                          error:(NSError **)error API_AVAILABLE(macos(15.0), ios(18.0));
- (void)predictionFromFeatures:(id<MLFeatureProvider>)inputs
                    usingState:(MLState *)state
                       options:(MLPredictionOptions *)options
             completionHandler:(void (^)(id<MLFeatureProvider> outputs, NSError *error))handler
    API_AVAILABLE(macos(15.0), ios(18.0));
@end
@interface MLModelDescription (Xcode16)
- (NSDictionary<NSString *, MLFeatureDescription *> *)stateDescriptionsByName API_AVAILABLE(macos(15.0), ios(18.0));
@end
@interface MLModelConfiguration (Xcode16)
- (NSString *)functionName API_AVAILABLE(macos(15.0), ios(18.0));
- (void)setFunctionName:(NSString *)name API_AVAILABLE(macos(15.0), ios(18.0));
@end
