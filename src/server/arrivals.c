/*
 * arrivals.c - accept(2), and who may come in: see engine.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/engine.h"
#include "toolkit.h"

enum {
    REST_MS = 1000, /* without accept(2), where it fails */
    MOST_HOPS = 255,
};

static struct loop *least_busy(const struct server *server)
{
    struct loop *best = NULL;
    unsigned long long fewest = 0;

    for (size_t i = 0; i < server->loop_count; i++) {
        struct loop *loop = server->loops[i];
        unsigned long long open = clients_of(loop);
        if (best == NULL || open < fewest) {
            best = loop;
            fewest = open;
        }
    }
    return best;
}

/* Another thread's loop is told of the client from poller_add() on, but does
 * not look at it before its number is there; then it may drop it before we are
 * back. To ask the client at once for what it may have sent was tried: fewer
 * connections were served a second, not more. */
static bool begin(struct loop *loop, struct client *client, int fd,
                  const struct sockaddr *peer, size_t service)
{
    client->source = (struct source){.ready = serve_client, .fd = fd};
    client->in = client->out = 0;
    client->came = client->last = server_ms(loop->server);
    client->port = port_of(peer);
    client->service = (uint8_t)service;
    client->stage = SERVED;
    if (!poller_add(&loop->poller, &client->source,
                    services[service].when == ON_INPUT ? POLLIN
                                                       : POLLIN | POLLOUT))
        return false;
    add_to(&loop->counters.accepted, 1);
    atomic_store(&client->of_loop, (unsigned char)(loop->number + 1));
    return true;
}

bool add_client(struct loop *first, int fd, const struct sockaddr *peer,
                size_t service)
{
    struct server *server = first->server;
    const long most = server->settings.per_address;
    struct client *client = new_place(fd);
    struct origin *origin = client != NULL ? origin_enter(peer) : NULL;

    if (origin != NULL && most > 0 && atomic_load(&origin->clients) > most) {
        errno = 0;
    } else if (origin != NULL) {
        client->origin = origin;
        if (begin(least_busy(server), client, fd, peer, service))
            return true;
    }
    if (errno != 0)
        report("a client was turned away");
    if (origin != NULL)
        origin_leave(origin);
    add_to(&server->refused, 1);
    close(fd);
    return false;
}

/* --- Listeners ---------------------------------------------------------- */

static void listen_to_all(struct server *server, short events)
{
    for (size_t i = 0; i < server->listener_count; i++) {
        struct listener *l = &server->listeners[i];
        if (!l->datagrams && l->source.fd != -1 &&
            !poller_change(&server->loops[0]->poller, &l->source, events))
            die("epoll_ctl");
    }
}

/* Nobody is accepted until a client leaves, or a second has gone: where there
 * is no descriptor, accept(2) would fail again at once and for ever. The others
 * wait in the kernel's queue. */
static void rest(struct server *server)
{
    server->rests = server->rest_told = true;
    server->rest_until = server_ms(server) + REST_MS;
    listen_to_all(server, 0);
    atomic_store(&server->heeds_departures, true);
}

void end_rest(struct server *server)
{
    if (!server->rests)
        return;
    server->rests = false;
    atomic_store(&server->heeds_departures, server->phase != SERVING);
    listen_to_all(server, POLLIN);
}

static bool is_full(struct server *server)
{
    if (clients_open(server) < (unsigned long long)server->settings.connections)
        return false;
    if (!server->rest_told)
        fprintf(stderr, "%s: %ld connections: others wait until one ends\n",
                program_name, server->settings.connections);
    rest(server);
    return true;
}

static int accept_one(int listener, struct sockaddr_storage *peer)
{
    socklen_t size = sizeof *peer;
#ifdef SOCK_NONBLOCK
    return accept4(listener, (struct sockaddr *)peer, &size,
                   SOCK_NONBLOCK | SOCK_CLOEXEC);
#else
    int fd = accept(listener, (struct sockaddr *)peer, &size);
    if (fd != -1 && !set_nonblocking(fd)) {
        close(fd);
        errno = ECONNABORTED;
        return -1;
    }
    return fd;
#endif
}

/* A segment that has fewer hops left does not come to this socket; senders give
 * 64 or 128, as a rule. One of the options is the socket's; where there is
 * none, nothing is lost but that. */
static void require_hops(int fd, int hops)
{
#ifdef IP_MINTTL
    (void)setsockopt(fd, IPPROTO_IP, IP_MINTTL, &hops, sizeof hops);
#endif
#ifdef IPV6_MINHOPCOUNT
    (void)setsockopt(fd, IPPROTO_IPV6, IPV6_MINHOPCOUNT, &hops, sizeof hops);
#endif
    (void)fd, (void)hops;
}

/* Accepts one. Gives false if there is none, or none may come. ECONNABORTED, a
 * client that has gone again, is no error of ours. */
static bool accept_next(struct server *server, const struct listener *listener)
{
    struct sockaddr_storage peer = {0};

    if (server->to_come == 0 || !server->listening || is_full(server))
        return false;
    int fd = accept_one(listener->source.fd, &peer);
    if (fd != -1) {
        if (server->phase != SERVING)
            require_hops(fd, 0); /* it has its listener's */
        if (add_client(server->loops[0], fd, (struct sockaddr *)&peer,
                       listener->service) &&
            server->to_come > 0)
            server->to_come--;
        return true;
    }
    if (errno == EAGAIN) {
        server->rest_told = false;
        return false;
    }
    if (errno == EINTR || errno == ECONNABORTED)
        return true;
    if (!server->rest_told)
        report("accept (resting until a client leaves)");
    rest(server);
    return false;
}

/* As many as there are sources to serve in this turn: where one came alone, no
 * second is asked for in vain, which was a call of ten that a short connection
 * costs; where many speak, newcomers do not wait for them. After a rest it is
 * all, so that it is known when nobody waits any more. */
void accept_clients(struct loop *first, struct source *source, short events)
{
    (void)events;
    for (int i = 0; i < first->ready || first->server->rest_told; i++)
        if (!accept_next(first->server, (struct listener *)source))
            return;
}

/* First the listener is made deaf: who begins now tries again a second later,
 * and finds the next server, or nobody. Else one could be let into the queue
 * after we have looked, and lose what it sent. */
void accept_last(struct server *server)
{
    for (size_t i = 0; i < server->listener_count; i++) {
        const struct listener *listener = &server->listeners[i];
        if (listener->datagrams)
            continue;
        require_hops(listener->source.fd, MOST_HOPS);
        bool more = true;
        while (more)
            more = accept_next(server, listener);
    }
}
