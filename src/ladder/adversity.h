/*
 * adversity.h - what the players are put through: calls that move few bytes,
 * are interrupted, or fail. Whatever is changed for it in a program is put back
 * before the program goes on.
 */
#ifndef LADDER_ADVERSITY_H
#define LADDER_ADVERSITY_H

#include "calls.h"
#include "registers.h"

enum { SIDES = 2, MOST_FAILURES = 16 }; /* the server's side, the clients' */

/* --fail CALL=ERRNO[@K]: the K-th call of that name, or every one, fails. */
struct failure {
    bool side[SIDES];
    const char *call;
    int error;
    unsigned long at, seen[SIDES]; /* at 0: every one */
};

/* What was asked for; 0 is nothing. */
struct adversity {
    unsigned long short_reads[SIDES], short_writes[SIDES]; /* bytes a call */
    unsigned long eintr[SIDES]; /* every so many blocking calls */
    unsigned long late[SIDES];  /* new threads wait for so many quiet ms */
    unsigned long blocking_seen[SIDES];
    bool eintr_rests[SIDES]; /* until a call of that side has got something */
    struct failure failures[MOST_FAILURES];
    size_t failure_count;
};

/* What was done to one call. */
struct hindrance {
    const char *what; /* in two or three words; NULL: nothing */
    struct registers saved;
    struct call_limit limit;
    bool forced; /* the call is skipped, and its result -error */
    int error;
};

/* At a call's entry: does to it what is due. */
void hinder(struct hindrance *done, struct adversity *asked, int side,
            const struct call_type *type, const struct call *call);

/* At its return: the program's registers and memory as they would be, and in
 * call->result what the program is to see. Gives what was done, in words, or
 * NULL; a call that would have moved no more anyway was not cut short. */
const char *unhinder(const struct hindrance *done, struct adversity *asked,
                     int side, const struct call_type *type, struct call *call);

#endif
