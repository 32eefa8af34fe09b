#include "inputs.h"

#include <math.h>
#include <string.h>

struct tk_range tk_range_of(uint64_t location, uint64_t length) {
    struct tk_range range = {(int64_t)location, -1};
    if (location > INT64_MAX) {
        range.low = INT64_MAX;
    } else if (length > 0 && length <= (uint64_t)INT64_MAX - location) {
        range.high = (int64_t)(location + length - 1);
    }
    return range;
}

int64_t tk_clamp(struct tk_range range, int64_t preferred) {
    int64_t size = preferred;
    if (size < range.low) {
        size = range.low;
    }
    if (range.high >= 0 && size > range.high) {
        size = range.high;
    }
    return size < 1 ? 1 : size;
}

static bool same_shape(const int64_t *one, const int64_t *other, size_t rank) {
    return memcmp(one, other, rank * sizeof *one) == 0;
}

bool tk_choose_shape(enum tk_flexibility flexibility, const int64_t *preferred, size_t rank, const int64_t *shapes,
                     size_t count, const struct tk_range *ranges, int64_t *chosen) {
    if (rank > TK_MAX_RANK || (flexibility == TK_ENUMERATED && count == 0)) {
        return false;
    }
    const int64_t *picked = preferred;
    if (flexibility == TK_ENUMERATED) {
        picked = shapes;
        for (size_t each = 0; each < count; each++) {
            if (same_shape(shapes + each * rank, preferred, rank)) {
                picked = preferred;
            }
        }
    }
    for (size_t axis = 0; axis < rank; axis++) {
        chosen[axis] = flexibility == TK_RANGED ? tk_clamp(ranges[axis], preferred[axis]) : picked[axis];
    }
    return tk_element_count(chosen, rank) > 0;
}

int64_t tk_element_count(const int64_t *shape, size_t rank) {
    int64_t count = 1;
    for (size_t axis = 0; axis < rank; axis++) {
        if (shape[axis] < 1 || shape[axis] > TK_MAX_ELEMENTS / count) {
            return -1;
        }
        count *= shape[axis];
    }
    return count;
}

size_t tk_element_size(enum tk_element type) {
    switch (type) {
    case TK_INT8:
    case TK_UINT8:
        return 1;
    case TK_FLOAT16:
        return 2;
    case TK_FLOAT32:
    case TK_INT32:
        return 4;
    case TK_FLOAT64:
    case TK_INT64:
        return 8;
    }
    return 0;
}

uint16_t tk_half_from_double(double value) {
    uint16_t sign = signbit(value) ? 0x8000 : 0;
    double size = fabs(value);
    if (isnan(value)) {
        return sign | 0x7e00;
    }
    if (size >= 65520.0) { /* rounds to infinity */
        return sign | 0x7c00;
    }
    int exponent = 0;
    frexp(size, &exponent); /* size = f * 2^exponent, f in [0.5, 1) */
    int step = size < ldexp(1, -14) ? -24 : exponent - 11; /* zero and subnormals: steps of 2^-24 */
    /* nearbyint rounds ties to even; a mantissa that rounds up to 2048 carries into the exponent by itself. */
    unsigned mantissa = (unsigned)nearbyint(ldexp(size, -step));
    return (uint16_t)(sign + ((unsigned)(step + 24) << 10) + mantissa);
}

double tk_double_from_half(uint16_t half) {
    int exponent = half >> 10 & 0x1f;
    int mantissa = half & 0x3ff;
    double size;
    if (exponent == 0x1f) {
        size = mantissa ? (double)NAN : (double)INFINITY;
    } else if (exponent == 0) {
        size = ldexp(mantissa, -24);
    } else {
        size = ldexp(mantissa + 1024, exponent - 25);
    }
    return half & 0x8000 ? -size : size;
}

uint64_t tk_seed(const char *name) {
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
    for (; *name; name++) {
        hash = (hash ^ (unsigned char)*name) * 0x100000001b3u;
    }
    return hash;
}

unsigned tk_next(uint64_t *state) { /* splitmix64 */
    uint64_t mixed = *state += 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
    return (unsigned)((mixed ^ mixed >> 31) & 1023);
}

static void put(void *bytes, enum tk_element type, int64_t index, double value) {
    switch (type) {
    case TK_FLOAT16:
        ((uint16_t *)bytes)[index] = tk_half_from_double(value);
        break;
    case TK_FLOAT32:
        ((float *)bytes)[index] = (float)value;
        break;
    case TK_FLOAT64:
        ((double *)bytes)[index] = value;
        break;
    case TK_INT8:
        ((int8_t *)bytes)[index] = (int8_t)value;
        break;
    case TK_UINT8:
        ((uint8_t *)bytes)[index] = (uint8_t)value;
        break;
    case TK_INT32:
        ((int32_t *)bytes)[index] = (int32_t)value;
        break;
    case TK_INT64:
        ((int64_t *)bytes)[index] = (int64_t)value;
        break;
    }
}

static double get(const uint8_t *bytes, enum tk_element type, int64_t index) {
    union {
        uint16_t half;
        float single;
        double wide;
        int8_t tiny;
        uint8_t byte;
        int32_t whole;
        int64_t large;
    } value;
    size_t size = tk_element_size(type);
    memcpy(&value, bytes + (size_t)index * size, size); /* the data of a .npy file need not be aligned */
    switch (type) {
    case TK_FLOAT16:
        return tk_double_from_half(value.half);
    case TK_FLOAT32:
        return (double)value.single;
    case TK_FLOAT64:
        return value.wide;
    case TK_INT8:
        return value.tiny;
    case TK_UINT8:
        return value.byte;
    case TK_INT32:
        return value.whole;
    case TK_INT64:
        return (double)value.large;
    }
    return 0;
}

/* Moves to the next place of a shape, last axis first; returns the offset that the strides give it. */
static int64_t advance(int64_t *place, int64_t offset, const int64_t *shape, const int64_t *strides, size_t rank) {
    for (size_t axis = rank; axis-- > 0;) {
        offset += strides[axis];
        if (++place[axis] < shape[axis]) {
            break;
        }
        offset -= strides[axis] * shape[axis];
        place[axis] = 0;
    }
    return offset;
}

void tk_fill(void *bytes, enum tk_element type, const int64_t *shape, const int64_t *strides, size_t rank,
             uint64_t seed) {
    bool is_float = type == TK_FLOAT16 || type == TK_FLOAT32 || type == TK_FLOAT64;
    int64_t place[TK_MAX_RANK] = {0}, offset = 0, count = tk_element_count(shape, rank);
    for (int64_t each = 0; each < count; each++) {
        unsigned next = tk_next(&seed);
        put(bytes, type, offset, is_float ? next / 1024.0 : next % 10);
        offset = advance(place, offset, shape, strides, rank);
    }
}

void tk_copy(void *bytes, enum tk_element type, const int64_t *shape, const int64_t *strides, size_t rank,
             const void *source, enum tk_element source_type) {
    int64_t place[TK_MAX_RANK] = {0}, offset = 0, count = tk_element_count(shape, rank);
    for (int64_t each = 0; each < count; each++) {
        put(bytes, type, offset, get(source, source_type, each));
        offset = advance(place, offset, shape, strides, rank);
    }
}

static bool starts(const char *text, const char *with) { return strncmp(text, with, strlen(with)) == 0; }

static bool npy_type(const char *name, enum tk_element *type) {
    static const struct {
        const char *name;
        enum tk_element type;
    } types[] = {{"<f2'", TK_FLOAT16}, {"<f4'", TK_FLOAT32}, {"<f8'", TK_FLOAT64}, {"|i1'", TK_INT8},
                 {"|u1'", TK_UINT8},   {"<i4'", TK_INT32},   {"<i8'", TK_INT64}};
    for (size_t each = 0; each < sizeof types / sizeof *types; each++) {
        if (starts(name, types[each].name)) {
            *type = types[each].type;
            return true;
        }
    }
    return false;
}

static const char *npy_shape(const char *text, struct tk_npy *npy) {
    for (npy->rank = 0; *text != ')';) {
        if (*text < '0' || *text > '9') {
            return "its shape cannot be read";
        }
        if (npy->rank == TK_MAX_RANK) {
            return "it has more than 16 axes";
        }
        int64_t size = 0;
        for (; *text >= '0' && *text <= '9'; text++) {
            size = size * 10 + (*text - '0');
            if (size > TK_MAX_ELEMENTS) {
                return "it is too big";
            }
        }
        npy->shape[npy->rank++] = size;
        for (; *text == ',' || *text == ' '; text++) {
        }
    }
    return NULL;
}

const char *tk_npy_parse(const uint8_t *data, size_t size, struct tk_npy *npy) {
    if (size < 12 || memcmp(data, "\x93NUMPY", 6) != 0) {
        return "it is no .npy file";
    }
    size_t start = data[6] == 1 ? 10 : 12, length = data[8] | (size_t)data[9] << 8;
    if (start == 12) {
        length |= (size_t)data[10] << 16 | (size_t)data[11] << 24;
    }
    char header[4096];
    if (length >= sizeof header || length > size - start) {
        return "its header is cut off or too long";
    }
    memcpy(header, data + start, length);
    header[length] = '\0';
    const char *descr = strstr(header, "'descr': '"), *shape = strstr(header, "'shape': (");
    if (descr == NULL || shape == NULL || strstr(header, "'fortran_order': False") == NULL) {
        return "it is in Fortran order or of a compound type; save it with numpy.ascontiguousarray";
    }
    if (!npy_type(descr + strlen("'descr': '"), &npy->type)) {
        return "its element type is not float16, float32, float64, int8, uint8, int32 or int64";
    }
    const char *problem = npy_shape(shape + strlen("'shape': ("), npy);
    if (problem != NULL) {
        return problem;
    }
    npy->offset = start + length;
    int64_t count = tk_element_count(npy->shape, npy->rank);
    if (count < 0 || (size_t)count > (size - npy->offset) / tk_element_size(npy->type)) {
        return "it is cut off or too big";
    }
    return NULL;
}
