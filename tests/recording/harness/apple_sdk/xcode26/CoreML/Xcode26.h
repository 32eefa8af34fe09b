#pragma once
enum { MLMultiArrayDataTypeInt8 = 0x20000 | 8 };
