/*
 * toolkit.h - what the echo and daytime programs share: names and addresses,
 * and a server's loop with many clients. All of it speaks TCP over IPv4 and
 * IPv6, and a name's addresses are tried in turn.
 */
#ifndef TOOLKIT_H
#define TOOLKIT_H

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>

#include "netprog.h"

/* --- Clients ------------------------------------------------------------ */

/* Gives the addresses of a name, for freeaddrinfo(3); of NULL, the wildcard of
 * each family. Ends the program with 1 if there are none. */
struct addrinfo *resolve(const char *name, const char *port, int flags);

/* Gives a non-blocking descriptor that is connected to ADDRESS and PORT, and
 * writes into `peer` which address it was. `seconds` is how long each address
 * may take, 0 as long as the kernel tries. Where none answers, every failure
 * is reported and the program ends with 1. */
int connect_to(const char *address, const char *port, long seconds,
               char peer[ADDRESS_TEXT_SIZE]);

/* Milliseconds of a clock that is never set back. */
long long now_ms(void);

/* Waits until poll(2) has something to tell about `fd`. Gives false, and
 * ETIMEDOUT in errno, if now_ms() reaches `deadline` first; 0 is none. */
bool wait_ready(int fd, short events, long long deadline);

/* --- Servers ------------------------------------------------------------ */

/* One client of a service. buffer[start..end) is what it has yet to be sent:
 * it never grows, and who does not read it is not read from. */
struct client {
    int fd;             /* non-blocking */
    long long deadline; /* when it is dropped, by now_ms(); 0: never */
    size_t start, end;
    char buffer[16384];
};

/* Reads into the buffer, which must be empty; it may stay so. Gives false at
 * the end of the stream, and if the connection is lost. */
bool client_receive(struct client *client);

/* Sends what the connection takes of the buffer. Gives false if it is lost. */
bool client_send(struct client *client);

struct service {
    const char *about; /* for -h */
    const char *port;  /* the default */

    /* Called when the client has come (all but fd is 0 then), and whenever one
     * of the poll(2) events that it gave the last time has happened. It must
     * not wait. Gives 0 when the client is done with. */
    short (*serve)(struct client *client);
};

/* A server's whole life: reads the command line, listens on every address of
 * the name, says so in one line, and serves. Gives main's return value. */
int run_service(int argc, char *argv[], const struct service *service);

#endif
