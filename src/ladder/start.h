/*
 * start.h - how a player comes into being: forked, stopped at the door until it
 * is traced, and only then the program that it is to be. Inside of actors.c.
 */
#ifndef LADDER_START_H
#define LADDER_START_H

#include <stdbool.h>
#include <sys/types.h>

struct start {
    pid_t pid;
    int output[2]; /* to be read from: standard output, standard error */
    int go, report;
};

/* From now on a player, and each child of it, may use a processor for so many
 * seconds, and then is sent SIGXCPU; 0: for ever. */
void start_limit_cpu(unsigned long seconds);

/* Forks; the child waits at the door, with `input` as its standard input. Gives
 * NULL, or the call that the system refused, with errno; nothing is left then.
 */
const char *start_fork(char *const argv[], int input, struct start *start);

/* Opens the door: from now on what it calls is stopped for its tracer, if it is
 * traced, and `turn` is to answer. Returns when it is the program: NULL, or
 * what failed, with errno. */
const char *start_exec(struct start *start, bool traced, bool (*turn)(void));

#endif
