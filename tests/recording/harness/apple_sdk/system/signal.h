#pragma once
typedef int sig_atomic_t;
typedef unsigned sigset_t;
struct sigaction {
    void (*sa_handler)(int);
    sigset_t sa_mask;
    int sa_flags;
};
enum { SIGHUP = 1, SIGINT, SIGILL = 4, SIGTRAP, SIGABRT, SIGFPE = 8, SIGBUS = 10, SIGSEGV, SIGSYS, SIGTERM = 15 };
enum { SIG_BLOCK = 1, SIG_SETMASK = 3, SA_RESTART = 2 };
#define SIG_DFL ((void (*)(int))0)
int sigaction(int, const struct sigaction *, struct sigaction *);
int sigemptyset(sigset_t *);
int sigaddset(sigset_t *, int);
int sigfillset(sigset_t *);
void (*signal(int, void (*)(int)))(int);
int raise(int);
