#pragma once
#include <stddef.h>
int getpid(void);
long pwrite(int, const void *, size_t, long long);
