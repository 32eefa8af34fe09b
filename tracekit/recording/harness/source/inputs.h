/* What a model allows for its inputs, what the harness picks, and how the values are made.
 *
 * Plain C without Apple's frameworks, so that it is compiled and tested on any system (tests/recording/harness/test_inputs.py).
 */
#ifndef TRACEKIT_INPUTS_H
#define TRACEKIT_INPUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TK_MAX_RANK 16
#define TK_MAX_ELEMENTS ((int64_t)1 << 30)

enum tk_flexibility { TK_FIXED = 1, TK_ENUMERATED = 2, TK_RANGED = 3 }; /* as MLMultiArrayShapeConstraintType */

enum tk_element { TK_FLOAT16, TK_FLOAT32, TK_FLOAT64, TK_INT8, TK_UINT8, TK_INT32, TK_INT64 };

struct tk_range {
    int64_t low;
    int64_t high; /* -1: no upper bound */
};

/* The bounds that an NSRange of Core ML means: it begins at the least size, and its length counts the sizes. */
struct tk_range tk_range_of(uint64_t location, uint64_t length);

/* The size nearest to the preferred one that a range allows; never below 1. */
int64_t tk_clamp(struct tk_range range, int64_t preferred);

/* Picks a shape.
 *
 * fixed       the default shape
 * enumerated  the default shape if it is one of the `count` shapes (each `rank` long), else the first of them
 * ranged      the default shape, every size clamped into its range
 *
 * Returns false where there is no such shape, or it has a size below 1, or more than TK_MAX_ELEMENTS elements.
 */
bool tk_choose_shape(enum tk_flexibility flexibility, const int64_t *preferred, size_t rank, const int64_t *shapes,
                     size_t count, const struct tk_range *ranges, int64_t *chosen);

/* Elements of a shape, or -1 where a size is below 1 or there are too many. */
int64_t tk_element_count(const int64_t *shape, size_t rank);

size_t tk_element_size(enum tk_element type);

uint16_t tk_half_from_double(double value);
double tk_double_from_half(uint16_t half);

/* A seed for an input, from its name: the same model gets the same inputs on every run. */
uint64_t tk_seed(const char *name);

/* The next value of a sequence, 0 to 1023. */
unsigned tk_next(uint64_t *state);

/* Fills an array: integers 0 to 9, since they are often token numbers; floats are 1024ths in [0, 1), which every
 * float type holds exactly. Strides count elements and may leave gaps.
 */
void tk_fill(void *bytes, enum tk_element type, const int64_t *shape, const int64_t *strides, size_t rank,
             uint64_t seed);

/* Copies a contiguous array, row by row as C stores it, into another type and other strides, by value. */
void tk_copy(void *bytes, enum tk_element type, const int64_t *shape, const int64_t *strides, size_t rank,
             const void *source, enum tk_element source_type);

struct tk_npy {
    enum tk_element type;
    size_t rank;
    int64_t shape[TK_MAX_RANK];
    size_t offset; /* of the data in the file */
};

/* Reads the header of a .npy file. Returns NULL, or why it cannot be used. */
const char *tk_npy_parse(const uint8_t *data, size_t size, struct tk_npy *npy);

#endif
