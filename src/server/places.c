/*
 * places.c - where clients are kept, and how many each address has: see
 * engine.h.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/engine.h"

enum {
    CHUNK = 256,            /* clients that are allocated at a time */
    MOST_CLIENTS = 1 << 20, /* descriptors beyond are not taken */
    CHAINS = 4096,
};

/* --- Clients ------------------------------------------------------------ */

/* The client of descriptor fd is clients[fd / CHUNK][fd % CHUNK]. Chunks are
 * only added, by the first loop; a client never moves. */
static struct client *_Atomic clients[MOST_CLIENTS / CHUNK];
static atomic_int highest; /* descriptor that a client has had */

struct client *new_place(int fd)
{
    if (fd >= MOST_CLIENTS) {
        errno = EMFILE;
        return NULL;
    }
    if (clients[fd / CHUNK] == NULL)
        clients[fd / CHUNK] = calloc(CHUNK, sizeof(struct client));
    if (clients[fd / CHUNK] == NULL)
        return NULL;
    if (fd > highest)
        highest = fd;
    return &clients[fd / CHUNK][fd % CHUNK];
}

struct client *place_of(int fd)
{
    struct client *chunk = clients[fd / CHUNK];

    return chunk != NULL ? &chunk[fd % CHUNK] : NULL;
}

int highest_place(void)
{
    return highest;
}

/* --- Origins ------------------------------------------------------------ */

/* A table of chains. Only the first loop looks for an origin, adds one and
 * gives an unused one to another address; the others only count down. */
static struct origin *chains[CHAINS];

uint16_t port_of(const struct sockaddr *name)
{
    if (name->sa_family == AF_INET6)
        return ntohs(
            ((const struct sockaddr_in6 *)(const void *)name)->sin6_port);
    if (name->sa_family == AF_INET)
        return ntohs(
            ((const struct sockaddr_in *)(const void *)name)->sin_port);
    return 0;
}

static void address_bytes(const struct sockaddr *from, unsigned char to[16])
{
    memset(to, 0, 16);
    if (from->sa_family == AF_INET6) {
        memcpy(to,
               &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr,
               16);
    } else if (from->sa_family == AF_INET) {
        to[10] = to[11] = 0xff;
        memcpy(to + 12,
               &((const struct sockaddr_in *)(const void *)from)->sin_addr, 4);
    }
}

/* FNV-1a. An address cannot be chosen freely where it has to answer a SYN. */
static size_t chain_of(const unsigned char address[16])
{
    uint32_t hash = 2166136261;

    for (int i = 0; i < 16; i++)
        hash = (hash ^ address[i]) * 16777619;
    return (hash ^ hash >> 16) % CHAINS;
}

struct origin *origin_enter(const struct sockaddr *address)
{
    unsigned char bytes[16];
    struct origin *unused = NULL, *origin;

    address_bytes(address, bytes);
    struct origin **chain = &chains[chain_of(bytes)];
    for (origin = *chain; origin != NULL; origin = origin->next) {
        if (memcmp(origin->address, bytes, sizeof bytes) == 0)
            break;
        if (atomic_load(&origin->clients) == 0)
            unused = origin;
    }
    if (origin == NULL)
        origin = unused;
    if (origin == NULL) {
        origin = calloc(1, sizeof *origin);
        if (origin == NULL)
            return NULL;
        origin->next = *chain;
        *chain = origin;
    }
    memcpy(origin->address, bytes, sizeof bytes);
    atomic_fetch_add(&origin->clients, 1);
    return origin;
}

void origin_leave(struct origin *origin)
{
    atomic_fetch_sub(&origin->clients, 1);
}
