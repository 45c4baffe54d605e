/*
 * event.h - the one structure that passes through the ladder: its sources
 * (actors, wire, sockets) fill it in, its views (terminal, SVG, events file)
 * draw it. Events come in true order.
 */
#ifndef LADDER_EVENT_H
#define LADDER_EVENT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SECOND 1000000000LL /* times are in nanoseconds */

/* Who acts: the server, the clients CLIENT, CLIENT + 1, ..., or the wire. */
enum { WIRE = -1, SERVER = 0, CLIENT = 1, MOST_ACTORS = 17 };

enum event_kind {
    EVENT_CALL,    /* a system call has begun */
    EVENT_RETURN,  /* it has returned */
    EVENT_SEGMENT, /* a TCP segment or a UDP datagram arrived */
    EVENT_STATE,   /* a socket's state or its queue has changed */
    EVENT_OUTPUT,  /* a program wrote to standard output or error */
    EVENT_SIGNAL,  /* a signal was delivered to a program */
    EVENT_FORK,    /* a process or thread was started: `result` is its pid */
    EVENT_EXIT,    /* a process or thread has ended */
    EVENT_NOTE,    /* the ladder's own word, `text`: of WIRE, to all */
};

struct endpoint {
    int family;           /* AF_INET, AF_INET6; 0: none */
    uint16_t port;        /* in host byte order */
    unsigned char ip[16]; /* in network byte order; IPv4 takes four */
};

struct event {
    enum event_kind kind;
    long long time; /* nanoseconds since the ladder's start */
    int actor;      /* whose lane; of a segment: WIRE */
    pid_t pid;      /* the thread */
    bool child;     /* not the program's first process */

    /* CALL, RETURN; of a RETURN, `args` is complete: "3, "abc", 3, 0" */
    const char *call;    /* the kernel's name, "accept4"; of a FORK "fork", or
                            "clone" of a thread */
    char args[400];      /* as text */
    long long result;    /* -1 with `error`; of an EXIT: see below */
    int error;           /* errno, or 0 */
    bool vain;           /* of a RETURN: it came to nothing (EAGAIN, poll()'s
                            0); of a CALL: the thread's last one did */
    bool moved;          /* of a RETURN: bytes, or it brought a connection */
    char from_text[80];  /* where a result came from: "127.0.0.1:52278" */
    const char *changed; /* what adversity did to it, in two or three words */

    /* SEGMENT */
    struct endpoint from, to;
    int from_actor, to_actor; /* WIRE where nobody is known */
    bool udp, retransmission;
    char flags[40];    /* "SYN ACK", in the order SYN FIN RST PSH ACK URG */
    size_t length;     /* bytes of data */
    uint32_t seq, ack; /* relative to each direction's first; 0 without ACK */
    uint32_t window;   /* scaled */

    /* STATE; `from` is the socket's own address, `to` its peer */
    char state[16];        /* "ESTABLISHED"; "CLOSED" when it is gone */
    long waiting, backlog; /* of a LISTEN socket: its queue; else -1 */
    long unread, unsent;   /* bytes; 0 of a LISTEN socket */

    /* OUTPUT, NOTE */
    int descriptor;   /* 1 or 2; of a NOTE 0 */
    const char *text; /* one line, `length` bytes, without its newline */

    /* SIGNAL: its number. EXIT: the status that wait(2) gave */
    int number;
};

/* Writes "127.0.0.1:7000" or "[::1]:7000" into text, and gives text. */
const char *endpoint_text(const struct endpoint *endpoint, char text[80]);

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);

#endif
