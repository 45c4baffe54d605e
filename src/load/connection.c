/*
 * connection.c - see connection.h.
 */
#include "connection.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "pattern.h"
#include "request.h"

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

enum {
    MOST_TOLD = 10,
    SOURCES = 64,       /* addresses, for --mode connect */
    PORTS_EACH = 20000, /* connections from one address, in other modes */
    LOOPBACK_NETWORK = 127,
};

/* --- Errors ------------------------------------------------------------- */

/* One line for one connection, with errno where it is not 0. Of many errors
 * the first ones are told; all are counted. */
__attribute__((format(printf, 3, 4))) static void
tell(struct worker *worker, const struct connection *c, const char *format, ...)
{
    int error = errno, told = atomic_fetch_add(&worker->run->told, 1);
    char text[160];
    va_list arguments;

    if (told > MOST_TOLD)
        return;
    va_start(arguments, format);
    /* The analyzer does not see that va_start() did it. */
    // NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized)
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    errno = told < MOST_TOLD ? error : 0;
    if (told == MOST_TOLD)
        report("further errors are counted, not told");
    else if (c->state == CONNECTING)
        report("%s", text);
    else
        report("%s (connection %llu)", text, (unsigned long long)c->number);
}

/* --- The ends ----------------------------------------------------------- */

/* Whatever this connection still had to do is given up. */
static void drop(struct worker *worker, struct connection *c)
{
    worker->outstanding -= c->requests - c->returned;
    c->returned = c->requests;
    if (worker->load->mode == CONNECT) {
        c->number += (uint64_t)worker->load->connections; /* the slot's next */
    } else {
        requests_forget(worker, c);
        worker->greeting -= c->greeted ? 0 : 1;
    }
    if (c->fd != -1)
        close(c->fd);
    c->state = CLOSED;
    worker->live--;
}

/* The connection failed in a call; errno says why. */
static void lose(struct worker *worker, struct connection *c, const char *call)
{
    const char *peer = worker->load->peer_text;

    if (c->state == CONNECTING) {
        tell(worker, c, "%s %s", call, peer);
        worker->counts.refused++;
    } else {
        tell(worker, c, "%s %s: %llu of %llu bytes came back", call, peer,
             (unsigned long long)c->echoed, (unsigned long long)c->sent);
        worker->counts.lost++;
    }
    drop(worker, c);
}

/* The stream ended. */
static void meet_end(struct worker *worker, struct connection *c)
{
    if (c->state == HALF_CLOSED && c->echoed == c->sent) {
        worker->counts.stood++;
    } else {
        errno = 0;
        tell(worker, c, "the server closed: %llu of %llu bytes came back",
             (unsigned long long)c->echoed, (unsigned long long)c->sent);
        worker->counts.lost++;
    }
    drop(worker, c);
}

void connection_expire(struct worker *worker, struct connection *c)
{
    errno = ETIMEDOUT;
    lose(worker, c, c->state == CONNECTING ? "connect" : "waiting for");
}

/* The last request of --mode connect has come back. Who closes first keeps the
 * port in TIME-WAIT; a reset, if it is asked for, frees it. */
static void end_well(struct worker *worker, struct connection *c)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};

    if (worker->load->reset &&
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now) == -1) {
        lose(worker, c, "setsockopt");
        return;
    }
    worker->counts.stood++;
    drop(worker, c);
}

/* --- Sending and receiving ---------------------------------------------- */

/* Tells epoll what this connection waits for now. */
static void watch(struct worker *worker, struct connection *c)
{
    bool more = c->sent < c->end ||
                (worker->load->mode == STREAM && request_may_begin(worker, c));
    struct epoll_event event = {.events = EPOLLIN | (more ? EPOLLOUT : 0),
                                .data.ptr = c};

    if (event.events == c->events)
        return;
    int how = c->events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    c->events = event.events;
    if (epoll_ctl(worker->epoll, how, c->fd, &event) == -1)
        lose(worker, c, "epoll_ctl");
}

/* One write(2): a stream's are of the size that was asked for, the others take
 * what there is. */
static void send_some(struct worker *worker, struct connection *c)
{
    uint64_t most = worker->load->mode == STREAM ? (uint64_t)worker->load->size
                                                 : UINT64_MAX;
    uint64_t left = c->end - c->sent;

    if (left > most)
        left = most;
    if (left > PATTERN_RUN)
        left = PATTERN_RUN;
    if (left > 0) {
        ssize_t n = write(c->fd, pattern_at(c->number, c->sent), (size_t)left);
        if (n == -1 && errno != EAGAIN && errno != EINTR) {
            lose(worker, c, c->state == CONNECTING ? "connect" : "write");
            return;
        }
        if (n > 0) {
            worker->counts.opened += c->state == CONNECTING ? 1 : 0;
            c->state = OPEN;
            c->sent += (uint64_t)n;
            worker->counts.sent += (uint64_t)n;
        }
    }
    watch(worker, c);
}

/* Compares what came with what was sent, and says what is wrong with it. */
static bool check(struct worker *worker, struct connection *c, size_t count)
{
    size_t owed = (size_t)(c->sent - c->echoed);
    size_t most = count < owed ? count : owed;
    size_t right = pattern_right(c->number, c->echoed, worker->buffer, most);
    uint64_t offset = c->echoed + right;

    if (right == count)
        return true;
    errno = 0;
    if (right < most)
        tell(worker, c,
             "wrong byte at offset %llu: expected 0x%02x, got 0x%02x",
             (unsigned long long)offset, *pattern_at(c->number, offset),
             worker->buffer[right]);
    else
        tell(worker, c,
             "surplus bytes at offset %llu: expected none, got %zu, the first "
             "0x%02x",
             (unsigned long long)offset, count - right, worker->buffer[right]);
    worker->counts.wrong++;
    drop(worker, c);
    return false;
}

/* One read(2). Gives false if that was the connection's end. */
static bool receive(struct worker *worker, struct connection *c)
{
    ssize_t n = read(c->fd, worker->buffer, READ_SIZE);

    worker->now = now_ns();
    if (n == -1 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (n == -1)
        lose(worker, c, c->state == CONNECTING ? "connect" : "read");
    else if (n == 0)
        meet_end(worker, c);
    if (n <= 0 || !check(worker, c, (size_t)n))
        return false;
    c->echoed += (uint64_t)n;
    c->progress = worker->now;
    worker->counts.echoed += (uint64_t)n;
    requests_complete(worker, c);
    return true;
}

void connection_pump(struct worker *worker, struct connection *c)
{
    if (c->state == CLOSED) {
        if (worker->load->mode == CONNECT && request_may_begin(worker, c))
            connection_open(worker, c);
        return;
    }
    while (c->greeted && request_may_begin(worker, c))
        request_begin(worker, c);
    send_some(worker, c);
}

void connection_finish(struct worker *worker, struct connection *c)
{
    /* Who was idle shows now whether it is still served. */
    if (worker->load->mode == IDLE && c->greeted && c->requests == 0) {
        request_begin(worker, c);
        send_some(worker, c);
        return;
    }
    if (c->state != OPEN || c->sent < c->end || c->echoed < c->end)
        return;
    if (shutdown(c->fd, SHUT_WR) == -1)
        lose(worker, c, "shutdown");
    else
        c->state = HALF_CLOSED;
}

void connection_event(struct worker *worker, struct connection *c,
                      uint32_t events)
{
    bool waited = c->events & EPOLLOUT;

    if (events & ~(uint32_t)EPOLLOUT && !receive(worker, c))
        return;
    if (worker->load->mode == CONNECT && c->returned == c->requests)
        end_well(worker, c);
    /* Where the kernel has no room, it says so: no need to try. */
    if (events & EPOLLOUT || !waited)
        connection_pump(worker, c);
    if (worker->phase >= ENDING && c->state != CLOSED)
        connection_finish(worker, c);
}

/* --- Connecting --------------------------------------------------------- */

/* An address has some 28,000 ports to offer (ip_local_port_range), and who
 * closes first cannot use one again for a minute (a second over loopback). But
 * all of 127.0.0.0/8 is this machine: there, connections come from many
 * addresses in turn. IP_BIND_ADDRESS_NO_PORT leaves the port to connect(2),
 * which takes any that is free for this pair of addresses. */
static bool choose_source(const struct worker *worker, struct connection *c)
{
    const struct sockaddr_in *peer = (const void *)&worker->load->peer;
    struct sockaddr_in source = {.sin_family = AF_INET};
    uint64_t which = worker->load->mode == CONNECT
                         ? c->number % SOURCES
                         : (c->number - 1) / PORTS_EACH;
    int on = 1;

    if (peer->sin_family != AF_INET || which == 0 ||
        ntohl(peer->sin_addr.s_addr) >> 24 != LOOPBACK_NETWORK)
        return true;
    source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)which);
    return setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on,
                      sizeof on) == 0 &&
           bind(c->fd, (struct sockaddr *)&source, sizeof source) == 0;
}

/* Over loopback the handshake is done when connect(2) returns, though it says
 * EINPROGRESS: writing is tried at once, which spares a wait for each. */
void connection_open(struct worker *worker, struct connection *c)
{
    const struct load *load = worker->load;
    int on = 1;

    c->state = CONNECTING;
    c->events = 0;
    c->greeted = load->mode == CONNECT;
    c->sent = c->echoed = c->end = 0;
    c->progress = worker->now;
    worker->live++;
    if (c->greeted) {
        request_begin(worker, c);
    } else {
        c->end = 1;
        worker->greeting++;
    }
    c->next = c->end;
    c->fd = socket(load->peer.ss_family,
                   SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd == -1)
        lose(worker, c, "socket");
    else if (!choose_source(worker, c))
        lose(worker, c, "bind");
    else if (setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == -1)
        lose(worker, c, "setsockopt");
    else if (connect(c->fd, (const struct sockaddr *)&load->peer,
                     load->peer_size) == -1 &&
             errno != EINPROGRESS && errno != EINTR)
        lose(worker, c, "connect");
    else
        send_some(worker, c);
}
