/*
 * picture.h - the picture, in each of the views that were asked for.
 */
#ifndef LADDER_PICTURE_H
#define LADDER_PICTURE_H

#include "event.h"
#include "options.h"

/* Opens the views. Where a file cannot be written it says so, and ends the
 * program with 1. */
void picture_open(const struct options *given);

void picture_draw(const struct event *event);

/* A line of the ladder's own, in an actor's lane, or across all for WIRE. */
__attribute__((format(printf, 2, 3))) void
picture_note(int actor, const char *format, ...);

/* Live means within 20 ms: a call that has not returned for 8 is shown as one
 * that waits, and what was written is flushed as often. To be called that often
 * while terminal_pending(). */
void picture_show(long long now);

/* Gives false if a view could not be written: it was said why. */
bool picture_close(void);

#endif
