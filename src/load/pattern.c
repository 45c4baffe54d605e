/*
 * pattern.c - see pattern.h.
 */
#include "pattern.h"

#include <string.h>

/* The period is a prime: what is lost is hardly ever a multiple of it, and
 * where it is, the count tells. */
enum { PERIOD = 65521, STRIDE = 7919 };

static unsigned char ring[PERIOD + PATTERN_RUN];

void pattern_make(void)
{
    uint32_t state = 1;

    for (size_t i = 0; i < PERIOD; i++) {
        state = state * 1664525 + 1013904223; /* its high bits are random */
        ring[i] = (unsigned char)(state >> 24);
    }
    for (size_t i = PERIOD; i < sizeof ring; i++)
        ring[i] = ring[i - PERIOD];
}

const unsigned char *pattern_at(uint64_t connection, uint64_t offset)
{
    return ring + (connection * STRIDE + offset) % PERIOD;
}

size_t pattern_right(uint64_t connection, uint64_t offset,
                     const unsigned char *bytes, size_t count)
{
    const unsigned char *expected = pattern_at(connection, offset);
    size_t right = 0;

    if (memcmp(bytes, expected, count) == 0)
        return count;
    while (bytes[right] == expected[right])
        right++;
    return right;
}
