#pragma once
#include <CoreML/CoreML.h>
API_AVAILABLE(macos(15.0)) @interface MLState : NSObject
@end
@interface MLModel (MLState)
- (MLState *)newState API_AVAILABLE(macos(15.0));
- (id<MLFeatureProvider>)predictionFromFeatures:(id<MLFeatureProvider>)inputs
                                     usingState:(MLState *)state
                                        options:(MLPredictionOptions *)options
                                          error:(NSError **)error API_AVAILABLE(macos(15.0));
@end
