/*
 * worker.h - the parts of echo-load that make the load: each thread is one
 * worker with connections, an epoll(7) loop, counters and a histogram of its
 * own, so that no two threads write to the same memory while they measure.
 */
#ifndef WORKER_H
#define WORKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "histogram.h"
#include "netprog.h"

enum mode { PINGPONG, STREAM, CONNECT, IDLE };

/* What the command line asked for; times are in nanoseconds. */
struct load {
    enum mode mode;
    long connections, size, depth, requests, threads, rate;
    uint64_t duration, warmup, patience;
    bool busy, reset;
    struct sockaddr_storage peer;
    socklen_t peer_size;
    char peer_text[ADDRESS_TEXT_SIZE];
};

/* A run goes through these, all workers at once; the main thread says when. */
enum phase {
    OPENING, /* connections are made, and each echoes one byte */
    RUNNING, /* requests begin */
    ENDING,  /* none begins; what is on its way comes back, then the ends */
    STOPPED, /* at once */
};

/* What all workers read. */
struct run {
    const struct load *load;
    _Atomic enum phase phase;
    uint64_t begun;         /* when RUNNING began */
    uint64_t measured_from; /* a request counts if it was due since then */
    int news;               /* an eventfd(2): a worker has something to tell */
    atomic_int opened;      /* workers that have opened what they could */
    atomic_int finished;    /* workers with nothing left to begin */
    atomic_int gone;        /* workers that have ended */
    atomic_int told;        /* errors that were told */
};

struct counts {
    uint64_t requests;      /* that were measured, and came back */
    uint64_t sent, echoed;  /* bytes in all, from first to last */
    uint64_t opened, stood; /* connections; those that ended as they should */
    uint64_t refused;       /* connections that were not made */
    uint64_t lost;          /* those that were reset, ended early or silent */
    uint64_t wrong;         /* those with a wrong byte, or one too many */
    uint64_t unsent;        /* requests that were due and never sent */
};

struct connection;

struct worker {
    struct run *run;
    const struct load *load;
    pthread_t thread;
    int number; /* 0 is the first */
    int epoll, wake, timer;
    unsigned char *buffer;
    uint64_t *begun; /* when the requests on their way began: depth each */
    struct connection *connections;
    size_t count, created;
    size_t greeting;      /* opened, and nothing has come back yet */
    size_t live;          /* connections that are not closed */
    uint64_t outstanding; /* requests on their way */
    uint64_t overdue;     /* that were due, and cannot be sent yet */
    uint64_t scheduled;   /* by --rate: that have been due so far */
    long budget;          /* requests that may begin yet; -1: no limit */
    enum phase phase;     /* as this worker knows it */
    uint64_t now;         /* when the last call of epoll_wait() returned */
    uint64_t last_open, last_look, timer_due;
    bool told_opened, told_finished;

    /* For the main thread: the first two at any time, the rest at the end. */
    _Atomic uint64_t requests, echoed;
    struct counts counts;
    struct histogram latency; /* of counts.requests, and of those unsent */
};

/* Nanoseconds of a clock that is never set back. */
uint64_t now_ns(void);

/* Prepares a worker and its `count` connections; it dies where that fails. */
void worker_init(struct worker *worker, struct run *run, int number,
                 size_t count);

/* The thread's function: takes a struct worker, gives NULL. */
void *worker_run(void *argument);

/* Has the worker look at run->phase. */
void worker_wake(const struct worker *worker);

void worker_free(struct worker *worker);

#endif
