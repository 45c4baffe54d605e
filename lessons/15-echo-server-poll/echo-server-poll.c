/*
 * Lesson 15: a server of the Echo Protocol (RFC 862), poll(2) for all clients.
 *
 * Sends back what each client sends, until the client ends. There is one thread
 * only, which waits for nobody: the sockets are non-blocking, and poll() tells
 * which of them can be read or written. What a slow reader's connection does
 * not take is kept for it, and it is not read from until all of that is gone;
 * the others do not notice.
 *
 *     bin/15-echo-server-poll                in one terminal
 *     bin/11-echo-client                     in another, and in a third
 *
 * Grew from 14-echo-server-threads.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netprog.h"

enum { MOST_DESCRIPTORS = 65536 };

/* Nothing is read before all that was read is sent: so a client that does not
 * read is held back by TCP itself, and at its end nothing is owed to it. */
struct client {
    unsigned long long echoed;
    size_t start, end; /* buffer[start..end) has yet to be sent */
    char buffer[16384];
};

/* By descriptor: clients[N], NULL for the listener, and what poll() is to wait
 * for; it passes over an entry whose fd is -1. */
static struct client *clients[MOST_DESCRIPTORS];
static struct pollfd polls[MOST_DESCRIPTORS];
static int used; /* the entries from the listener's to here are in use */

static int listener;
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

static void watch(int fd)
{
    while (used <= fd)
        polls[used++].fd = -1;
    polls[fd] = (struct pollfd){.fd = fd, .events = POLLIN};
}

/* Reads or writes once. Gives false when the client is done with: after its
 * end, or an error. */
static bool serve(int connfd, struct client *client)
{
    ssize_t n;

    if (client->start == client->end) {
        n = read(connfd, client->buffer, sizeof client->buffer);
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
    polls[connfd].events = client->start < client->end ? POLLOUT : POLLIN;
    return true;
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
    } else if (fcntl(connfd, F_SETFL, O_NONBLOCK) == -1) {
        failed = "fcntl";
    }
    if (failed != NULL) {
        report("%s (a client is turned away)", failed);
        free(client);
        close(connfd);
        return;
    }
    client->echoed = 0;
    client->start = client->end = 0;
    clients[connfd] = client;
    watch(connfd);
    present++;
    if (!quiet)
        say("client %s on descriptor %d",
            address_text((struct sockaddr *)peer, text), connfd);
}

static void drop_client(int connfd)
{
    if (!quiet)
        say("descriptor %d: echoed %llu bytes", connfd,
            clients[connfd]->echoed);
    free(clients[connfd]);
    clients[connfd] = NULL;
    polls[connfd].fd = -1;
    if (close(connfd) == -1)
        report("close");
    present--;
    polls[listener].events = POLLIN; /* if it rests: a descriptor is free */
}

/* Accepts all who are there. */
static void accept_clients(void)
{
    struct sockaddr_in peer;

    while (to_come > 0) {
        socklen_t length = sizeof peer;
        int connfd = accept(listener, (struct sockaddr *)&peer, &length);
        if (connfd == -1 && errno == EAGAIN)
            return;
        if (connfd == -1 && (errno == EINTR || errno == ECONNABORTED))
            continue; /* not this time: lesson 27 */
        if (connfd == -1 && present == 0)
            die("accept");
        if (connfd == -1) {
            /* EMFILE would be back at once, and for ever: lesson 27. */
            report("accept (resting until a client leaves)");
            polls[listener].events = 0;
            return;
        }
        add_client(connfd, &peer);
        to_come--;
    }
    polls[listener].fd = -1;
    if (close(listener) == -1)
        die("close");
}

/* Waits until there is something to do, and does it. */
static void turn(void)
{
    if (poll(polls + listener, (nfds_t)(used - listener), -1) == -1) {
        if (errno != EINTR)
            die("poll");
        return;
    }
    for (int fd = listener; fd < used; fd++) {
        struct client *client = clients[fd];
        if (polls[fd].revents == 0)
            continue;
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
    used = listener; /* below are standard input, output and error */
    watch(listener);
    while (to_come > 0 || present > 0)
        turn();
    return EXIT_SUCCESS;
}
