/*
 * casting.h - the players are started: the server, then its clients.
 */
#ifndef LADDER_CASTING_H
#define LADDER_CASTING_H

#include "calls.h"
#include "event.h"
#include "options.h"

/* With `keys_are_input`, standard input is the lecturer's, and no client's. */
void casting_open(const struct options *given, bool keys_are_input);

/* Starts the server. Gives false if it could not be: it was said why. */
bool casting_server(void);

/* Starts the next client if it is time: the first when the server can be
 * reached (it listens; or it has bound a UDP socket and begins to wait), each
 * further one when the one before has connected, or has ended, or takes long.
 * So they come in the order in which they were named. Gives false if it could
 * not be started: it was said why. */
bool casting_clients(long long now);

/* To be told of: a socket of an actor's that listens, a call that is about to
 * begin, and every event. */
void casting_listening(int actor, unsigned long inode);
void casting_call(int actor, const struct call_type *type);
void casting_event(const struct event *event);

/* Can the server be reached? Were all clients started? */
bool casting_reachable(void);
bool casting_complete(void);

#endif
