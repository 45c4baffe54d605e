/*
 * connection.h - one connection of a worker: its stream, and what comes back.
 */
#ifndef CONNECTION_H
#define CONNECTION_H

#include "worker.h"

enum {
    READ_SIZE = 262144, /* less than that costs more of our time; measured */
};

enum state { CLOSED, CONNECTING, OPEN, HALF_CLOSED };

/* The stream is one byte of greeting (not in --mode connect), then requests of
 * load->size bytes; all offsets are from its beginning. */
struct connection {
    int fd;
    enum state state;
    bool greeted;       /* the first byte has come back */
    uint32_t events;    /* what epoll waits for */
    uint64_t number;    /* which pattern it sends */
    uint64_t sent;      /* offsets: the next byte to send, */
    uint64_t end;       /* the end of the last request that has begun, */
    uint64_t echoed;    /* the next byte to come back, */
    uint64_t next;      /* and the end of the request that it belongs to */
    uint64_t requests;  /* that have begun, over all lives of this slot */
    uint64_t returned;  /* that have come back, or are given up */
    uint64_t overdue;   /* that were due, and cannot be sent yet */
    uint64_t scheduled; /* requests that have left `overdue` */
    uint64_t progress;  /* when something last came, or was asked for */
};

/* Begins to connect. What fails is told and counted; the slot is then free. */
void connection_open(struct worker *worker, struct connection *c);

/* Begins what may begin by now, and sends what may be sent. */
void connection_pump(struct worker *worker, struct connection *c);

/* What epoll(7) told. */
void connection_event(struct worker *worker, struct connection *c,
                      uint32_t events);

/* Nothing more will be sent: ends the connection once all has come back. */
void connection_finish(struct worker *worker, struct connection *c);

/* Is there something that the server owes? */
bool connection_waits(const struct connection *c);

/* Gives up: tells what is missing, and that nothing came for so long. */
void connection_expire(struct worker *worker, struct connection *c);

#endif
