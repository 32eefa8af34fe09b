/* The sidecar on disk: what is known of the run, as JSON that Foundation wrote, and every prediction, as numbers.
 *
 *     header   {"schema": …, "phases": […]}      replaced whole whenever something becomes known
 *     rows     24, 48, …                         one for each prediction, added between predictions
 *     ended    "running" until something ends the run
 *
 * The three are put together and renamed into place, with nothing but open, write, close and rename, so that a signal
 * handler can do it: a prediction that crashes, hangs or is killed takes no earlier one with it. Plain C without Apple's frameworks: it is compiled and run on any system (tests/recording/harness).
 */
#ifndef TRACEKIT_RECORD_H
#define TRACEKIT_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tk_moment {
    uint64_t mach; /* ticks of mach_absolute_time */
    uint64_t wall; /* nanoseconds since 1970 */
};

struct tk_row {
    struct tk_moment start;
    struct tk_moment end;
    int64_t index;
    bool warmup;
};

/* Where the sidecar goes. Returns false where the path is too long. */
bool tk_record_open(const char *path);

/* Everything but predictions, error and end: the text of a JSON object with at least one member, which is copied. */
bool tk_record_header(const char *json, size_t length);

/* Adds a prediction. Returns false where there is no memory. Never inside a prediction: it may allocate. */
bool tk_record_add(const struct tk_row *row);

/* Why the run failed; UTF-8, of which the first 2,000 bytes are kept. The first reason stays. */
void tk_record_error(const char *text);

/* Writes the sidecar for the last time, whole or not at all. `ended` is a word for why the run ended: docs/harness.md. */
bool tk_record_write(const char *ended);

/* From now on the sidecar is written about every second, by a thread of its own, and when the process is asked to end,
 * crashes or exits; tk_record_asked_to_end() says the signal. A process that is asked to end and is still there after
 * two seconds is ended.
 */
void tk_record_guard(void);

/* The signal that asked the process to end, or 0. */
int tk_record_asked_to_end(void);

/* The run is over and its sidecar written: an exit means nothing any more. */
void tk_record_close(void);

/* SIGTERM and its like by name. */
const char *tk_signal_name(int number);

#endif
