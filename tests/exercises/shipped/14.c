/*
 * Exercise 14: an echo server, a thread for each client.
 *
 *     bin/exercises/14-echo-server-threads ADDRESS PORT
 *
 * It listens there, with room for at least five in the queue, and sends each
 * client its bytes back. Who ends its side gets the rest, and then the end.
 *
 * A hundred clients can be served at once, and none is held up by another that
 * says nothing, does not read what comes back, or breaks off (ECONNRESET,
 * EPIPE). Who has gone leaves no descriptor, no thread and no stack. Where
 * there is nothing to do, it waits. A call that a signal interrupts (EINTR) is
 * made again, and what one write() does not take, a later one does. SIGTERM
 * ends the server; what it prints is its own affair.
 *
 * It works, mostly: try it with bin/11-echo-client. To check it: bin/lesson
 * check 14. Change what you like between the two lines, and the #includes.
 */
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "netprog.h"

/* ---------------------------------------------------------- from here on */

static void *serve(void *argument)
{
    int connfd = *(const int *)argument;
    char buffer[4096];
    ssize_t n;

    while ((n = read(connfd, buffer, sizeof buffer)) != 0) {
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1) {
            report("read");
            break;
        }
        if (writen(connfd, buffer, (size_t)n) == -1) {
            report("write");
            break;
        }
    }
    close(connfd);
    return NULL;
}

static void serve_clients(int listenfd)
{
    int connfd;

    for (;;) {
        pthread_t thread;

        connfd = accept(listenfd, NULL, NULL);
        if (connfd == -1 && (errno == EINTR || errno == ECONNABORTED))
            continue; /* not this time: lesson 27 */
        if (connfd == -1)
            die("accept");
        errno = pthread_create(&thread, NULL, serve, &connfd);
        if (errno != 0) {
            report("pthread_create");
            close(connfd);
            continue;
        }
        pthread_detach(thread); /* nobody will ask how it ended */
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
