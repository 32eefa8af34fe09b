#pragma once
#include <CoreVideo/CoreVideo.h>
#include <Foundation/Foundation.h>

typedef NS_ENUM(NSInteger, MLFeatureType) {
    MLFeatureTypeInvalid = 0,
    MLFeatureTypeInt64 = 1,
    MLFeatureTypeDouble = 2,
    MLFeatureTypeString = 3,
    MLFeatureTypeImage = 4,
    MLFeatureTypeMultiArray = 5,
    MLFeatureTypeDictionary = 6,
    MLFeatureTypeSequence = 7,
};
typedef NS_ENUM(NSInteger, MLMultiArrayDataType) {
    MLMultiArrayDataTypeDouble = 0x10000 | 64,
    MLMultiArrayDataTypeFloat32 = 0x10000 | 32,
    MLMultiArrayDataTypeFloat16 = 0x10000 | 16,
    MLMultiArrayDataTypeInt32 = 0x20000 | 32,
};
typedef NS_ENUM(NSInteger, MLMultiArrayShapeConstraintType) {
    MLMultiArrayShapeConstraintTypeUnspecified = 1,
    MLMultiArrayShapeConstraintTypeEnumerated = 2,
    MLMultiArrayShapeConstraintTypeRange = 3,
};
typedef NS_ENUM(NSInteger, MLImageSizeConstraintType) {
    MLImageSizeConstraintTypeUnspecified = 0,
    MLImageSizeConstraintTypeEnumerated = 2,
    MLImageSizeConstraintTypeRange = 3,
};
typedef NS_ENUM(NSInteger, MLComputeUnits) {
    MLComputeUnitsCPUOnly = 0,
    MLComputeUnitsCPUAndGPU = 1,
    MLComputeUnitsAll = 2,
    MLComputeUnitsCPUAndNeuralEngine = 3,
};

@class MLFeatureDescription, MLMultiArray, MLSequence;

@interface MLMultiArrayShapeConstraint : NSObject
@property(readonly) MLMultiArrayShapeConstraintType type;
@property(readonly) NSArray<NSValue *> *sizeRangeForDimension;
@property(readonly) NSArray<NSArray<NSNumber *> *> *enumeratedShapes;
@end
@interface MLMultiArrayConstraint : NSObject
@property(readonly) NSArray<NSNumber *> *shape;
@property(readonly) MLMultiArrayDataType dataType;
@property(readonly) MLMultiArrayShapeConstraint *shapeConstraint;
@end
@interface MLImageSize : NSObject
@property(readonly) NSInteger pixelsWide;
@property(readonly) NSInteger pixelsHigh;
@end
@interface MLImageSizeConstraint : NSObject
@property(readonly) MLImageSizeConstraintType type;
@property(readonly) NSRange pixelsWideRange;
@property(readonly) NSRange pixelsHighRange;
@property(readonly) NSArray<MLImageSize *> *enumeratedImageSizes;
@end
@interface MLImageConstraint : NSObject
@property(readonly) NSInteger pixelsWide;
@property(readonly) NSInteger pixelsHigh;
@property(readonly) OSType pixelFormatType;
@property(readonly) MLImageSizeConstraint *sizeConstraint;
@end
@interface MLDictionaryConstraint : NSObject
@property(readonly) MLFeatureType keyType;
@end
@interface MLSequenceConstraint : NSObject
@property(readonly) MLFeatureDescription *valueDescription;
@property(readonly) NSRange countRange;
@end

@interface MLFeatureDescription : NSObject
@property(readonly) NSString *name;
@property(readonly) MLFeatureType type;
@property(readonly, getter=isOptional) BOOL optional;
@property(readonly) MLMultiArrayConstraint *multiArrayConstraint;
@property(readonly) MLImageConstraint *imageConstraint;
@property(readonly) MLDictionaryConstraint *dictionaryConstraint;
@property(readonly) MLSequenceConstraint *sequenceConstraint;
@end

@interface MLMultiArray : NSObject
@property(readonly) NSArray<NSNumber *> *shape;
- (instancetype)initWithShape:(NSArray<NSNumber *> *)shape
                     dataType:(MLMultiArrayDataType)type
                        error:(NSError **)error;
- (void)getMutableBytesWithHandler:(void (^)(void *bytes, NSInteger size, NSArray<NSNumber *> *strides))handler
    API_AVAILABLE(macos(12.3), ios(15.4));
@end
@interface MLSequence : NSObject
+ (instancetype)sequenceWithStringArray:(NSArray<NSString *> *)values;
+ (instancetype)sequenceWithInt64Array:(NSArray<NSNumber *> *)values;
@end
@interface MLFeatureValue : NSObject
+ (instancetype)featureValueWithInt64:(int64_t)value;
+ (instancetype)featureValueWithDouble:(double)value;
+ (instancetype)featureValueWithString:(NSString *)value;
+ (instancetype)featureValueWithMultiArray:(MLMultiArray *)value;
+ (instancetype)featureValueWithPixelBuffer:(CVPixelBufferRef)value;
+ (instancetype)featureValueWithSequence:(MLSequence *)value;
+ (instancetype)featureValueWithDictionary:(NSDictionary<id<NSCopying>, NSNumber *> *)value error:(NSError **)error;
@end

@protocol MLFeatureProvider
@end
@protocol MLBatchProvider
@end
@interface MLArrayBatchProvider : NSObject <MLBatchProvider>
- (instancetype)initWithFeatureProviderArray:(NSArray<id<MLFeatureProvider>> *)array;
@end
@interface MLDictionaryFeatureProvider : NSObject <MLFeatureProvider>
- (instancetype)initWithDictionary:(NSDictionary<NSString *, id> *)values error:(NSError **)error;
@end

@interface MLModelDescription : NSObject
@property(readonly) NSDictionary<NSString *, MLFeatureDescription *> *inputDescriptionsByName;
@end
@interface MLModelConfiguration : NSObject
@property MLComputeUnits computeUnits;
@end
@interface MLPredictionOptions : NSObject
@end

@interface MLModel : NSObject
@property(readonly) MLModelDescription *modelDescription;
+ (NSURL *)compileModelAtURL:(NSURL *)model error:(NSError **)error;
+ (instancetype)modelWithContentsOfURL:(NSURL *)url
                         configuration:(MLModelConfiguration *)configuration
                                 error:(NSError **)error;
- (id<MLFeatureProvider>)predictionFromFeatures:(id<MLFeatureProvider>)inputs
                                        options:(MLPredictionOptions *)options
                                          error:(NSError **)error;
- (id<MLBatchProvider>)predictionsFromBatch:(id<MLBatchProvider>)inputs
                                    options:(MLPredictionOptions *)options
                                      error:(NSError **)error;
@end

// As in Apple's umbrella header: what the SDK has.
#if __has_include(<CoreML/MLComputeDeviceProtocol.h>)
#include <CoreML/MLComputeDeviceProtocol.h>
#endif
#if __has_include(<CoreML/MLState.h>)
#include <CoreML/MLState.h>
#endif
#if __has_include(<CoreML/Xcode26.h>)
#include <CoreML/Xcode26.h>
#endif
