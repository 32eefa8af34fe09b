#pragma once
#define NAN __builtin_nanf("")
#define INFINITY __builtin_huge_valf()
#define isnan(x) __builtin_isnan(x)
#define signbit(x) __builtin_signbit(x)
double fabs(double);
double frexp(double, int *);
double ldexp(double, int);
double nearbyint(double);
