/*
 * listeners.c - see sockets-parts.h: the listening sockets, and their queues.
 */
#include "sockets-parts.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"

enum { LISTENERS = 64 }; /* the oldest makes room */

static struct listener listeners[LISTENERS];
static size_t listener_count;

/* How well it answers for an address: 0 not at all, then by the wildcard, then
 * exactly; one that is closed counts less. */
static int suits(const struct listener *listener, const struct endpoint *local)
{
    static const unsigned char any[16];
    const struct endpoint *own = &listener->local;
    int alive = listener->gone ? 0 : 2;

    if (endpoint_equal(own, local))
        return alive + 2;
    if (own->port == local->port && memcmp(own->ip, any, sizeof any) == 0 &&
        (own->family == local->family || own->family == AF_INET6))
        return alive + 1;
    return 0;
}

struct listener *listener_at(const struct endpoint *local)
{
    struct listener *best = NULL;
    int most = 0;

    for (size_t i = 0; i < listener_count; i++)
        if (suits(&listeners[i], local) > most) {
            best = &listeners[i];
            most = suits(best, local);
        }
    return best;
}

const struct listener *listener_of(unsigned long inode)
{
    for (size_t i = 0; i < listener_count; i++)
        if (listeners[i].inode == inode)
            return &listeners[i];
    return NULL;
}

bool sockets_listens(unsigned long inode)
{
    for (size_t i = 0; i < listener_count; i++)
        if (listeners[i].inode == inode && !listeners[i].gone)
            return true;
    return false;
}

void tell_listener(const struct listener *listener, const struct teller *teller)
{
    struct event change =
        change_of(teller, listener->actor,
                  listener->gone ? TCP_CLOSE : TCP_LISTEN, &listener->local);

    if (!listener->gone) {
        change.waiting = listener->waiting;
        change.backlog = listener->backlog;
    }
    teller->emit(&change);
}

static struct listener *new_listener(void)
{
    static size_t oldest;

    if (listener_count < LISTENERS)
        return &listeners[listener_count++];
    return &listeners[oldest++ % LISTENERS];
}

/* Linux gives a listener's queue and its backlog as the lengths of its queues.
 * `backlog` is below 0 until the first time that it is told. */
static void note_listener(const struct word *word, void *context)
{
    struct listener *listener = NULL;

    (void)context;
    if (owner_of(word->inode) == WIRE)
        return;
    for (size_t i = 0; i < listener_count; i++)
        if (listeners[i].inode == word->inode && !listeners[i].gone)
            listener = &listeners[i];
    if (listener == NULL) {
        listener = new_listener();
        *listener = (struct listener){
            .local = word->local, .inode = word->inode, .backlog = -1};
    }
    listener->actor = owner_of(word->inode);
    listener->seen = true;
    listener->now_waiting = word->received;
    listener->now_backlog = word->sent;
}

/* The listener whose accept(2) has returned, or NULL. */
static struct listener *accepted_by(const struct event *cause)
{
    struct listener *found = NULL;
    unsigned long inode = 0;
    size_t count = 0;

    for (size_t i = 0; i < listener_count; i++)
        if (listeners[i].actor == cause->actor && !listeners[i].gone) {
            found = &listeners[i];
            count++;
        }
    if (count < 2)
        return found;
    inode = socket_inode(cause->pid, (int)strtol(cause->args, NULL, 10));
    for (size_t i = 0; i < listener_count; i++)
        if (listeners[i].inode == inode && !listeners[i].gone)
            return &listeners[i];
    return NULL;
}

/* Of a queue, too, the kernel's word counts only if no segment waits. */
static void compare_listener(struct listener *listener, bool quiet, long before,
                             const struct teller *teller)
{
    if (!listener->seen) {
        listener->gone = true;
        tell_listener(listener, teller);
        return;
    }
    bool changed = listener->backlog != listener->now_backlog;
    listener->backlog = listener->now_backlog;
    if (quiet)
        listener->waiting = listener->now_waiting;
    if (changed || listener->waiting != before)
        tell_listener(listener, teller);
}

/* Gives false if it may be gone. (Of several on one port, SO_REUSEPORT, the
 * kernel names any.) */
static bool listens_still(struct listener *listener)
{
    struct endpoint nobody = {.family = listener->local.family};
    struct word word = {0};

    if (!diag_one(IPPROTO_TCP, &listener->local, &nobody, &word) ||
        word.inode != listener->inode || word.state != TCP_LISTEN)
        return false;
    note_listener(&word, NULL);
    return true;
}

void look_at_listeners(const struct teller *teller)
{
    const struct event *cause = teller->cause;
    struct listener *accepted =
        is_success(cause, "accept") ? accepted_by(cause) : NULL;
    bool sure = !is_success(cause, "listen");

    for (size_t i = 0; i < listener_count; i++) {
        struct listener *listener = &listeners[i];
        listener->seen = false;
        if (listener->actor == cause->actor && !listener->gone && sure)
            sure = listens_still(listener);
    }
    if (!sure &&
        diag_all(IPPROTO_TCP, 1 << TCP_LISTEN, note_listener, NULL) == -1)
        return;
    bool quiet = !segments_wait();
    for (size_t i = 0; i < listener_count; i++) {
        struct listener *listener = &listeners[i];
        long before = listener->waiting;
        if (listener == accepted && before > 0)
            listener->waiting--;
        if (!listener->gone && listener->actor == cause->actor)
            compare_listener(listener, quiet, before, teller);
    }
}

bool listens(int actor)
{
    for (size_t i = 0; i < listener_count; i++)
        if (listeners[i].actor == actor && !listeners[i].gone)
            return true;
    return false;
}
