/*
 * diag.h - the kernel's word on sockets: sock_diag(7).
 */
#ifndef LADDER_DIAG_H
#define LADDER_DIAG_H

#include "event.h"

/* What the kernel says of one socket. */
struct word {
    int state;           /* TCP_ESTABLISHED and so on: <netinet/tcp.h> */
    unsigned long inode; /* 0: not accepted yet, or no longer a file's */
    struct endpoint local, peer;
    long received, sent; /* its queues, as ss(8) shows them */
};

typedef void word_taker(const struct word *word, void *context);

/* Gives 0, or -1 and errno. */
int diag_open(void);

/* The TCP (IPPROTO_TCP) or UDP socket that takes what comes from peer to local.
 * The kernel finds it as it does for a segment: 2 microseconds, however many
 * there are. Gives false if there is none, a listener if it listens there and
 * nobody is connected so. */
bool diag_one(uint8_t protocol, const struct endpoint *local,
              const struct endpoint *peer, struct word *word);

/* Gives every socket in certain states, a bit each, to `take`, which must not
 * ask in turn. The kernel searches its whole tables: 0.2 milliseconds for
 * 1 << TCP_LISTEN, more than 1 for all. Gives 0, or -1 and errno. */
int diag_all(uint8_t protocol, uint32_t states, word_taker *take,
             void *context);

#endif
