/*
 * histogram.c - see histogram.h.
 */
#include "histogram.h"

/* Below two times HISTOGRAM_STEPS a slot is one nanosecond wide; from there on
 * each power of two has HISTOGRAM_STEPS slots, twice as wide as the last. */
static size_t slot_of(uint64_t time)
{
    if (time >= UINT64_C(1) << HISTOGRAM_BITS)
        return HISTOGRAM_SLOTS - 1;
    if (time < HISTOGRAM_STEPS)
        return (size_t)time;
    int shift = 63 - __builtin_clzll(time) - HISTOGRAM_STEP_BITS;
    return (size_t)shift * HISTOGRAM_STEPS + (size_t)(time >> shift);
}

uint64_t histogram_floor(size_t slot)
{
    if (slot < HISTOGRAM_STEPS)
        return slot;
    size_t shift = slot / HISTOGRAM_STEPS - 1;
    return (uint64_t)(HISTOGRAM_STEPS + slot % HISTOGRAM_STEPS) << shift;
}

void histogram_add(struct histogram *histogram, uint64_t time)
{
    if (histogram->count == 0 || time < histogram->least)
        histogram->least = time;
    if (histogram->count == 0 || time > histogram->most)
        histogram->most = time;
    histogram->count++;
    histogram->sum += time;
    histogram->slots[slot_of(time)]++;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
    if (from->count == 0)
        return;
    if (into->count == 0 || from->least < into->least)
        into->least = from->least;
    if (into->count == 0 || from->most > into->most)
        into->most = from->most;
    into->count += from->count;
    into->sum += from->sum;
    for (size_t i = 0; i < HISTOGRAM_SLOTS; i++)
        into->slots[i] += from->slots[i];
}

uint64_t histogram_percentile(const struct histogram *histogram, double share)
{
    /* The rank that is asked for, rounded up: of 10 times, p99 is the 10th. */
    double exact = share * (double)histogram->count;
    uint64_t rank = (uint64_t)exact, seen = 0;

    rank += (double)rank < exact || rank == 0 ? 1 : 0;
    if (histogram->count == 0 || rank >= histogram->count)
        return histogram->count == 0 ? 0 : histogram->most;
    for (size_t i = 0; i < HISTOGRAM_SLOTS - 1; i++) {
        seen += histogram->slots[i];
        if (seen < rank)
            continue;
        uint64_t last = histogram_floor(i + 1) - 1;
        return last < histogram->most ? last : histogram->most;
    }
    return histogram->most;
}

/* The numbers that resistors come in (IEC 60063, E24): 24 steps of a decade,
 * as equal as two digits allow. Each second one is E12, and so on. */
static const unsigned char series[] = {
    10, 11, 12, 13, 15, 16, 18, 20, 22, 24, 27, 30,
    33, 36, 39, 43, 47, 51, 56, 62, 68, 75, 82, 91,
};

/* Gives where a band begins, if a decade has so many. */
static uint64_t edge(size_t band, size_t parts)
{
    uint64_t time = series[band % parts * (sizeof series / parts)];

    for (size_t decade = band / parts; decade > 0; decade--)
        time *= 10;
    return time;
}

size_t histogram_bands(const struct histogram *histogram, size_t most,
                       uint64_t edges[])
{
    uint64_t least = histogram_floor(slot_of(histogram->least));
    size_t parts = 2 * sizeof series, first, last, count = 0;

    if (histogram->count == 0)
        return 0;
    do {
        parts = parts > 3 ? parts / 2 : 1;
        first = 0;
        while (edge(first + 1, parts) <= least)
            first++;
        last = first + 1;
        while (edge(last, parts) <= histogram->most)
            last++;
    } while (last - first > most && parts > 1);
    for (; count < most && first + count < last; count++)
        edges[count] = edge(first + count, parts);
    edges[count] = edge(last, parts);
    if (least < edges[0])
        edges[0] = 0;
    return count;
}

uint64_t histogram_between(const struct histogram *histogram, uint64_t from,
                           uint64_t to)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < HISTOGRAM_SLOTS; i++)
        if (histogram_floor(i) >= from && histogram_floor(i) < to)
            sum += histogram->slots[i];
    return sum;
}
