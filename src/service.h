/*
 * service.h - what the small services answer. How they are asked, over TCP or
 * UDP, by how many and for how long, is the server's matter: see server.h.
 */
#ifndef SERVICE_H
#define SERVICE_H

#include <stddef.h>

enum {
    LEAST_BUFFER = 16384, /* no turn has a smaller one */
    PORT_OFFSET = 7000,   /* our ports are the well-known ones plus this */
};

/* One answer: to what a client sent, or to its coming. */
struct turn {
    char *buffer;             /* holds what came; is to hold the answer */
    size_t size;              /* how much the buffer can hold */
    size_t count;             /* how much came: buffer[0..count) */
    unsigned long long place; /* how much the client was sent before */
};

/* Gives how many bytes of the buffer are the answer. Must not wait. */
typedef size_t answer_function(const struct turn *turn);

/* When a TCP client is answered; a datagram always is at once. */
enum when {
    ON_INPUT,  /* whenever something came, until the client ends its stream */
    ON_COMING, /* when it comes; then our stream ends, its own is thrown away */
    ENDLESSLY, /* whenever there is room; its own stream is thrown away */
};

struct service {
    const char *name;
    const char *about; /* for -h */
    unsigned port;     /* the well-known one */
    enum when when;
    answer_function *stream, *datagram; /* NULL: no answer */
};

/* Ends with a NULL name. */
extern const struct service services[];

/* Gives the row of a name, or NULL. */
const struct service *service_named(const char *name);

#endif
