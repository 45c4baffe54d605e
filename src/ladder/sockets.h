/*
 * sockets.h - what the kernel says of the sockets: their states, addresses and
 * queues (sock_diag(7)), and who owns them.
 */
#ifndef LADDER_SOCKETS_H
#define LADDER_SOCKETS_H

#include "event.h"

/* Gives 0, or -1 and errno. */
int sockets_open(void);

/* Tells that a socket, known by its inode, belongs to an actor. */
void sockets_own(unsigned long inode, int actor);

/* A socket's own address and peer's. Gives false if the kernel knows none. At
 * once for a listener; a millisecond and more for others. */
bool sockets_addresses(unsigned long inode, struct endpoint *local,
                       struct endpoint *peer);

/* Was this socket seen to listen, and not to end? */
bool sockets_listens(unsigned long inode);

/* Finds a listening socket, if there is one, and takes it as the server's: for
 * a server whose calls cannot be seen. Where others live in the same network,
 * `holder` is the process that must have it open, else 0. Gives false if nobody
 * listens. */
bool sockets_find_listener(pid_t holder, unsigned long *inode);

/* Sets from_actor and to_actor of a segment. */
void sockets_assign(struct event *segment);

/* Looks what has changed since the last time, and gives each change to `emit`
 * as an EVENT_STATE with that event's time. A segment alone tells some states
 * through which a socket has passed before the kernel can be asked (SYN-SENT
 * over loopback): these are told too, in their order (RFC 9293, 3.3.2).
 *
 * To be called for every call, return and exit (those of no interest cost next
 * to nothing), once the segments before it were taken; and for every segment,
 * after sockets_assign() and before the next one is taken. */
void sockets_changes(const struct event *cause,
                     void (*emit)(const struct event *change));

#endif
