// Inputs for everything that a model needs, from its own description: shapes, types and values are picked in inputs.c.

#import "harness.h"
#import <CoreVideo/CoreVideo.h>
#import <string.h>

#include "inputs.h"

// Named in the SDK of macOS 26 only.
static const NSInteger kMultiArrayInt8 = 0x20000 | 8;

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
        sizes[axis] = [[numbers objectAtIndex:axis] longLongValue];
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
            NSRange range = [[given objectAtIndex:axis] rangeValue];
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
    put(record, @"type", @"multiArray");
    put(record, @"shape", shape);
    put(record, @"data_type", @((NSInteger)constraint.dataType));
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
    put(record, @"type", @"image");
    put(record, @"shape", @[ @(height), @(width) ]);
    put(record, @"pixel_format", @(constraint.pixelFormatType));
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
    put(record, @"type", ofStrings ? @"sequence of strings" : @"sequence of int64");
    put(record, @"shape", @[ @(count) ]);
    MLSequence *sequence = ofStrings ? [MLSequence sequenceWithStringArray:values]
                                     : [MLSequence sequenceWithInt64Array:values];
    return [MLFeatureValue featureValueWithSequence:sequence];
}

static MLFeatureValue *dictionaryInput(MLFeatureDescription *feature, NSMutableDictionary *record, NSError **error) {
    BOOL byString = feature.dictionaryConstraint.keyType == MLFeatureTypeString;
    NSDictionary *values = byString ? @{@"one" : @1.0, @"two" : @0.5} : @{@1 : @1.0, @2 : @0.5};
    put(record, @"type", byString ? @"dictionary by string" : @"dictionary by int64");
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
        put(record, @"type", @"int64");
        return [MLFeatureValue featureValueWithInt64:1];
    case MLFeatureTypeDouble:
        put(record, @"type", @"double");
        return [MLFeatureValue featureValueWithDouble:0.5];
    case MLFeatureTypeString:
        put(record, @"type", @"string");
        return [MLFeatureValue featureValueWithString:@"tracekit"];
    default:
        *error = problem([NSString stringWithFormat:@"its type %ld is not known", (long)feature.type]);
        return nil;
    }
}

id<MLFeatureProvider> inputsFor(MLModelDescription *description, Request *request, NSMutableDictionary *sidecar,
                                       NSError **error) {
    NSDictionary<NSString *, MLFeatureDescription *> *features = description.inputDescriptionsByName;
    NSMutableDictionary<NSString *, MLFeatureValue *> *values = [NSMutableDictionary dictionary];
    NSMutableArray *records = [NSMutableArray array], *skipped = [NSMutableArray array];
    for (NSString *name in request->files) {
        if ([features objectForKey:name] == nil) {
            *error = problem([NSString stringWithFormat:@"the model has no input %@", name]);
            return nil;
        }
    }
    for (NSString *name in [features.allKeys sortedArrayUsingSelector:@selector(compare:)]) {
        MLFeatureDescription *feature = [features objectForKey:name];
        NSString *path = [request->files objectForKey:name];
        if ([feature isOptional] && path == nil) {
            [skipped addObject:name];
            continue;
        }
        NSMutableDictionary *record = [@{@"name" : name, @"source" : path ? path : @"generated"} mutableCopy];
        NSError *refused = nil;
        MLFeatureValue *value = inputFor(feature, path, record, &refused);
        if (value == nil) {
            *error = problem([NSString stringWithFormat:@"input %@: %@", name, text(refused)]);
            return nil;
        }
        [values setObject:value forKey:name];
        [records addObject:record];
    }
    put(sidecar, @"inputs", records);
    put(sidecar, @"skipped_inputs", skipped);
    return [[MLDictionaryFeatureProvider alloc] initWithDictionary:values error:error];
}

