#include "record.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_ROOM 1024
#define ERROR_ROOM 2001
#define CHUNK_ROWS 1024
#define GRACE_SECONDS 2
#define WRITE_EVERY_SECONDS 1

struct chunk { /* never moved and never freed: a signal handler may be reading it */
    struct chunk *next;
    size_t used;
    struct tk_row rows[CHUNK_ROWS];
};

struct header {
    size_t length;
    char text[];
};

static char final_path[PATH_ROOM], usual_path[PATH_ROOM], signal_path[PATH_ROOM];
static struct header *header;
static struct chunk *first, *last;
static char error_text[ERROR_ROOM];
static pthread_mutex_t writing = PTHREAD_MUTEX_INITIALIZER; /* never taken by a signal handler */
static bool is_final;                                       /* of those that take it, one has written the end */
static volatile sig_atomic_t asked_to_end, is_ending, is_closed;

static const struct {
    int number;
    const char *name;
    bool is_request; /* asks the process to end; the others are crashes */
} signals[] = {{SIGTERM, "SIGTERM", true}, {SIGINT, "SIGINT", true},   {SIGHUP, "SIGHUP", true},
               {SIGABRT, "SIGABRT", false}, {SIGSEGV, "SIGSEGV", false}, {SIGBUS, "SIGBUS", false},
               {SIGILL, "SIGILL", false},   {SIGFPE, "SIGFPE", false},   {SIGTRAP, "SIGTRAP", false},
               {SIGSYS, "SIGSYS", false}};

#define SIGNALS (sizeof signals / sizeof *signals)

const char *tk_signal_name(int number) {
    for (size_t each = 0; each < SIGNALS; each++) {
        if (signals[each].number == number) {
            return signals[each].name;
        }
    }
    return "a signal";
}

/* ── what is written ─────────────────────────────────────────────────────────────────────────────────────────── */

bool tk_record_open(const char *path) {
    size_t length = strlen(path);
    if (length + sizeof ".signalled" > PATH_ROOM) {
        return false;
    }
    memcpy(final_path, path, length + 1);
    memcpy(usual_path, path, length);
    memcpy(usual_path + length, ".partial", sizeof ".partial");
    memcpy(signal_path, path, length);
    memcpy(signal_path + length, ".signalled", sizeof ".signalled");
    return true;
}

bool tk_record_header(const char *json, size_t length) {
    while (length > 0 && json[length - 1] != '}') {
        length--;
    }
    struct header *fresh = length < 2 ? NULL : malloc(sizeof *fresh + length);
    if (fresh == NULL) {
        return false;
    }
    fresh->length = length - 1;
    memcpy(fresh->text, json, fresh->length);
    __atomic_store_n(&header, fresh, __ATOMIC_RELEASE); /* the one before is left: it may be being read */
    return true;
}

bool tk_record_add(const struct tk_row *row) {
    if (last == NULL || last->used == CHUNK_ROWS) {
        struct chunk *fresh = calloc(1, sizeof *fresh);
        if (fresh == NULL) {
            return false;
        }
        if (last == NULL) {
            __atomic_store_n(&first, fresh, __ATOMIC_RELEASE);
        } else {
            __atomic_store_n(&last->next, fresh, __ATOMIC_RELEASE);
        }
        last = fresh;
    }
    last->rows[last->used] = *row;
    __atomic_store_n(&last->used, last->used + 1, __ATOMIC_RELEASE);
    return true;
}

void tk_record_error(const char *text) {
    if (error_text[0] == '\0') {
        size_t length = strnlen(text, ERROR_ROOM - 1);
        while (length > 0 && length == ERROR_ROOM - 1 && (text[length] & 0xc0) == 0x80) {
            length--; /* not through the middle of a character */
        }
        memcpy(error_text + 1, text + 1, length > 0 ? length - 1 : 0);
        error_text[length] = '\0';
        error_text[0] = text[0]; /* last: it says that there is one */
    }
}

/* ── writing it: nothing below allocates, locks or formats with stdio ────────────────────────────────────────── */

struct sink {
    int file;
    bool failed;
    size_t used;
    char bytes[4096];
};

static void flush(struct sink *sink) {
    for (size_t done = 0; done < sink->used && !sink->failed;) {
        ssize_t wrote = write(sink->file, sink->bytes + done, sink->used - done);
        if (wrote <= 0) {
            sink->failed = true;
        } else {
            done += (size_t)wrote;
        }
    }
    sink->used = 0;
}

static void put_bytes(struct sink *sink, const char *bytes, size_t length) {
    while (length > 0) {
        size_t room = sizeof sink->bytes - sink->used, part = length < room ? length : room;
        memcpy(sink->bytes + sink->used, bytes, part);
        sink->used += part;
        bytes += part;
        length -= part;
        if (sink->used == sizeof sink->bytes) {
            flush(sink);
        }
    }
}

static void put_text(struct sink *sink, const char *text) { put_bytes(sink, text, strlen(text)); }

static void put_number(struct sink *sink, uint64_t number) {
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    put_bytes(sink, digits + at, sizeof digits - at);
}

static void put_string(struct sink *sink, const char *text) {
    static const char hex[] = "0123456789abcdef";
    put_text(sink, "\"");
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\') {
            put_text(sink, "\\");
        }
        if (byte < 0x20) {
            char escaped[] = {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};
            put_bytes(sink, escaped, sizeof escaped);
        } else {
            put_bytes(sink, text, 1);
        }
    }
    put_text(sink, "\"");
}

static void put_row(struct sink *sink, const struct tk_row *row) {
    put_text(sink, "{\"index\": ");
    put_number(sink, (uint64_t)row->index);
    put_text(sink, row->warmup ? ", \"warmup\": true, \"start_mach\": " : ", \"warmup\": false, \"start_mach\": ");
    put_number(sink, row->start.mach);
    put_text(sink, ", \"end_mach\": ");
    put_number(sink, row->end.mach);
    put_text(sink, ", \"start_wall_ns\": ");
    put_number(sink, row->start.wall);
    put_text(sink, ", \"end_wall_ns\": ");
    put_number(sink, row->end.wall);
    put_text(sink, "}");
}

static bool write_to(const char *path, const char *ended) {
    struct header *known = __atomic_load_n(&header, __ATOMIC_ACQUIRE);
    struct sink sink;
    sink.failed = false;
    sink.used = 0;
    sink.file = known == NULL ? -1 : open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (sink.file < 0) {
        return false;
    }
    put_bytes(&sink, known->text, known->length);
    put_text(&sink, ",\n\"error\": ");
    if (error_text[0] == '\0') {
        put_text(&sink, "null");
    } else {
        put_string(&sink, error_text);
    }
    put_text(&sink, ",\n\"ended\": ");
    put_string(&sink, ended);
    put_text(&sink, ",\n\"iterations\": [");
    const char *before = "\n";
    for (struct chunk *chunk = __atomic_load_n(&first, __ATOMIC_ACQUIRE); chunk != NULL;
         chunk = __atomic_load_n(&chunk->next, __ATOMIC_ACQUIRE)) {
        size_t used = __atomic_load_n(&chunk->used, __ATOMIC_ACQUIRE);
        for (size_t each = 0; each < used; each++) {
            put_text(&sink, before);
            put_row(&sink, &chunk->rows[each]);
            before = ",\n";
        }
    }
    put_text(&sink, "\n]}\n");
    flush(&sink);
    bool is_whole = close(sink.file) == 0 && !sink.failed;
    bool is_late = is_ending && path == usual_path && !is_final; /* a handler's sidecar says more */
    return is_whole && !is_late && rename(path, final_path) == 0;
}

static void requests(sigset_t *set) {
    sigemptyset(set);
    for (size_t each = 0; each < SIGNALS; each++) {
        if (signals[each].is_request) {
            sigaddset(set, signals[each].number);
        }
    }
}

bool tk_record_write(const char *ended) {
    sigset_t during, before;
    requests(&during);
    pthread_sigmask(SIG_BLOCK, &during, &before);
    pthread_mutex_lock(&writing);
    is_final = true;
    bool done = write_to(usual_path, ended);
    pthread_mutex_unlock(&writing);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return done;
}

/* Writes what there is, about every second: between predictions and during one that never returns. */
static void *keep(void *unused) {
    (void)unused;
    for (;;) {
        pthread_mutex_lock(&writing);
        if (!is_final && !is_ending) {
            write_to(usual_path, "running");
        }
        pthread_mutex_unlock(&writing);
        sleep(WRITE_EVERY_SECONDS);
    }
    return NULL;
}

/* ── what ends a process ─────────────────────────────────────────────────────────────────────────────────────── */

static void on_request(int number) {
    is_ending = 1;
    asked_to_end = number;
    if (!is_closed) {
        write_to(signal_path, tk_signal_name(number));
    }
    alarm(GRACE_SECONDS); /* its default action ends us: a prediction may never return */
}

static void on_crash(int number) {
    is_ending = 1;
    if (!is_closed) {
        write_to(signal_path, tk_signal_name(number));
    }
    signal(number, SIG_DFL);
    raise(number);
}

static void on_exit_without_close(void) {
    if (!is_closed) {
        tk_record_write("exit");
    }
}

void tk_record_guard(void) {
    for (size_t each = 0; each < SIGNALS; each++) {
        struct sigaction action;
        memset(&action, 0, sizeof action);
        action.sa_handler = signals[each].is_request ? on_request : on_crash;
        action.sa_flags = SA_RESTART;
        requests(&action.sa_mask);
        sigaction(signals[each].number, &action, NULL);
    }
    atexit(on_exit_without_close);
    sigset_t all, before; /* signals are for the others */
    pthread_t keeper;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&keeper, NULL, keep, NULL) == 0) {
        pthread_detach(keeper);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

int tk_record_asked_to_end(void) { return asked_to_end; }

void tk_record_close(void) { is_closed = 1; }
