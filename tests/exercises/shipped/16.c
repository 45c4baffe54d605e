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
 * It works, mostly: try it with bin/11-echo-client. To check it: bin/lesson
 * check 16. Change what you like between the two lines, and the #includes.
 */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "netprog.h"

/* ---------------------------------------------------------- from here on */

static void watch(int epollfd, int fd, uint32_t events)
{
    struct epoll_event event = {events, {.fd = fd}};

    if (epoll_ctl(epollfd, EPOLL_CTL_ADD, fd, &event) == -1)
        die("epoll_ctl");
}

/* Gives false when the client is done with: after its end, or an error. What
 * write() has no room for stays with the kernel, to be read later. */
static bool serve(int connfd)
{
    char buffer[1024];
    ssize_t n = recv(connfd, buffer, sizeof buffer, MSG_PEEK);

    if (n > 0)
        n = write(connfd, buffer, (size_t)n);
    if (n > 0)
        n = read(connfd, buffer, (size_t)n);
    return n > 0 || (n == -1 && errno == EAGAIN); /* an edge tells of more */
}

static void serve_next(int epollfd, int listenfd)
{
    struct epoll_event event = {0};

    if (epoll_wait(epollfd, &event, 1, -1) == -1 && errno != EINTR)
        die("epoll_wait");
    if (event.data.fd == listenfd) {
        int connfd = accept4(listenfd, NULL, NULL, SOCK_NONBLOCK);
        if (connfd != -1)
            watch(epollfd, connfd, EPOLLIN | EPOLLOUT | EPOLLET);
        else if (errno != EINTR && errno != ECONNABORTED) /* lesson 27 */
            die("accept4");
    } else if (event.events != 0 && !serve(event.data.fd)) {
        close(event.data.fd); /* which ends the watching, too */
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
    int epollfd = epoll_create1(0);
    if (epollfd == -1)
        die("epoll_create1");
    watch(epollfd, listenfd, EPOLLIN);
    for (;;)
        serve_next(epollfd, listenfd);
}
