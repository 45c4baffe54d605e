/*
 * wire.h - the segments and datagrams on the loopback interface.
 */
#ifndef LADDER_WIRE_H
#define LADDER_WIRE_H

#include "event.h"

/* Begins to listen on `lo` of this network namespace; `start` is CLOCK_REALTIME
 * at the ladder's start, in nanoseconds: the zero of all times. Gives 0, or -1
 * and errno (EPERM without CAP_NET_RAW). */
int wire_open(long long start);

/* The descriptors to poll(2) for input; gives how many. */
size_t wire_descriptors(int fds[2]);

/* Takes the next segment that has been seen, in the order of arrival; times
 * never go back. Gives false if there is none yet. Never waits. `from_actor`
 * and `to_actor` are left at WIRE: the sockets know them. */
bool wire_next(struct event *event);

/* How many segments the kernel had no room for: 0 if the picture is whole. */
unsigned long wire_lost(void);

#endif
