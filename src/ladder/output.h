/*
 * output.h - what the players print: one pipe for each player's standard
 * output, and one for its standard error. Inside of actors.c.
 */
#ifndef LADDER_OUTPUT_H
#define LADDER_OUTPUT_H

#include "event.h"

/* Takes over the reading ends, which must not block; `emit` gets each line. */
void output_open(int actor, pid_t pid, const int pipes[2],
                 void (*emit)(struct event *line));

/* From now on each player's output is kept in a file of that directory, byte
 * for byte: "client.out", "client.err". It is made where there is none. Gives
 * false, and errno, if it cannot be opened. */
bool output_save(const char *directory);

/* Gives the errno of what could not be kept, or 0. */
int output_saved(void);

#endif
