/*
 * Exercise 15: an echo server, poll() for all clients.
 *
 *     bin/exercises/15-echo-server-poll ADDRESS PORT
 *
 * It listens there, with room for at least five in the queue, and sends each
 * client its bytes back. Who ends its side gets the rest, and then the end.
 *
 * A hundred clients can be served at once, and none is held up by another that
 * says nothing, does not read what comes back, or breaks off (ECONNRESET,
 * EPIPE). Who has gone leaves no descriptor. Where there is nothing to do, it
 * waits. A call that a signal interrupts (EINTR) is made again; what a write()
 * does not take, a later one does. SIGTERM ends the server. Its output is free.
 *
 * It works, mostly: try it with bin/11-echo-client. To check it: bin/lesson
 * check 15. Change what you like between the two lines, and the #includes.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

#include "netprog.h"

/* ---------------------------------------------------------- from here on */

/* What poll() waits for: the listening socket, then the clients' ones. */
enum { MOST = 1000 };
static struct pollfd polls[MOST];
static nfds_t used;

/* Gives false when the client is done with: after its end, or an error. */
static bool serve(int connfd)
{
    char buffer[4096];
    ssize_t n = read(connfd, buffer, sizeof buffer);

    if (n == -1 && errno == EINTR)
        return true;
    return n > 0 && writen(connfd, buffer, (size_t)n) != -1;
}

static void add_client(int listenfd)
{
    int connfd = accept(listenfd, NULL, NULL);

    if (connfd == -1 && errno != EINTR && errno != ECONNABORTED) /* lesson 27 */
        die("accept");
    if (connfd != -1)
        polls[used++] = (struct pollfd){.fd = connfd, .events = POLLIN};
}

static void serve_clients(int listenfd)
{
    polls[used++] = (struct pollfd){.fd = listenfd, .events = POLLIN};
    for (;;) {
        if (poll(polls, used, -1) == -1) {
            if (errno != EINTR)
                die("poll");
            continue;
        }
        for (nfds_t i = used - 1; i > 0; i--) {
            if (polls[i].revents == 0 || serve(polls[i].fd))
                continue;
            close(polls[i].fd);
            polls[i] = polls[--used]; /* the last one was looked at */
        }
        if (polls[0].revents != 0)
            add_client(listenfd);
        polls[0].events = used < MOST ? POLLIN : 0; /* the rest may queue */
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
    int listenfd = socket(PF_INET, SOCK_STREAM, 0);
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
