#pragma once
#include <signal.h>
typedef struct thread *pthread_t;
typedef struct {
    long signature;
} pthread_mutex_t;
#define PTHREAD_MUTEX_INITIALIZER {0x32aaaba7}
int pthread_create(pthread_t *, const void *, void *(*)(void *), void *);
int pthread_detach(pthread_t);
int pthread_mutex_lock(pthread_mutex_t *);
int pthread_mutex_unlock(pthread_mutex_t *);
int pthread_sigmask(int, const sigset_t *, sigset_t *);
