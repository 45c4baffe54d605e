/*
 * histogram.h - how often which time occurred, in a fixed amount of memory.
 *
 * Log-linear: every power of two is divided into 128 equal steps, so that what
 * is read from it lies less than 1 % above what was put in, from nanoseconds
 * to 18 minutes; what takes longer counts as that.
 */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

enum {
    HISTOGRAM_STEP_BITS = 7,
    HISTOGRAM_STEPS = 1 << HISTOGRAM_STEP_BITS,
    HISTOGRAM_BITS = 40, /* of the longest time, in nanoseconds */
    HISTOGRAM_SLOTS =
        (HISTOGRAM_BITS - HISTOGRAM_STEP_BITS + 1) * HISTOGRAM_STEPS,
};

/* Begin with {0}. All times are in nanoseconds. */
struct histogram {
    uint64_t count, sum;
    uint64_t least, most; /* exact; of no use while count is 0 */
    uint64_t slots[HISTOGRAM_SLOTS];
};

void histogram_add(struct histogram *histogram, uint64_t time);

void histogram_merge(struct histogram *into, const struct histogram *from);

/* Gives the time that `share` of all (0 to 1) did not exceed; 0 of none. */
uint64_t histogram_percentile(const struct histogram *histogram, double share);

/* A slot holds the times from its floor up to the next slot's. */
uint64_t histogram_floor(size_t slot);

/* Cuts the range from the least to the most into `most` bands at most, whose
 * edges are round decimals; edges[] needs room for one more. Gives how many
 * bands there are, 0 of an empty histogram. */
size_t histogram_bands(const struct histogram *histogram, size_t most,
                       uint64_t edges[]);

/* Gives how many lie in [from, to), where a slot belongs to its floor. */
uint64_t histogram_between(const struct histogram *histogram, uint64_t from,
                           uint64_t to);

#endif
