/*
 * curtain.h - the end of a play: who has ended, who is asked to, and how well.
 */
#ifndef LADDER_CURTAIN_H
#define LADDER_CURTAIN_H

#include <stdbool.h>
#include <stddef.h>

void curtain_open(size_t players);

/* Have all players ended? */
bool curtain_fallen(void);

/* To be called while nothing happens: a server that waits for nobody any more
 * is asked to end, then made to. */
void curtain_wait(long long now, long long quiet_since);

/* Ends all, and says why and who was blocked in which call. */
void curtain_drop(const char *why);

/* Did every player end with 0, by itself or when asked to? */
bool curtain_result(void);

#endif
