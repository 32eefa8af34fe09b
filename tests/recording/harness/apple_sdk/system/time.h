#pragma once
struct timespec {
    long tv_sec;
    long tv_nsec;
};
enum { CLOCK_REALTIME = 0 };
int clock_gettime(int, struct timespec *);
