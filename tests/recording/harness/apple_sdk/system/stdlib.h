#pragma once
#include <stddef.h>
void *malloc(size_t);
void *calloc(size_t, size_t);
int atexit(void (*)(void));
void exit(int) __attribute__((noreturn));
