/*
 * loop.c - one thread's turns: see engine.h.
 */
#include <errno.h>
#include <stdlib.h>

#include "server/engine.h"
#include "toolkit.h"

enum { ASKED_ITSELF = 16 }; /* times, before the others are */

struct loop *new_loop(struct server *server, unsigned number)
{
    struct loop *loop = calloc(1, sizeof *loop);

    if (loop == NULL || (loop->buffer = malloc(BUFFER_SIZE)) == NULL)
        die("malloc");
    if (!poller_open(&loop->poller))
        die("epoll_create1");
    loop->server = server;
    loop->number = number;
    loop->now = server_ms(server);
    return loop;
}

/* --- What is due -------------------------------------------------------- */

static bool looks_at_clients(const struct loop *loop)
{
    return loop->lingering > 0 || loop->server->settings.idle > 0;
}

/* Differences, as the clock begins anew: see server_ms(). */
static bool is_due(uint32_t when, uint32_t now)
{
    return (int32_t)(when - now) <= 0;
}

static int sooner(int timeout, uint32_t when, uint32_t now)
{
    int left = is_due(when, now) ? 0 : (int)(when - now);

    return timeout == -1 || left < timeout ? left : timeout;
}

/* Only who has something to wait for reads the clock. */
static bool needs_clock(const struct loop *loop)
{
    return looks_at_clients(loop) ||
           (loop->number == 0 &&
            (loop->server->rests || loop->server->has_end));
}

/* Does what is due, and gives how long to wait for the rest; -1: no limit. */
static int do_what_is_due(struct loop *loop)
{
    struct server *server = loop->server;
    int timeout = -1;

    if (!needs_clock(loop))
        return -1;
    loop->now = server_ms(server);
    if (looks_at_clients(loop) && is_due(loop->next_look, loop->now)) {
        look_at_clients(loop);
        loop->next_look = loop->now + MS;
    }
    if (looks_at_clients(loop))
        timeout = sooner(timeout, loop->next_look, loop->now);
    if (loop->number != 0)
        return timeout;
    if (server->rests && is_due(server->rest_until, loop->now))
        end_rest(server);
    if (server->rests)
        timeout = sooner(timeout, server->rest_until, loop->now);
    if (server->has_end && is_due(server->phase_ends, loop->now))
        end_phase(server);
    if (server->has_end)
        timeout = sooner(timeout, server->phase_ends, loop->now);
    return timeout;
}

/* --- Turns -------------------------------------------------------------- */

/* An only client is asked itself: a call fewer than to ask epoll first. Gives
 * true if it spoke. */
static bool ask_only_client(struct loop *loop)
{
    bool spoke = false;

    if (loop->last == NULL || clients_of(loop) != 1)
        return false;
    for (int i = 0; i < ASKED_ITSELF; i++)
        if (ask_client(loop, loop->last))
            spoke = true;
    return spoke;
}

/* With --spin, asks again and again for a while before it sleeps. */
static int wait_for_events(struct loop *loop, int timeout)
{
    const long spin = loop->server->settings.spin;

    if (spin > 0 && timeout != 0) {
        long long until = now_us() + spin;
        do {
            bool spoke = ask_only_client(loop);
            int found = poller_wait(&loop->poller, 0);
            if (found != 0 || spoke)
                return found;
        } while (now_us() < until);
    }
    return poller_wait(&loop->poller, timeout);
}

void take_turn(struct loop *loop)
{
    struct source *source;
    short events;

    loop->ready = wait_for_events(loop, do_what_is_due(loop));
    if (loop->ready == -1) {
        if (errno != EINTR)
            die("epoll_wait");
        return;
    }
    if (needs_clock(loop))
        loop->now = server_ms(loop->server);
    while ((source = poller_next(&loop->poller, &events)) != NULL)
        source->ready(loop, source, events);
}
