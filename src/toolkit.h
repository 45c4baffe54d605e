/*
 * toolkit.h - what the toolkit's programs share: names and addresses, a clock,
 * and a client's connection. A name's addresses, of IPv4 and IPv6, are tried in
 * turn. The servers have more: server/engine.h.
 */
#ifndef TOOLKIT_H
#define TOOLKIT_H

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>

#include "netprog.h"

enum { MOST_ADDRESSES = 16 }; /* of one name; what lies beyond is not tried */

/* Gives the addresses of a name, for freeaddrinfo(3); of NULL, the wildcard of
 * each family. Ends the program with 1 if there are none. */
struct addrinfo *resolve(const char *name, const char *port, int flags);

/* A line twice in /etc/hosts is an address twice in the list. */
bool seen_before(const struct addrinfo *list, const struct addrinfo *a);

bool set_nonblocking(int fd);
void close_keeping_errno(int fd);

/* Gives the addresses of a name, for freeaddrinfo(3); of NULL, the wildcard of
 * each family. Ends the program with 1 if there are none. */
struct addrinfo *resolve(const char *name, const char *port, int flags);

/* Gives a non-blocking descriptor that is connected to ADDRESS and PORT, and
 * writes into `peer` which address it was. `seconds` is how long each address
 * may take, 0 as long as the kernel tries. Where none answers, every failure
 * is reported and the program ends with 1. */
int connect_to(const char *address, const char *port, long seconds,
               char peer[ADDRESS_TEXT_SIZE]);

/* A clock that is never set back. */
long long now_ms(void);
long long now_us(void);

/* Waits until poll(2) has something to tell about `fd`. Gives false, and
 * ETIMEDOUT in errno, if now_ms() reaches `deadline` first; 0 is none. */
bool wait_ready(int fd, short events, long long deadline);

#endif
