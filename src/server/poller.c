/*
 * poller.c - see poller.h.
 */
#include "poller.h"

#include <stdint.h>
#include <stdlib.h>

#ifdef POLLER_EPOLL

_Static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT, "one set of bits");

bool poller_open(struct poller *poller)
{
    poller->fd = epoll_create1(EPOLL_CLOEXEC);
    return poller->fd != -1;
}

static bool control(struct poller *poller, int operation, struct source *source,
                    short events)
{
    struct epoll_event event = {.events = (uint32_t)events, .data.ptr = source};

    source->events = events;
    return epoll_ctl(poller->fd, operation, source->fd, &event) == 0;
}

bool poller_add(struct poller *poller, struct source *source, short events)
{
    return control(poller, EPOLL_CTL_ADD, source, events);
}

bool poller_change(struct poller *poller, struct source *source, short events)
{
    return source->events == events ||
           control(poller, EPOLL_CTL_MOD, source, events);
}

/* The kernel forgets a descriptor that is closed. */
void poller_forget(struct poller *poller, const struct source *source)
{
    (void)poller;
    (void)source;
}

int poller_wait(struct poller *poller, int timeout)
{
    const int most = sizeof poller->list / sizeof *poller->list;

    poller->next = 0;
    poller->found = epoll_wait(poller->fd, poller->list, most, timeout);
    return poller->found;
}

struct source *poller_next(struct poller *poller, short *events)
{
    if (poller->next >= poller->found)
        return NULL;
    const struct epoll_event *event = &poller->list[poller->next++];
    *events = (short)event->events;
    return event->data.ptr;
}

#else

bool poller_open(struct poller *poller)
{
    *poller = (struct poller){0};
    return true;
}

static bool grow(struct poller *poller)
{
    size_t capacity = poller->capacity * 2 + 16;
    void *polls = realloc(poller->polls, capacity * sizeof *poller->polls);

    if (polls == NULL)
        return false;
    poller->polls = polls;
    void *sources =
        realloc(poller->sources, capacity * sizeof *poller->sources);
    if (sources == NULL)
        return false;
    poller->sources = sources;
    poller->capacity = capacity;
    return true;
}

bool poller_add(struct poller *poller, struct source *source, short events)
{
    if (poller->count == poller->capacity && !grow(poller))
        return false;
    source->events = events;
    poller->polls[poller->count] =
        (struct pollfd){.fd = source->fd, .events = events};
    poller->sources[poller->count++] = source;
    return true;
}

static size_t place_of(const struct poller *poller, const struct source *source)
{
    size_t i = 0;

    while (poller->sources[i] != source)
        i++;
    return i;
}

/* A descriptor without events is passed over: poll(2) would tell of its hangup
 * all the same, again and again. */
bool poller_change(struct poller *poller, struct source *source, short events)
{
    size_t i = place_of(poller, source);

    source->events = events;
    poller->polls[i].events = events;
    poller->polls[i].fd = events != 0 ? source->fd : -1;
    return true;
}

/* The last one takes its place; poller_next(), which goes backwards, has been
 * there. */
void poller_forget(struct poller *poller, const struct source *source)
{
    size_t i = place_of(poller, source);

    poller->count--;
    poller->polls[i] = poller->polls[poller->count];
    poller->sources[i] = poller->sources[poller->count];
}

int poller_wait(struct poller *poller, int timeout)
{
    int found = poll(poller->polls, (nfds_t)poller->count, timeout);

    poller->next = found > 0 ? poller->count : 0;
    return found;
}

struct source *poller_next(struct poller *poller, short *events)
{
    while (poller->next > 0) {
        size_t i = --poller->next;
        if (poller->polls[i].revents == 0)
            continue;
        *events = poller->polls[i].revents;
        return poller->sources[i];
    }
    return NULL;
}

#endif
