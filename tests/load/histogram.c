/*
 * histogram.c - a check of src/load/histogram.c, built as
 * bin/.build/histogram-check: what it gives, beside exact values. It prints
 * what is wrong and ends with 1, or nothing and with 0.
 */
#include "load/histogram.h"

#include <stdio.h>
#include <stdlib.h>

enum { COUNT = 100000 };

static int failures;

static void expect(const char *what, uint64_t got, uint64_t least,
                   uint64_t most)
{
    if (got >= least && got <= most)
        return;
    printf("%s: %llu, expected %llu to %llu\n", what, (unsigned long long)got,
           (unsigned long long)least, (unsigned long long)most);
    failures++;
}

static int compare(const void *left, const void *right)
{
    const uint64_t *a = left, *b = right;

    return *a < *b ? -1 : *a > *b;
}

/* Never below the exact value, and less than 1 % above. */
static void check_percentiles(const char *what, uint64_t *times, size_t count)
{
    static const double shares[] = {0, 0.1, 0.5, 0.9, 0.99, 0.999, 1};
    static struct histogram all, halves[2];

    all = halves[0] = halves[1] = (struct histogram){0};
    for (size_t i = 0; i < count; i++)
        histogram_add(&halves[i % 2], times[i]);
    histogram_merge(&all, &halves[0]);
    histogram_merge(&all, &halves[1]);
    qsort(times, count, sizeof *times, compare);
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        double exact = shares[i] * (double)count;
        size_t rank = (size_t)exact + ((double)(size_t)exact < exact);
        uint64_t right = times[rank == 0 ? 0 : rank - 1];
        expect(what, histogram_percentile(&all, shares[i]), right,
               right + right / 100);
    }
    expect(what, all.least, times[0], times[0]);
    expect(what, all.most, times[count - 1], times[count - 1]);
    expect(what, all.count, count, count);
}

static void check_distributions(void)
{
    static uint64_t times[COUNT];
    uint64_t state = 1;

    for (size_t i = 0; i < COUNT; i++)
        times[i] = i;
    check_percentiles("0 to 99,999 ns", times, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        state = state * 6364136223846793005 + 1442695040888963407;
        times[i] = state >> 24 >> i % 40; /* 2^40 ns at the most */
    }
    check_percentiles("of all magnitudes", times, COUNT);
    times[0] = 51234;
    check_percentiles("a single one", times, 1);
}

/* The floors rise, and each belongs to its own slot. */
static void check_slots(void)
{
    static struct histogram one;

    for (size_t i = 0; i < HISTOGRAM_SLOTS; i++) {
        uint64_t floor = histogram_floor(i);
        one = (struct histogram){0};
        histogram_add(&one, floor);
        expect("a slot's floor", one.slots[i], 1, 1);
        if (i > 0)
            expect("the next floor", floor, histogram_floor(i - 1) + 1,
                   UINT64_MAX);
    }
    one = (struct histogram){0};
    histogram_add(&one, UINT64_MAX);
    expect("the longest time", histogram_percentile(&one, 1), UINT64_MAX,
           UINT64_MAX);
}

/* Whatever the number of bands, each time is in exactly one. */
static void check_bands(void)
{
    static struct histogram all;
    uint64_t edges[201];

    expect("bands of nothing", histogram_bands(&all, 16, edges), 0, 0);
    for (uint64_t time = 100; time < 100000000; time += time / 3)
        histogram_add(&all, time);
    for (size_t most = 1; most <= 200; most++) {
        size_t bands = histogram_bands(&all, most, edges);
        uint64_t sum = 0;
        expect("bands", bands, 1, most);
        for (size_t i = 0; i < bands; i++)
            sum += histogram_between(&all, edges[i], edges[i + 1]);
        expect("times in all bands", sum, all.count, all.count);
    }
}

int main(void)
{
    check_distributions();
    check_slots();
    check_bands();
    return failures > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
