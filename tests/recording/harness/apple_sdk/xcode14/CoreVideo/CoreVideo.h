#pragma once
#include <Foundation/Foundation.h>
typedef struct buffer *CVPixelBufferRef;
typedef int32_t CVReturn;
typedef const struct string *CFStringRef;
enum { kCVReturnSuccess = 0, kCVPixelFormatType_OneComponent16Half = 'L00h' };
extern const CFStringRef kCVPixelBufferIOSurfacePropertiesKey;
CVReturn CVPixelBufferCreate(const void *, size_t, size_t, OSType, CFDictionaryRef, CVPixelBufferRef *);
CVReturn CVPixelBufferLockBaseAddress(CVPixelBufferRef, uint64_t);
CVReturn CVPixelBufferUnlockBaseAddress(CVPixelBufferRef, uint64_t);
void CVPixelBufferRelease(CVPixelBufferRef);
BOOL CVPixelBufferIsPlanar(CVPixelBufferRef);
size_t CVPixelBufferGetPlaneCount(CVPixelBufferRef);
void *CVPixelBufferGetBaseAddress(CVPixelBufferRef);
void *CVPixelBufferGetBaseAddressOfPlane(CVPixelBufferRef, size_t);
size_t CVPixelBufferGetBytesPerRow(CVPixelBufferRef);
size_t CVPixelBufferGetBytesPerRowOfPlane(CVPixelBufferRef, size_t);
size_t CVPixelBufferGetHeight(CVPixelBufferRef);
size_t CVPixelBufferGetHeightOfPlane(CVPixelBufferRef, size_t);
