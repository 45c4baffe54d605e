/*
 * Lesson 12: a server of the Echo Protocol (RFC 862), iterative.
 *
 * Sends back what each client sends, until the client ends, then closes and
 * takes the next client. Shows one client at a time: the second one's connect()
 * succeeds, and then it waits.
 *
 *     bin/12-echo-server                     in one terminal
 *     bin/11-echo-client                     in another, and in a third
 *
 * Grew from 10-daytime-server.
 */
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
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
    if (listen(listenfd, 5) == -1)
        die("listen");
    if (getsockname(listenfd, (struct sockaddr *)&name, &length) == -1)
        die("getsockname");
    say("listening on %s", address_text((struct sockaddr *)&name, text));
    return listenfd;
}

static void serve(int connfd)
{
    char buffer[16384];
    unsigned long long echoed = 0;

    for (;;) {
        ssize_t n = read(connfd, buffer, sizeof buffer);
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1)
            report("read");
        if (n <= 0)
            break; /* the end, or a client that broke off: the next one, then */
        if (writen(connfd, buffer, (size_t)n) == -1) {
            report("write");
            break;
        }
        echoed += (unsigned long long)n;
    }
    say("echoed %llu bytes", echoed);
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
        if (connfd == -1)
            die("accept");
        char text[ADDRESS_TEXT_SIZE];
        say("client %s", address_text((struct sockaddr *)&peer, text));
        serve(connfd);
        if (close(connfd) == -1)
            die("close");
        n++;
    }
    if (close(listenfd) == -1)
        die("close");
    return EXIT_SUCCESS;
}
