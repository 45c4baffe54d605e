/*
 * patience.h - how long a play may go on: --timeout, --stall, --calls,
 * --spin, --processes and, of loops, --cpu, on a machine that is busy with
 * others' work as well.
 */
#ifndef LADDER_PATIENCE_H
#define LADDER_PATIENCE_H

#include "options.h"

/* Before there are players. All times: nanoseconds since the ladder's start. */
void patience_open(const struct options *options);

/* The time of --timeout begins now, and again with each further call. */
void patience_begin(long long now);

/* One more call begins. Gives true if that is one too many. */
bool patience_call(void);
/* A call has moved bytes, or brought a connection. */
void patience_moved(void);

/* A player's thread is about to end: its time is kept. (Until it has ended, it
 * counts twice.) */
void patience_exit(pid_t pid);

/* Since when has nothing happened: no event, and no player that used a
 * processor, or waited for one, for more than a moment? */
long long patience_quiet_since(long long now, long long last_event);

/* Gives why all must end now, or NULL. */
const char *patience_ended(long long now, long long quiet_since);

#endif
