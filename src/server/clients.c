/*
 * clients.c - a TCP client, from its first event to its close(2): see engine.h.
 *
 * One event is one read and one write, at most: who has more comes again, after
 * the others. Nothing is read before all that was read is sent; so who does not
 * read is held back by TCP itself, and at the end of the stream nothing is
 * owed.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/engine.h"
#include "toolkit.h"

enum {
    LINGER_MS = 2000,      /* for a client's end, after ours */
    ENDLESS_WRITE = 65536, /* of an endless answer at a time */
    MUCH_KEPT = 64 << 20,  /* from here on reads are small */
};

/* --- The end ------------------------------------------------------------ */

static void drop_kept(struct server *server, struct client *client)
{
    if (client->kept != NULL)
        atomic_fetch_sub(&server->kept, client->kept->end);
    free(client->kept);
    client->kept = NULL;
}

/* IPv4 comes back from its mapped form. */
static const char *peer_text(const struct client *client,
                             char text[ADDRESS_TEXT_SIZE])
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    const unsigned char *bytes = client->origin->address;
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
                              .sin6_port = htons(client->port)};
    struct sockaddr_in v4 = {.sin_family = AF_INET,
                             .sin_port = htons(client->port)};

    if (memcmp(bytes, mapped, sizeof mapped) == 0) {
        memcpy(&v4.sin_addr, bytes + 12, 4);
        return address_text((struct sockaddr *)&v4, text);
    }
    memcpy(&v6.sin6_addr, bytes, 16);
    return address_text((struct sockaddr *)&v6, text);
}

static void log_client(const struct server *server, const struct client *client,
                       const char *why)
{
    char peer[ADDRESS_TEXT_SIZE];
    uint32_t ms = server_ms(server) - client->came;

    journal_line("%s %s in %llu out %llu %u.%03u s %s",
                 services[client->service].name, peer_text(client, peer),
                 client->in, client->out, ms / MS, ms % MS, why);
}

/* The place is free before the descriptor is, as the next client may have it
 * at once. */
static void drop(struct loop *loop, struct client *client, const char *why)
{
    struct server *server = loop->server;
    int fd = client->source.fd;

    if (server->settings.log)
        log_client(server, client, why);
    drop_kept(server, client);
    loop->lingering -= client->stage == LINGERING ? 1 : 0;
    origin_leave(client->origin);
    poller_forget(&loop->poller, &client->source);
    atomic_store_explicit(&client->of_loop, 0, memory_order_release);
    close(fd);
    add_to(&loop->counters.gone, 1);
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load(&server->heeds_departures))
        tell_first();
}

static bool change(struct loop *loop, struct client *client, short events)
{
    if (poller_change(&loop->poller, &client->source, events))
        return true;
    drop(loop, client, errno_name(errno));
    return false;
}

/* The end of our stream. The client's own is read to its end first: closing
 * with unread input sends an RST, and that can destroy what is on its way. Who
 * does not close is left after a while. */
static void linger(struct loop *loop, struct client *client)
{
    if (shutdown(client->source.fd, SHUT_WR) == -1) {
        drop(loop, client, errno_name(errno));
        return;
    }
    client->stage = LINGERING;
    client->last = loop->now = server_ms(loop->server);
    if (loop->lingering++ == 0)
        loop->next_look = loop->now + MS;
    change(loop, client, POLLIN);
}

/* --- In between --------------------------------------------------------- */

enum came { SOME, NOTHING, END, LOST };

/* Reads into the loop's buffer. Who is lost is dropped. */
static enum came receive(struct loop *loop, struct client *client,
                         size_t *count)
{
    bool much = atomic_load_explicit(&loop->server->kept,
                                     memory_order_relaxed) > MUCH_KEPT;
    ssize_t n = recv(client->source.fd, loop->buffer,
                     much ? LEAST_BUFFER : BUFFER_SIZE, 0);

    if (n == 0)
        return END;
    if (n == -1 && (errno == EAGAIN || errno == EINTR))
        return NOTHING;
    if (n == -1) {
        drop(loop, client, errno_name(errno));
        return LOST;
    }
    *count = (size_t)n;
    client->in += *count;
    add_to(&loop->counters.bytes_in, *count);
    return SOME;
}

/* Gives false, and drops the client, if it is lost; *sent may be 0 otherwise.
 */
static bool give(struct loop *loop, struct client *client, const char *bytes,
                 size_t count, size_t *sent)
{
    ssize_t n = send(client->source.fd, bytes, count, MSG_NOSIGNAL);

    *sent = n > 0 ? (size_t)n : 0;
    client->out += *sent;
    add_to(&loop->counters.bytes_out, *sent);
    if (n >= 0 || errno == EAGAIN || errno == EINTR)
        return true;
    drop(loop, client, errno_name(errno));
    return false;
}

static void keep(struct loop *loop, struct client *client, const char *bytes,
                 size_t count)
{
    struct kept *kept = malloc(sizeof *kept + count);

    if (kept == NULL) {
        drop(loop, client, errno_name(ENOMEM));
        return;
    }
    kept->start = 0;
    kept->end = (uint32_t)count;
    memcpy(kept->bytes, bytes, count);
    client->kept = kept;
    atomic_fetch_add(&loop->server->kept, count);
    change(loop, client, POLLOUT);
}

/* Sends what the loop's buffer holds, and keeps what is not taken. Gives true
 * if all is sent. */
static bool deliver(struct loop *loop, struct client *client, size_t count)
{
    size_t sent = 0;

    if (count == 0)
        return true;
    if (!give(loop, client, loop->buffer, count, &sent))
        return false;
    if (sent < count)
        keep(loop, client, loop->buffer + sent, count - sent);
    return sent == count;
}

/* The same for what was kept. */
static bool deliver_kept(struct loop *loop, struct client *client)
{
    struct kept *kept = client->kept;
    size_t sent;

    if (!give(loop, client, kept->bytes + kept->start, kept->end - kept->start,
              &sent))
        return false;
    kept->start += (uint32_t)sent;
    if (kept->start < kept->end)
        return false;
    drop_kept(loop->server, client);
    return true;
}

static size_t answer(struct loop *loop, const struct client *client,
                     size_t count, size_t size)
{
    struct turn turn = {.buffer = loop->buffer,
                        .size = size,
                        .count = count,
                        .place = client->out};

    return services[client->service].stream(&turn);
}

/* Gives true if something came, be it the end. */
static bool serve_input(struct loop *loop, struct client *client)
{
    size_t count;
    enum came came = receive(loop, client, &count);

    if (came == SOME)
        deliver(loop, client, answer(loop, client, count, BUFFER_SIZE));
    else if (came == END)
        drop(loop, client, "end");
    return came != NOTHING;
}

static void serve_once(struct loop *loop, struct client *client)
{
    client->stage = LAST;
    if (deliver(loop, client, answer(loop, client, 0, BUFFER_SIZE)))
        linger(loop, client);
}

/* What has room is answered with that much. The next answer goes on there, so
 * that nothing need be kept. A client may end its stream and read on. */
static void serve_endlessly(struct loop *loop, struct client *client,
                            short events)
{
    size_t count;

    if (events & POLLIN) {
        enum came came = receive(loop, client, &count);
        if (came == LOST)
            return;
        if (came == END && !change(loop, client, POLLOUT))
            return;
    }
    give(loop, client, loop->buffer, answer(loop, client, 0, ENDLESS_WRITE),
         &count);
}

static void throw_away(struct loop *loop, struct client *client)
{
    size_t count;

    if (receive(loop, client, &count) == END)
        drop(loop, client, "end");
}

static bool is_ours(const struct loop *loop, struct client *client)
{
    return client != NULL &&
           atomic_load_explicit(&client->of_loop, memory_order_acquire) ==
               loop->number + 1;
}

/* A descriptor that somebody else has open too is still told of when ours is
 * closed: epoll(7), "Questions and answers". */
void serve_client(struct loop *loop, struct source *source, short events)
{
    struct client *client = (struct client *)source;

    if (!is_ours(loop, client))
        return;
    if (client->stage == LINGERING) {
        throw_away(loop, client);
        return;
    }
    client->last = loop->now;
    loop->last = client;
    if (client->kept != NULL) {
        if (!deliver_kept(loop, client))
            return;
        if (client->stage == LAST)
            linger(loop, client);
        else
            change(loop, client, POLLIN);
        return;
    }
    switch (services[client->service].when) {
    case ON_INPUT:
        serve_input(loop, client);
        break;
    case ON_COMING:
        serve_once(loop, client);
        break;
    case ENDLESSLY:
        serve_endlessly(loop, client, events);
        break;
    }
}

/* --- From outside ------------------------------------------------------- */

bool ask_client(struct loop *loop, struct client *client)
{
    if (!is_ours(loop, client) || client->stage != SERVED ||
        client->kept != NULL || services[client->service].when != ON_INPUT)
        return false;
    client->last = loop->now;
    return serve_input(loop, client);
}

void look_at_clients(struct loop *loop)
{
    const uint32_t idle = (uint32_t)loop->server->settings.idle * MS;

    for (int fd = highest_place(); fd >= 0; fd--) {
        struct client *client = place_of(fd);
        if (!is_ours(loop, client))
            continue;
        uint32_t silent = loop->now - client->last;
        if (client->stage == LINGERING && silent >= LINGER_MS)
            drop(loop, client, "lingered");
        else if (client->stage != LINGERING && idle > 0 && silent >= idle)
            drop(loop, client, "idle");
    }
}

void finish_clients(struct loop *loop)
{
    for (int fd = highest_place(); fd >= 0; fd--) {
        struct client *client = place_of(fd);
        if (!is_ours(loop, client) || client->stage == LINGERING)
            continue;
        client->stage = LAST;
        if (client->kept == NULL)
            linger(loop, client);
    }
}
