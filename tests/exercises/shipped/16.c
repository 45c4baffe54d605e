/*
 * Exercise 16: an echo server, epoll for all clients (Linux).
 *
 *     bin/exercises/16-echo-server-epoll ADDRESS PORT
 *
 * It listens there, with room for at least five in the queue, and sends each
 * client its bytes back. Who ends its side gets the rest, and then the end.
 *
 * A hundred clients can be served at once, and none is held up by another that
 * says nothing, does not read what comes back, or breaks off (ECONNRESET,
 * EPIPE). Who has gone leaves no descriptor. Where there is nothing to do, it
 * waits, and again if a signal interrupts that (EINTR); what a write() does not
 * take, a later one does. SIGTERM ends the server. Its output is free.
 *
 * It works, mostly: try it with bin/11-echo-client in two terminals. To check
 * it: bin/lesson check 16. Change what you like between the two lines.
 */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "netprog.h"

/* ---------------------------------------------------------- from here on */

struct client {
    int fd;
    size_t start, end; /* buffer[start..end) has yet to be sent */
    char buffer[1024];
};

/* Gives false when the client is done with: after its end, or an error. */
static bool serve(struct client *client)
{
    ssize_t n;

    if (client->start == client->end) {
        n = read(client->fd, client->buffer, sizeof client->buffer);
        if (n == -1 && errno == EAGAIN)
            return true;
        if (n <= 0)
            return false;
        client->start = 0;
        client->end = (size_t)n;
    }
    while (client->start < client->end) {
        n = write(client->fd, client->buffer + client->start,
                  client->end - client->start);
        if (n == -1)
            return errno == EAGAIN; /* EPOLLOUT will tell of room */
        client->start += (size_t)n;
    }
    return true;
}

static void add_client(int epollfd, int listenfd)
{
    int connfd = accept4(listenfd, NULL, NULL, SOCK_NONBLOCK);

    if (connfd == -1 &&
        (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED))
        return; /* not this time: lesson 27 */
    if (connfd == -1)
        die("accept4");
    struct client *client = calloc(1, sizeof *client);
    if (client == NULL)
        die("calloc");
    client->fd = connfd;
    struct epoll_event event = {EPOLLIN | EPOLLOUT | EPOLLET, {client}};
    if (epoll_ctl(epollfd, EPOLL_CTL_ADD, connfd, &event) == -1)
        die("epoll_ctl");
}

static void serve_clients(int listenfd)
{
    struct epoll_event event = {EPOLLIN, {NULL}};

    int epollfd = epoll_create1(0);
    if (epollfd == -1)
        die("epoll_create1");
    if (epoll_ctl(epollfd, EPOLL_CTL_ADD, listenfd, &event) == -1)
        die("epoll_ctl");
    for (;;) {
        int count = epoll_wait(epollfd, &event, 1, -1);
        if (count == -1 && errno != EINTR)
            die("epoll_wait");
        if (count < 1)
            continue;
        struct client *client = event.data.ptr;
        if (client == NULL) {
            add_client(epollfd, listenfd);
        } else if (!serve(client)) {
            close(client->fd); /* which ends the watching, too */
            free(client);
        }
    }
}

/* -------------------------------------------------------------- to here */

int main(int argc, char *argv[])
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    uint32_t ip = INADDR_LOOPBACK;
    uint16_t port = 7007;
    int on = 1;

    lesson_arguments(argc, argv, "echoes what comes", NULL, &ip, &port);
    address.sin_addr.s_addr = htonl(ip);
    address.sin_port = htons(port);
    signal(SIGPIPE, SIG_IGN); /* write() then says EPIPE: lesson 18 */
    int listenfd = socket(PF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (listenfd == -1)
        die("socket");
    if (setsockopt(listenfd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
        die("setsockopt SO_REUSEADDR");
    if (bind(listenfd, (struct sockaddr *)&address, sizeof address) == -1)
        die("bind");
    if (listen(listenfd, 100) == -1)
        die("listen");
    say("listening on port %u", port);
    serve_clients(listenfd);
}
