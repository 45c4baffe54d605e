/*
 * report.h - the results of a run, for people, for programs and as a picture.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdio.h>

#include "run.h"

enum { TIME_TEXT_SIZE = 24 };

extern const char *const mode_names[]; /* by enum mode */

/* Writes nanoseconds with three digits, as "51.3 us", and gives `text`. */
const char *time_text(uint64_t time, char text[TIME_TEXT_SIZE]);

/* Requests a second in the time that was measured. */
double request_rate(const struct results *results);

/* The text and its bars; in UTF-8 or ASCII, with or without colour. */
void report_text(const struct load *load, const struct results *results,
                 bool utf8, bool colour);

/* One JSON object on one line. */
void report_json(const struct load *load, const struct results *results);

/* How the latencies are distributed, as SVG 1.1. Gives -1 and errno where that
 * could not be written; then `out` is closed all the same. */
int report_svg(FILE *out, const struct load *load,
               const struct results *results);

#endif
