/*
 * options.h - the ladder's command line (options.c), and cast files (cast.c).
 */
#ifndef LADDER_OPTIONS_H
#define LADDER_OPTIONS_H

#include "actors.h"
#include "event.h"
#include "sysctl.h"

enum { MOST_SYSCTLS = 16 };

/* An exit status: the system forbids what was asked. */
enum { FORBIDDEN = 3 };

struct options {
    char **commands[MOST_ACTORS]; /* by actor; NULL-ended words */
    size_t actors;
    const char *input; /* a cast's: what the clients get to read, or NULL */
    struct sysctl sysctls[MOST_SYSCTLS]; /* a cast's */
    size_t sysctl_count;
    const char *svg, *events, *save_output;
    bool host_net, ascii, seq, no_output, step, predict, explain;
    double timeout, stall;        /* seconds; no stall: 0 */
    unsigned long most_calls;     /* 0: as many as they like... */
    unsigned long most_vain;      /* ...also in a row that move nothing */
    unsigned long most_processes; /* ...also of processes and threads */
    unsigned long most_cpu;       /* ...and of seconds on a processor */
    struct adversity adversity;
};

/* Reads the command line. On -h it prints the usage and ends the program with
 * 0; what is wrong is told, with 2. */
void options_read(int argc, char *argv[], struct options *options);

/* Takes one option; `value` is what stood behind its "=", or NULL. */
void options_take(char *word, char *value, struct options *options);

/* Takes the words of a program; `where` is told if there are none. */
void options_add_player(struct options *options, char **words,
                        const char *where);

/* Reads a cast: its players, their input, options and sysctls (cast.c). */
void cast_read(const char *file, struct options *options);

/* Ends the program with 2. */
__attribute__((format(printf, 1, 2))) _Noreturn void misuse(const char *format,
                                                            ...);

#endif
