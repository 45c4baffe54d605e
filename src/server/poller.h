/*
 * poller.h - waits for descriptors: by epoll(7) on Linux, elsewhere by poll(2)
 * (also with -DUSE_POLL).
 */
#ifndef POLLER_H
#define POLLER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#if defined(__linux__) && !defined(USE_POLL)
#define POLLER_EPOLL
#include <sys/epoll.h>
#endif

struct loop;

/* What is waited for. It stays where it is while a poller knows it. */
struct source {
    void (*ready)(struct loop *loop, struct source *source, short events);
    int fd;
    short events; /* POLLIN, POLLOUT: what the poller was told last */
};

struct poller {
#ifdef POLLER_EPOLL
    int fd;
    int next, found;
    struct epoll_event list[512];
#else
    size_t count, capacity, next;
    struct pollfd *polls; /* polls[i] is of sources[i] */
    struct source **sources;
#endif
};

/* These give false, or -1, and errno. Only poller_add() may be called by
 * another thread than the poller's, and only where there is epoll. */
bool poller_open(struct poller *poller);
bool poller_add(struct poller *poller, struct source *source, short events);
bool poller_change(struct poller *poller, struct source *source, short events);

/* To be called before the source's descriptor is closed. */
void poller_forget(struct poller *poller, const struct source *source);

/* Waits until something has happened, but no longer than so many milliseconds
 * (-1: no limit). Gives how many sources are ready. */
int poller_wait(struct poller *poller, int timeout);

/* Gives the next one that is ready and what has happened, or NULL. */
struct source *poller_next(struct poller *poller, short *events);

#endif
