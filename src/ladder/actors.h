/*
 * actors.h - the players: started, traced, and, where asked for, hindered.
 *
 * A player is stopped only at the calls of calls.h (seccomp(2) and ptrace(2));
 * everything else runs at full speed. Whoever traces dies, the players die.
 */
#ifndef LADDER_ACTORS_H
#define LADDER_ACTORS_H

#include "adversity.h"
#include "calls.h"
#include "event.h"

struct actors_hooks {
    /* Whatever happened before this moment is to be drawn first. */
    void (*catch_up)(long long now);
    void (*emit)(const struct event *event);
    /* A call is about to begin: its player waits until actors_release() if this
     * gives true; EVENT_CALL comes then. */
    bool (*hold)(const struct event *event, const struct call_type *type,
                 const struct call *call);
    /* listen() has returned, on the socket of this inode. */
    void (*listening)(int actor, unsigned long inode);
    /* It is about to end, and still there to be asked about. */
    void (*exits)(pid_t pid);
    /* After EVENT_EXIT: the kernel has closed what was left open. */
    void (*ended)(const struct event *exit);
    long long (*now)(void); /* since the ladder's start, in nanoseconds */
};

/* Of processes and threads there may be `most`, or any number if that is 0. */
void actors_open(const struct actors_hooks *what, struct adversity *how,
                 size_t most);

/* Starts a program with `input` as its standard input, and pipes for its
 * output. Gives NULL, or what failed, with errno: "exec" where there is no such
 * program or it may not be run; else the call that the system refused. */
const char *actors_start(int actor, char *const argv[], int input);

/* After actors_open(): is ptrace(2) forbidden? Then programs run all the same,
 * and of their events only output and exits are seen. */
bool actors_untraced(void);

/* Handles every stop that is there. Gives false if there was none. */
bool actors_turn(void);

/* The pipes to poll(2), for standard output and error; -1 once they ended. */
int actors_pipe(int actor, int descriptor);
/* Reads what has been printed; whole lines are emitted, and those whose end has
 * not come for half a second. */
void actors_read_output(int actor);
/* Emits what has no end: none will come. */
void actors_end_lines(int actor);

/* Lets a held thread go on. */
void actors_release(pid_t pid);

/* To be told since when nothing has happened: who was to begin late does. */
void actors_begin_late(long long now, long long quiet_since);

/* A program's first process. */
pid_t actors_first(int actor);

/* Programs (with all their children) that have not ended. */
bool actors_alive(int actor);
/* Of a program's first process: the status that wait(2) gave, -1 before. */
int actors_status(int actor);
/* Is any of this program's threads in a call that was begun? */
bool actors_in_call(int actor);
/* ... or between two of them, as the last one told of nothing? */
bool actors_waits(int actor);

/* Are there more processes and threads than there may be? Then those that stop
 * stay stopped: the only way on is actors_kill(). */
bool actors_too_many(void);
/* Calls `look` for every process and thread that lives. */
void actors_each(void (*look)(pid_t pid));

void actors_signal(int actor, int number);
/* SIGKILL for all, children included; returns when they are gone. */
void actors_kill(void);
/* Calls `tell` for every thread that is in a call. */
void actors_blocked(void (*tell)(const struct event *entry));

#endif
