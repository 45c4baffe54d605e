/*
 * peer-server.h - on the ladder's stage: what a client, tests/peer.c, sees of
 * the server's processes, and does to them. Linux only.
 */
#ifndef PEER_SERVER_H
#define PEER_SERVER_H

/* The server is the ladder's first other child; of a peer that serves, that is
 * its client. Gives NULL, or what is wrong.
 *
 *   idle         waits until its first process sleeps, as in accept(2)
 *   quiet        waits until all its processes and threads sleep, or have
 *                ended, and nothing goes on there
 *   left         the same, then prints what it has: its processes (zombies
 *                count), and the descriptors and MiB of memory of the one that
 *                has most
 *   stop         waits until it is idle, then stops its first process
 *   stop-parent  stops that, whatever it does, if there are others
 *   go           lets it go on
 *
 * Each waits for three seconds at most: who works on for so long has no end. */
const char *peer_server(const char *what);

#endif
