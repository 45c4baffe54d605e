/*
 * calls.h - the system calls that the ladder shows: which they are, and how
 * their arguments and results read.
 */
#ifndef LADDER_CALLS_H
#define LADDER_CALLS_H

#include "event.h"

enum { CALL_ARGS = 6 };

/* One system call of a traced thread, as the kernel told it. The tracer's view
 * of memory is the thread's: process_vm_readv(2). */
struct call {
    pid_t pid;
    long number;
    uint64_t args[CALL_ARGS];
    long long result; /* on return; -errno for an error */

    /* describe_entry's, for describe_return: what the kernel overwrites */
    char known[400];
    uint32_t length;
};

/* What kind of call it is, for adversity and for stepping. */
enum call_traits {
    CALL_READS = 1,   /* moves bytes from a socket: `count` limits them */
    CALL_WRITES = 2,  /* moves bytes to a socket */
    CALL_BLOCKS = 4,  /* may wait */
    CALL_ALWAYS = 8,  /* of interest whatever its descriptor is */
    CALL_CLOSES = 16, /* may make a descriptor another one, or none */
    CALL_POLLS = 32,  /* asks which descriptors are ready */
};

struct call_type {
    long number;
    const char *name; /* the kernel's */
    unsigned traits;
    int count_arg;     /* index of the argument that limits bytes, or -1 */
    const char *form;  /* its arguments, a letter each: calls-args.h */
    const char *about; /* what it asks of the kernel; see explain() */
};

/* All calls that are traced: the table, and how many rows it has. */
const struct call_type *calls_table(size_t *count);

/* The row of a number, or NULL. */
const struct call_type *call_type(long number);

/* The inode of the socket behind a thread's descriptor, or 0 if it is none. */
unsigned long socket_inode(pid_t pid, int fd);

/* Has a process that socket open? */
bool holds_socket(pid_t pid, unsigned long inode);

/* Is this call, at its entry, about a socket (or an epoll instance)? */
bool call_concerns_socket(const struct call_type *type,
                          const struct call *call);

/* Which descriptors are sockets is remembered: a player that calls read(2) a
 * hundred thousand times costs one look into proc(5). To be called when a call
 * that CALL_CLOSES has returned, and for a new process. */
void calls_forget_sockets(void);

/* Does it make another program of the thread's process? */
bool call_executes(const struct call_type *type);

/* Does it take bytes from a socket? (What splice(2) moves may go either way.)
 */
bool call_reads(const struct call_type *type, const struct call *call);

/* Are what it moves bytes of a stream? A datagram, or a message of the kernel's
 * (netlink(7)), comes whole. */
bool call_streams(const struct call *call);

/* Of one that CALL_BLOCKS: will it wait, if it must? With a non-blocking
 * descriptor, MSG_DONTWAIT or a timeout of 0 it does not, and cannot be
 * interrupted. */
bool call_waits(const struct call_type *type, const struct call *call);

/* Do the bytes stay there to be read again? */
bool call_peeks(const struct call_type *type, const struct call *call);

/* What must be changed at a call's entry so that it moves no more than so many
 * bytes: an argument, and words of the program's memory. */
struct call_limit {
    int arg; /* its index, or -1 */
    uint64_t value;
    size_t words;
    struct {
        uint64_t at, was, now;
    } word[2];
    long long full; /* the result that says that there might have been more */
};

/* Gives false if the call moves no more than `most` bytes (1 at least) anyway,
 * or if its memory cannot be read. */
bool call_limit(const struct call_type *type, const struct call *call,
                unsigned long most, struct call_limit *limit);

/* Fill in call, args, result, error and from_text of an event, at the call's
 * entry and at its return (with the same struct call, its result set), where
 * `vain` is told, too. What is not known at entry is left out there: a read's
 * data, accept's address. */
void describe_entry(const struct call_type *type, struct call *call,
                    struct event *event);
void describe_return(const struct call_type *type, const struct call *call,
                     struct event *event);

/* A sentence on this very call, with its values: "Asks the kernel for the next
 * finished connection of descriptor 3; waits if there is none." */
void explain(const struct call_type *type, const struct call *call, char *to,
             size_t size);

#endif
