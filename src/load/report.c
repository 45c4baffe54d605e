/*
 * report.c - see report.h: the text and the JSON.
 */
#include "report.h"

#include <stdlib.h>
#include <string.h>

#define MIB 1048576.0

enum { MOST_BARS = 18, BAR_COLUMNS = 40, EIGHTHS = 8 };

const char *const mode_names[] = {"pingpong", "stream", "connect", "idle"};

const char *time_text(uint64_t time, char text[TIME_TEXT_SIZE])
{
    static const char *const units[] = {"ns", "us", "ms", "s"};
    double value = (double)time;
    size_t unit = 0;

    while (value >= 999.5 && unit < 3) {
        value /= 1000;
        unit++;
    }
    int decimals = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    snprintf(text, TIME_TEXT_SIZE, "%.*f %s", decimals, value, units[unit]);
    return text;
}

double request_rate(const struct results *results)
{
    return results->seconds > 0
               ? (double)results->counts.requests / results->seconds
               : 0;
}

static double mib_rate(const struct load *load, const struct results *results)
{
    return request_rate(results) * (double)load->size / MIB;
}

/* --- Bars --------------------------------------------------------------- */

/* A bar as long as `share` of the longest one. */
static void put_bar(double share, bool utf8)
{
    static const char *const parts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    int length = (int)(share * BAR_COLUMNS * EIGHTHS + 0.5);

    for (int i = 0; i < length / EIGHTHS; i++)
        fputs(utf8 ? "█" : "#", stdout);
    if (utf8)
        fputs(parts[length % EIGHTHS], stdout);
    else if (length > 0 && length < EIGHTHS)
        putchar('.'); /* few, but not none */
}

static void put_bars(const struct histogram *latency, bool utf8, bool colour)
{
    uint64_t edges[MOST_BARS + 1], counts[MOST_BARS], most = 1;
    size_t bars = histogram_bands(latency, MOST_BARS, edges);
    char from[TIME_TEXT_SIZE];

    for (size_t i = 0; i < bars; i++) {
        counts[i] = histogram_between(latency, edges[i], edges[i + 1]);
        most = counts[i] > most ? counts[i] : most;
    }
    for (size_t i = 0; i < bars; i++) {
        printf("%9s %s ", time_text(edges[i], from), utf8 ? "│" : "|");
        fputs(colour ? "\033[36m" : "", stdout);
        put_bar((double)counts[i] / (double)most, utf8);
        fputs(colour ? "\033[0m" : "", stdout);
        if (counts[i] > 0)
            printf(" %.3g %%",
                   100 * (double)counts[i] / (double)latency->count);
        putchar('\n');
    }
}

/* --- Text --------------------------------------------------------------- */

static void put_latency(const struct histogram *latency)
{
    static const struct {
        const char *name;
        double share;
    } points[] = {
        {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}, {"max", 1},
    };
    char text[TIME_TEXT_SIZE];

    printf("%-10s", "latency");
    for (size_t i = 0; i < sizeof points / sizeof *points; i++)
        printf("%s%s %s", i > 0 ? ", " : "", points[i].name,
               time_text(histogram_percentile(latency, points[i].share), text));
    putchar('\n');
}

static void put_errors(const struct counts *counts)
{
    if (counts->refused + counts->lost + counts->wrong == 0)
        printf("%-10snone\n", "errors");
    else
        printf("%-10s%llu refused, %llu lost, %llu with wrong bytes\n",
               "errors", (unsigned long long)counts->refused,
               (unsigned long long)counts->lost,
               (unsigned long long)counts->wrong);
    if (counts->unsent > 0)
        printf("%-10s%llu requests were due and could not be sent in time\n",
               "late", (unsigned long long)counts->unsent);
}

void report_text(const struct load *load, const struct results *results,
                 bool utf8, bool colour)
{
    const struct counts *counts = &results->counts;

    printf("%s %s: %ld connection%s, %ld byte%s, depth %ld, %.2f s\n",
           mode_names[load->mode], load->peer_text, load->connections,
           load->connections == 1 ? "" : "s", load->size,
           load->size == 1 ? "" : "s", load->depth, results->seconds);
    printf("%-10s%llu", "requests", (unsigned long long)counts->requests);
    if (load->mode != IDLE)
        printf(", %.0f a second, %.2f MiB/s each way", request_rate(results),
               mib_rate(load, results));
    printf("\n%-10s%llu sent, %llu came back, all told\n", "bytes",
           (unsigned long long)counts->sent,
           (unsigned long long)counts->echoed);
    printf("%-10s%llu made, %llu served to the end\n", "connected",
           (unsigned long long)counts->opened,
           (unsigned long long)counts->stood);
    put_errors(counts);
    if (results->latency.count > 0) {
        put_latency(&results->latency);
        put_bars(&results->latency, utf8, colour);
    }
}

/* --- JSON --------------------------------------------------------------- */

static void put_number(const char *key, uint64_t value)
{
    printf(", \"%s\": %llu", key, (unsigned long long)value);
}

static void put_json_latency(const struct histogram *latency)
{
    double mean =
        latency->count > 0 ? (double)latency->sum / (double)latency->count : 0;

    printf(", \"latency_ns\": {\"mean\": %.0f", mean);
    put_number("min", latency->least);
    put_number("p50", histogram_percentile(latency, 0.5));
    put_number("p90", histogram_percentile(latency, 0.9));
    put_number("p99", histogram_percentile(latency, 0.99));
    put_number("p99_9", histogram_percentile(latency, 0.999));
    put_number("max", latency->most);
    fputs("}, \"histogram_ns\": [", stdout);
    const char *comma = "";
    for (size_t i = 0; i < HISTOGRAM_SLOTS; i++) {
        if (latency->slots[i] == 0)
            continue;
        printf("%s[%llu, %llu]", comma, (unsigned long long)histogram_floor(i),
               (unsigned long long)latency->slots[i]);
        comma = ", ";
    }
    putchar(']');
}

void report_json(const struct load *load, const struct results *results)
{
    const struct counts *counts = &results->counts;

    printf("{\"mode\": \"%s\", \"peer\": \"%s\"", mode_names[load->mode],
           load->peer_text);
    put_number("connections", (uint64_t)load->connections);
    put_number("size", (uint64_t)load->size);
    put_number("depth", (uint64_t)load->depth);
    put_number("threads", (uint64_t)load->threads);
    put_number("rate", (uint64_t)load->rate);
    printf(", \"seconds\": %.6f", results->seconds);
    put_number("requests", counts->requests);
    printf(", \"requests_per_second\": %.1f, \"mib_per_second\": %.3f",
           request_rate(results), mib_rate(load, results));
    put_number("bytes_sent", counts->sent);
    put_number("bytes_echoed", counts->echoed);
    put_number("connected", counts->opened);
    put_number("stood", counts->stood);
    put_number("refused", counts->refused);
    put_number("lost", counts->lost);
    put_number("wrong", counts->wrong);
    put_number("late", counts->unsent);
    put_json_latency(&results->latency);
    puts("}");
}
