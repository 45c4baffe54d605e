/*
 * fit.h - text that fits a lane.
 */
#ifndef LADDER_FIT_H
#define LADDER_FIT_H

#include <stdbool.h>
#include <stddef.h>

int text_columns(const char *text);

/* How many bytes of text a line of so many columns takes: whole words where
 * they fit. Gives at least a character of a text that is not empty. */
size_t line_length(const char *text, int columns);

/* A call in parts; what is cut is cut from the arguments. */
struct call_parts {
    char head[48], args[420], tail[64];
    char from[100], changed[48];
    bool whole; /* its arguments are worth a second line */
};

/* Writes a call so that it fits into `columns`. What is cut is data first, then
 * other arguments, and "..." tells it; never the first argument, the result,
 * its source and what was changed: where one line has no room for these, a
 * second one follows a '\n'. */
void fit_call(struct call_parts *parts, size_t columns, char *text,
              size_t size);

#endif
