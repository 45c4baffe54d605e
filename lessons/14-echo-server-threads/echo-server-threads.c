/*
 * Lesson 14: a server of the Echo Protocol (RFC 862), a thread for each client.
 *
 * Sends back what each client sends, until the client ends. The first thread
 * only accepts; pthread_create() gives every client one that has time for it
 * alone. Shows that all of them are one process with one descriptor table: a
 * descriptor is closed once, and by the thread that serves it.
 *
 *     bin/14-echo-server-threads             in one terminal
 *     bin/11-echo-client                     in another, and in a third
 *
 * Grew from 13-echo-server-fork; compare it with 12-echo-server too.
 */
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netprog.h"

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

/* The descriptor is the argument itself, not a pointer to a variable that the
 * next accept() may change before this thread has looked. */
static void *serve(void *argument)
{
    char buffer[16384];
    unsigned long long echoed = 0;
    int connfd = (int)(intptr_t)argument;

    for (;;) {
        ssize_t n = read(connfd, buffer, sizeof buffer);
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1)
            report("read");
        if (n <= 0)
            break; /* the end, or a client that broke off */
        if (writen(connfd, buffer, (size_t)n) == -1) {
            report("write");
            break;
        }
        echoed += (unsigned long long)n;
    }
    say("descriptor %d: echoed %llu bytes", connfd, echoed);
    if (close(connfd) == -1) /* from here on, the number is the next client's */
        report("close");
    return NULL;
}

int main(int argc, char *argv[])
{
    uint32_t ip = INADDR_LOOPBACK;
    uint16_t port = 7007;
    long clients = 0;
    const struct option_spec options[] = {
        {"clients", "N", &clients, 0, LONG_MAX, "end after N; 0: never"},
        {0},
    };
    lesson_arguments(argc, argv, "Sends back what each client sends (RFC 862).",
                     options, &ip, &port);
    end_on_signals();
    signal(SIGPIPE, SIG_IGN); /* write() then says EPIPE: lesson 18 */

    struct sockaddr_in address = {0};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(ip);

    int listenfd = listen_on(&address);
    for (long n = 0; clients == 0 || n < clients;) {
        struct sockaddr_in peer;
        socklen_t length = sizeof peer;
        int connfd = accept(listenfd, (struct sockaddr *)&peer, &length);
        if (connfd == -1 && (errno == EINTR || errno == ECONNABORTED))
            continue; /* not this time: lesson 27 */
        if (connfd == -1) {
            report("accept");
            sleep(1); /* EMFILE would be back at once: lesson 27 */
            continue;
        }
        char text[ADDRESS_TEXT_SIZE];
        say("client %s on descriptor %d",
            address_text((struct sockaddr *)&peer, text), connfd);
        pthread_t thread;
        errno = pthread_create(&thread, NULL, serve, (void *)(intptr_t)connfd);
        if (errno == 0) {
            pthread_detach(thread); /* nobody will ask how it ended */
        } else {
            report("pthread_create"); /* this client is turned away */
            if (close(connfd) == -1)
                report("close");
        }
        n++;
    }
    if (close(listenfd) == -1)
        die("close");
    pthread_exit(NULL); /* the process ends when its last thread does, with 0 */
}
