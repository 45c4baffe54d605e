/*
 * peer-other.h - on the ladder's stage: what tests/peer.c sees of the processes
 * of the other program, and does to them. Linux only.
 */
#ifndef PEER_OTHER_H
#define PEER_OTHER_H

/* The other one is the ladder's first other child: of a client its server, of a
 * server its first client. Gives NULL, or what is wrong.
 *
 *   idle         waits until its first process sleeps, as in accept(2), or has
 *                ended
 *   ended        waits until that has ended, for as long as it takes
 *   quiet        waits until all its processes and threads sleep, or have
 *                ended, and nothing goes on there
 *   waits        the same, for as long as it takes: who asks again and again is
 *                never quiet, and the ladder ends it
 *   left         as quiet, then prints what it has: its processes (zombies
 *                count), and the descriptors and MiB of memory of the one that
 *                has most
 *   stop         waits until it is idle, then stops its first process
 *   stop-parent  waits until all are quiet, then stops that; if it has children
 *   go           lets it go on
 *
 * Each other waits for three seconds at most: who works on for so long has no
 * end. */
const char *peer_other(const char *what);

#endif
