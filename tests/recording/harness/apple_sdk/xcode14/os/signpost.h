#pragma once
#include <stdint.h>
typedef struct log *os_log_t;
typedef uint64_t os_signpost_id_t;
#define OS_LOG_CATEGORY_POINTS_OF_INTEREST "PointsOfInterest"
os_log_t os_log_create(const char *, const char *);
os_signpost_id_t os_signpost_id_generate(os_log_t);
void os_signpost_interval_begin(os_log_t, os_signpost_id_t, const char *, ...);
void os_signpost_interval_end(os_log_t, os_signpost_id_t, const char *, ...);
