/*
 * actors.h - the players: started, traced, and, where asked for, hindered.
 *
 * A player is stopped only at the calls of calls.h (seccomp(2) and ptrace(2));
 * everything else runs at full speed. Whoever traces dies, the players die.
 */
#ifndef LADDER_ACTORS_H
#define LADDER_ACTORS_H

#include "calls.h"
#include "event.h"

enum { SIDES = 2, MOST_FAILURES = 16 }; /* the server's side, the clients' */

/* --fail CALL=ERRNO[@K]: the K-th call of that name, or every one, fails. */
struct failure {
    bool side[SIDES];
    const char *call;
    int error;
    unsigned long at, seen[SIDES]; /* at 0: every one */
};

/* What the players are put through; 0 is nothing. */
struct adversity {
    unsigned long short_reads[SIDES], short_writes[SIDES]; /* bytes a call */
    unsigned long eintr[SIDES]; /* every so many blocking calls */
    unsigned long blocking_seen[SIDES];
    bool eintr_rests[SIDES]; /* until a call of that side has got something */
    struct failure failures[MOST_FAILURES];
    size_t failure_count;
};

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
    long long (*now)(void); /* since the ladder's start, in nanoseconds */
};

void actors_open(const struct actors_hooks *what, struct adversity *how);

/* Starts a program with `input` as its standard input, and pipes for its
 * output. Gives NULL, or what failed, with errno: "exec" where there is no such
 * program or it may not be run; else the call that the system refused. */
const char *actors_start(int actor, char *const argv[], int input);

/* Is ptrace(2) forbidden? Then programs run all the same, and of their events
 * only output and exits are seen. */
bool actors_untraced(void);

/* Handles every stop that is there. Gives false if there was none. */
bool actors_turn(void);

/* The pipes to poll(2), for standard output and error; -1 once they ended. */
int actors_pipe(int actor, int descriptor);
/* Reads what has been printed; whole lines are emitted. */
void actors_read_output(int actor);

/* Lets a held thread go on. */
void actors_release(pid_t pid);

/* Programs (with all their children) that have not ended. */
bool actors_alive(int actor);
/* Of a program's first process: the status that wait(2) gave, -1 before. */
int actors_status(int actor);
/* Is any of this program's threads in a call that was begun? */
bool actors_in_call(int actor);

void actors_signal(int actor, int number);
/* SIGKILL for all, children included; returns when they are gone. */
void actors_kill(void);
/* Calls `tell` for every thread that is in a call. */
void actors_blocked(void (*tell)(const struct event *entry));

#endif
