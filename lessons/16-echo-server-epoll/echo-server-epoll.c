/*
 * Lesson 16: a server of the Echo Protocol (RFC 862), epoll(7) for all clients.
 *
 * Sends back what each client sends, until the client ends. As in lesson 15 one
 * thread waits for nobody; but here the kernel has the list of what to watch,
 * and epoll_wait() gives only those that are ready, so that idle clients cost
 * nothing. They take next to no memory either: one buffer serves all, and only
 * what a connection does not take is kept for its client. Linux only.
 *
 *     bin/16-echo-server-epoll               in one terminal
 *     bin/11-echo-client                     in another, and in a third
 *
 * Grew from 15-echo-server-poll.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netprog.h"

enum { MOST_DESCRIPTORS = 65536 };

/* Nothing is read before all that was read is sent: so a client that does not
 * read is held back by TCP itself, and at its end nothing is owed to it. */
struct client {
    unsigned long long echoed;
    size_t start, end; /* buffer[start..end) has yet to be sent */
    char *buffer;      /* its own while something has, else the shared one */
};

static char shared[65536];

/* By descriptor: clients[N], NULL for the listener. */
static struct client *clients[MOST_DESCRIPTORS];
static int epollfd;

static int listener;
static bool resting; /* until a client leaves, nobody is accepted */
static long to_come = LONG_MAX, present; /* how many clients */
static long quiet;

/* Lesson 03, in one function. */
static int listen_on(const struct sockaddr_in *address)
{
    struct sockaddr_in name;
    socklen_t length = sizeof name;
    char text[ADDRESS_TEXT_SIZE];
    int on = 1;

    int listenfd = socket(PF_INET, SOCK_STREAM, 0);
    if (listenfd == -1)
        die("socket");
    if (setsockopt(listenfd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
        die("setsockopt SO_REUSEADDR");
    if (bind(listenfd, (struct sockaddr *)address, sizeof *address) == -1)
        die("bind %s", address_text((struct sockaddr *)address, text));
    if (listen(listenfd, 4096) == -1) /* many may come at once */
        die("listen");
    if (getsockname(listenfd, (struct sockaddr *)&name, &length) == -1)
        die("getsockname");
    say("listening on %s", address_text((struct sockaddr *)&name, text));
    return listenfd;
}

static bool not_now(void)
{
    return errno == EAGAIN || errno == EINTR;
}

static int watch(int op, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events, .data = {.fd = fd}};
    return epoll_ctl(epollfd, op, fd, &event);
}

/* What the connection did not take moves into a buffer of the client's own,
 * which goes when it is empty. EPOLLOUT is asked for only in between: most of
 * the time there is room, and it would never let us sleep. */
static bool settle(int connfd, struct client *client)
{
    size_t left = client->end - client->start;
    uint32_t events = left > 0 ? EPOLLOUT : EPOLLIN;

    if ((left > 0) == (client->buffer != shared))
        return true;
    if (left > 0) {
        client->buffer = malloc(left);
        if (client->buffer == NULL) {
            report("malloc");
            return false;
        }
        memcpy(client->buffer, shared + client->start, left);
        client->start = 0;
        client->end = left;
    } else {
        free(client->buffer);
        client->buffer = shared;
    }
    if (watch(EPOLL_CTL_MOD, connfd, events) == -1) {
        report("epoll_ctl");
        return false;
    }
    return true;
}

/* Reads or writes once. Gives false when the client is done with: after its
 * end, or an error. */
static bool serve(int connfd, struct client *client)
{
    ssize_t n;

    if (client->start == client->end) {
        n = read(connfd, shared, sizeof shared);
        if (n == -1 && not_now())
            return true;
        if (n == -1)
            report("read");
        if (n <= 0)
            return false;
        client->start = 0;
        client->end = (size_t)n;
    }
    n = write(connfd, client->buffer + client->start,
              client->end - client->start);
    if (n == -1 && !not_now()) {
        report("write");
        return false;
    }
    if (n > 0) {
        client->start += (size_t)n;
        client->echoed += (unsigned long long)n;
    }
    return settle(connfd, client);
}

static void add_client(int connfd, const struct sockaddr_in *peer)
{
    struct client *client = NULL;
    const char *failed = NULL;
    char text[ADDRESS_TEXT_SIZE];

    if (connfd >= MOST_DESCRIPTORS) {
        errno = EMFILE;
        failed = "accept";
    } else if ((client = malloc(sizeof *client)) == NULL) {
        failed = "malloc";
    } else if (watch(EPOLL_CTL_ADD, connfd, EPOLLIN) == -1) {
        failed = "epoll_ctl";
    }
    if (failed != NULL) {
        report("%s (a client is turned away)", failed);
        free(client);
        close(connfd);
        return;
    }
    *client = (struct client){.buffer = shared};
    clients[connfd] = client;
    present++;
    if (!quiet)
        say("client %s on descriptor %d",
            address_text((struct sockaddr *)peer, text), connfd);
}

static void rest(bool now)
{
    resting = now;
    if (watch(EPOLL_CTL_MOD, listener, now ? 0 : EPOLLIN) == -1)
        die("epoll_ctl");
}

static void drop_client(int connfd)
{
    if (!quiet)
        say("descriptor %d: echoed %llu bytes", connfd,
            clients[connfd]->echoed);
    if (clients[connfd]->buffer != shared)
        free(clients[connfd]->buffer);
    free(clients[connfd]);
    clients[connfd] = NULL;
    if (close(connfd) == -1) /* which ends the watching, too */
        report("close");
    present--;
    if (resting)
        rest(false); /* a descriptor is free */
}

/* Accepts all who are there. */
static void accept_clients(void)
{
    struct sockaddr_in peer;

    while (to_come > 0) {
        socklen_t length = sizeof peer;
        int connfd =
            accept4(listener, (struct sockaddr *)&peer, &length, SOCK_NONBLOCK);
        if (connfd == -1 && errno == EAGAIN)
            return;
        if (connfd == -1 && (errno == EINTR || errno == ECONNABORTED))
            continue; /* not this time: lesson 27 */
        if (connfd == -1 && present == 0)
            die("accept");
        if (connfd == -1) {
            /* EMFILE would be back at once, and for ever: lesson 27. */
            report("accept (resting until a client leaves)");
            rest(true);
            return;
        }
        add_client(connfd, &peer);
        to_come--;
    }
    if (close(listener) == -1)
        die("close");
}

/* Waits until there is something to do, and does it. */
static void turn(void)
{
    struct epoll_event events[256];

    int count = epoll_wait(epollfd, events, 256, -1);
    if (count == -1 && errno != EINTR)
        die("epoll_wait");
    for (int i = 0; i < count; i++) {
        int fd = events[i].data.fd;
        struct client *client = clients[fd];
        if (client == NULL)
            accept_clients();
        else if (!serve(fd, client))
            drop_client(fd);
    }
}

int main(int argc, char *argv[])
{
    uint32_t ip = INADDR_LOOPBACK;
    uint16_t port = 7007;
    long most = 0;
    const struct option_spec options[] = {
        {"clients", "N", &most, 0, LONG_MAX, "end after N; 0: never"},
        {"quiet", NULL, &quiet, 0, 1, "say nothing of each client"},
        {0},
    };
    lesson_arguments(argc, argv, "Sends back what each client sends (RFC 862).",
                     options, &ip, &port);
    end_on_signals();
    signal(SIGPIPE, SIG_IGN); /* write() then says EPIPE: lesson 18 */
    if (most > 0)
        to_come = most;

    struct sockaddr_in address = {0};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(ip);

    listener = listen_on(&address);
    if (fcntl(listener, F_SETFL, O_NONBLOCK) == -1)
        die("fcntl O_NONBLOCK");
    epollfd = epoll_create1(0);
    if (epollfd == -1)
        die("epoll_create1");
    if (watch(EPOLL_CTL_ADD, listener, EPOLLIN) == -1)
        die("epoll_ctl");
    while (to_come > 0 || present > 0)
        turn();
    return EXIT_SUCCESS;
}
