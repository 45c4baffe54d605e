/*
 * Exercise 12: an echo server (RFC 862), one client at a time.
 *
 *     bin/exercises/12-echo-server ADDRESS PORT
 *
 * Listens at that address and port, and serves client after client until a
 * signal (SIGTERM, Ctrl-C) ends it. What a client sends is sent back to it as
 * soon as it comes: any bytes, any number of them, none changed. When the
 * client has ended its direction, and all of it has been sent back, the server
 * closes the connection. The next client may have to wait for that.
 *
 * While nothing comes, it waits. read() and write() may move less than they
 * were asked to; a call that a signal interrupts (EINTR) is made again. A
 * client that breaks off, or has closed before it is served, does not end the
 * server; its descriptor is closed, too. With 1, and a line on standard error,
 * the server ends if it cannot listen there. Its standard output is free.
 *
 * Try it, and in another terminal bin/11-echo-client 127.0.0.1 7007: type
 * lines, and Ctrl-D. It works, mostly.
 *
 * To check it:   bin/lesson check 12
 * To build it:   make bin/exercises/12-echo-server
 *
 * Change what you like between the two lines, and the #includes.
 */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netprog.h"

/* ---------------------------------------------------------- from here on */

static void serve(int connfd)
{
    char buffer[4096];
    ssize_t n;

    while ((n = read(connfd, buffer, sizeof buffer - 1)) != 0) {
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1) {
            report("read");
            break;
        }
        buffer[n] = '\0';
        if (writen(connfd, buffer, strlen(buffer)) == -1) {
            report("write");
            break;
        }
    }
}

/* -------------------------------------------------------------- to here */

int main(int argc, char *argv[])
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    uint32_t address = INADDR_LOOPBACK;
    uint16_t port = 7007;
    int on = 1;

    lesson_arguments(argc, argv, "sends back what each client sends", NULL,
                     &address, &port);
    server.sin_addr.s_addr = htonl(address);
    server.sin_port = htons(port);
    signal(SIGPIPE, SIG_IGN); /* write() then says EPIPE */

    int listenfd = socket(PF_INET, SOCK_STREAM, 0);
    if (listenfd == -1)
        die("socket");
    if (setsockopt(listenfd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
        die("setsockopt");
    if (bind(listenfd, (struct sockaddr *)&server, sizeof server) == -1)
        die("bind");
    if (listen(listenfd, 5) == -1)
        die("listen");
    for (;;) {
        int connfd = accept(listenfd, NULL, NULL);
        if (connfd == -1 && (errno == EINTR || errno == ECONNABORTED))
            continue;
        if (connfd == -1)
            die("accept");
        serve(connfd);
        if (close(connfd) == -1)
            die("close");
    }
}
