/*
 * engine.h - how the parts of the servers fit together:
 *
 *     server.c     the command line, and a server's life from begin to end
 *     listeners.c  the sockets: made here, or handed over by who started us
 *     loop.c       a thread: waits, and lets every source do what is due
 *     arrivals.c   accept(2), and who may come in
 *     clients.c    a TCP client, from its first event to its close(2)
 *     places.c     where clients are kept, and how many each address has
 *     datagrams.c  UDP: one datagram in, at most one out
 *     handover.c   systemd, inetd, and the user to become
 *     journal.c    the lines of --log, and the counters
 *     poller.c     epoll or poll
 *
 * Every thread has a loop of its own. The first one has the listeners, UDP and
 * the signals too; it gives each new client to the loop with fewest. A client
 * is its loop's from then on, so that nothing has to be locked: what several
 * threads look at is atomic, and stands here.
 */
#ifndef ENGINE_H
#define ENGINE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netprog.h"
#include "server/poller.h"
#include "service.h"

enum {
    MOST_LISTENERS = 256,
    MOST_THREADS = 64,
    /* Of each loop: one for all of its clients. With sixteen streams a MiB cost
     * 1000 us of a processor with 64 KiB, 860 with 128, 670 with 256, and 500
     * with this. */
    BUFFER_SIZE = 512 * 1024,
    MS = 1000, /* in a second */
};

/* --- Counting ----------------------------------------------------------- */

/* Each is written by one thread only, so that adding takes no locked bus. */
typedef _Atomic unsigned long long counter;

static inline void add_to(counter *at, unsigned long long n)
{
    unsigned long long value = atomic_load_explicit(at, memory_order_relaxed);

    atomic_store_explicit(at, value + n, memory_order_relaxed);
}

static inline unsigned long long value_of(const counter *at)
{
    return atomic_load_explicit(at, memory_order_relaxed);
}

struct counters {
    counter accepted; /* by the first loop, for this one */
    counter gone, bytes_in, bytes_out;
};

/* --- Clients ------------------------------------------------------------ */

/* The address of clients; many may share one. */
struct origin {
    struct origin *next;
    unsigned char address[16]; /* an IPv4 address is a mapped one */
    atomic_uint clients;
};

/* What a connection did not take at once. Nothing is read meanwhile. */
struct kept {
    uint32_t start, end; /* bytes[start..end) is yet to be sent */
    char bytes[];
};

enum stage {
    SERVED,
    LAST,      /* what is kept is the last */
    LINGERING, /* all is sent, and our stream's end; its own is awaited */
};

/* Ten thousand of them may be there and idle: 64 bytes, and no buffer. */
struct client {
    struct source source;
    struct origin *origin;
    struct kept *kept; /* or NULL */
    unsigned long long in, out;
    uint32_t came, last; /* by server_ms(): when it did something */
    uint16_t port;
    uint8_t service;      /* services[service] */
    uint8_t stage;        /* enum stage */
    atomic_uchar of_loop; /* the loop's number + 1; 0: the place is free */
};
_Static_assert(sizeof(struct client) <= 64, "one line of the cache");

struct loop {
    struct server *server;
    unsigned number;
    struct poller poller;
    int ready;           /* how many sources, in this turn */
    struct client *last; /* who was served; may have gone */
    struct source bell;  /* the last bytes are to be sent now */
    struct counters counters;
    char *buffer;
    size_t lingering;   /* clients whose end is waited for, not for ever */
    uint32_t now;       /* server_ms() */
    uint32_t next_look; /* when clients are looked at that do nothing */
};

/* A client's `ready`. */
void serve_client(struct loop *loop, struct source *source, short events);

/* Serves a client that has sent something, or its end, without being told.
 * Gives false if it has not, or is not there any more. */
bool ask_client(struct loop *loop, struct client *client);

/* Drops who has been silent for too long. */
void look_at_clients(struct loop *loop);

/* No client is answered any more: what has been read is sent, then the end. */
void finish_clients(struct loop *loop);

/* The place of a descriptor's client: the first gives NULL and errno where it
 * cannot be had, the second where there never was one. */
struct client *new_place(int fd);
struct client *place_of(int fd);
int highest_place(void); /* a descriptor; no client has a higher one */

/* In host byte order; 0 if the address has none. */
uint16_t port_of(const struct sockaddr *name);

/* Gives the origin of an address, counted once more; NULL and errno if there
 * is no memory. Only for the first loop. */
struct origin *origin_enter(const struct sockaddr *address);
void origin_leave(struct origin *origin);

/* --- Servers ------------------------------------------------------------ */

struct settings {
    const char *address, *user;
    const char *ports[8];           /* of services[]; NULL: not served */
    long tcp, udp, all, inetd, log; /* switches */
    bool many; /* services may be named; else there is one */
    long threads, spin;
    long connections, per_address;
    long idle, grace; /* seconds */
    long clients;
};

struct listener {
    struct source source;
    size_t service; /* services[service] */
    uint16_t port;
    bool datagrams;
};

struct server {
    struct settings settings;
    struct listener listeners[MOST_LISTENERS];
    size_t listener_count;
    bool handed_over; /* all of them: who did so has them open too */
    struct loop *loops[MOST_THREADS];
    size_t loop_count;
    long long began; /* now_ms() */

    /* The first loop's alone. */
    struct source signals;
    bool listening;
    long to_come;        /* clients to accept yet; -1 is no limit */
    uint32_t rest_until; /* no accept(2) before, if it rests */
    bool rests, rest_told;
    enum { SERVING, DRAINING, FINISHING } phase;
    uint32_t phase_ends; /* if has_end */
    bool has_end, over;
    counter refused, datagrams_in, datagrams_out, datagrams_dropped;

    atomic_bool heeds_departures; /* the first loop wants to know of each */
    atomic_size_t kept;           /* bytes in all clients' `kept` */
};

/* Milliseconds since the server began; begins anew after 49 days, so that only
 * differences mean something. */
uint32_t server_ms(const struct server *server);

/* Clients that are there now. */
unsigned long long clients_of(const struct loop *loop);
unsigned long long clients_open(const struct server *server);

/* Makes the first loop look whether something has changed. */
void tell_first(void);

/* A listening descriptor's `ready`. */
void accept_clients(struct loop *first, struct source *source, short events);

/* Who is in the kernel's queue has been told that it is connected, and may have
 * sent something: it is let in, and nobody after. Only for listeners of our
 * own: the queue of one that was handed over is the next server's. */
void accept_last(struct server *server);

/* Takes a connected descriptor on, or closes it and gives false. */
bool add_client(struct loop *first, int fd, const struct sockaddr *peer,
                size_t service);

/* Lets accept(2) be tried again, if it rests. */
void end_rest(struct server *server);

/* The grace is over, or what came after it. */
void end_phase(struct server *server);

/* --- Loops -------------------------------------------------------------- */

struct loop *new_loop(struct server *server, unsigned number);

/* Waits until something happens, or is due, and does it. */
void take_turn(struct loop *loop);

/* --- The other parts ---------------------------------------------------- */

/* Makes a source of a descriptor, and of the first loop's. */
void add_listener(struct server *server, int fd, size_t service,
                  bool datagrams);

/* Listens as the settings say. */
void open_listeners(struct server *server);
void close_listeners(struct server *server);

/* Prints "listening on ADDRESS:PORT...", if it is so. */
void say_listening(const struct server *server);

/* A datagram socket's `ready`. */
void answer_datagrams(struct loop *first, struct source *source, short events);

/* Makes recvmsg(2) tell to which address a datagram was sent. */
bool ask_for_destination(int fd, int family);

/* How many sockets systemd hands over. */
long handed_over(void);

/* Takes the sockets that systemd or inetd hands over. Gives false if there are
 * none. */
bool take_handed_over(struct server *server);

/* Sends a state like "READY=1" to where NOTIFY_SOCKET says, if it does. */
void notify(const char *state);

/* Ends the program with 1 where that cannot be. */
void become_user(const char *name);

/* Writes a line to standard output, after the time. Does not wait. */
PRINTF_LIKE void journal_line(const char *format, ...);
void report_counters(const struct server *server);

#endif
