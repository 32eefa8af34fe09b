#pragma once
#include <stddef.h>
typedef struct file FILE;
extern FILE *stderr;
int fprintf(FILE *, const char *, ...) __attribute__((format(printf, 2, 3)));
int snprintf(char *, size_t, const char *, ...) __attribute__((format(printf, 3, 4)));
FILE *freopen(const char *, const char *, FILE *);
int rename(const char *, const char *);
