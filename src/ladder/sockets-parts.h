/*
 * sockets-parts.h - shared by sockets.c, owners.c and listeners.c, and by
 * nobody else.
 */
#ifndef LADDER_SOCKETS_PARTS_H
#define LADDER_SOCKETS_PARTS_H

#include "diag.h"
#include "sockets.h"

/* Where changes go. */
struct teller {
    const struct event *cause;
    void (*emit)(const struct event *change);
};

/* --- Owners (owners.c) -------------------------------------------------- */

/* The actor who has said that it is its own, or WIRE. */
int owner_of(unsigned long inode);

/* Keeps account of the threads inside connect(2), by EVENT_CALL, EVENT_RETURN
 * and EVENT_EXIT. */
void note_connect(const struct event *cause);

/* Whose connect(2) to that address is going on, or WIRE. */
int connecting_to(const struct endpoint *peer);

/* --- Listeners (listeners.c) -------------------------------------------- */

struct listener {
    struct endpoint local;
    int actor;
    unsigned long inode;
    long waiting, backlog;
    long now_waiting, now_backlog; /* by the last look */
    bool gone, seen;
};

/* The one that answers for an address, or NULL; also one that is gone. */
struct listener *listener_at(const struct endpoint *local);
const struct listener *listener_of(unsigned long inode);

/* Does that actor listen? */
bool listens(int actor);

void tell_listener(const struct listener *listener,
                   const struct teller *teller);

/* Compares what is known with the kernel's word, and tells what has changed for
 * the actor of the cause. */
void look_at_listeners(const struct teller *teller);

/* --- Both (sockets.c) --------------------------------------------------- */

/* An EVENT_STATE with the time of its cause. */
struct event change_of(const struct teller *teller, int actor, int state,
                       const struct endpoint *local);

/* Has a segment come that nobody has drawn? */
bool segments_wait(void);

/* Has that call (accept: accept4 too) returned, and well? */
bool is_success(const struct event *cause, const char *call);

#endif
