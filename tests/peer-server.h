/*
 * peer-server.h - on the ladder's stage: what a client, tests/peer.c, sees of
 * the server's processes. Linux only.
 *
 * The server is the ladder's first other child. These give NULL, or what is
 * wrong.
 */
#ifndef PEER_SERVER_H
#define PEER_SERVER_H

/* Waits until its first process sleeps, as in accept(2), and then stops it. */
const char *server_idle(void);
const char *server_stop(void);

/* Stops its first process, whatever it does, if there are others. */
const char *server_stop_parent(void);

const char *server_go(void);

/* Waits until all its processes and threads sleep, or have ended, and nothing
 * goes on there; for three seconds at most: who works on for so long has no
 * end. */
const char *server_quiet(void);

/* The same, then prints what it has: its processes (zombies count), and the
 * descriptors and MiB of memory of the one that has most. */
const char *server_left(void);

#endif
