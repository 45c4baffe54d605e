/*
 * Exercise 10: a daytime server (RFC 867).
 *
 *     bin/exercises/10-daytime-server ADDRESS PORT
 *
 * Listens at that address and port, and serves client after client until a
 * signal (SIGTERM, Ctrl-C) ends it. Each client gets one line with the date and
 * the time, and then the end of the stream. The line's form is free, but it is
 * printable ASCII, has the year in four digits, and ends with "\r\n":
 * "25 NOV 2026 10:50:14 UTC\r\n".
 *
 * A client need not send anything to get it. Whatever it sends, soon or late,
 * much or little, is thrown away until it has closed as well, or was silent for
 * a second or more: it gets no reset (RST). The next client may have to wait.
 *
 * While nothing comes, it waits. A call that a signal interrupts (EINTR) is
 * made again; what write() did not take is written too. A client that breaks
 * off, or has closed before it is served, does not end the server; its
 * descriptor is closed, too. With 1, and a line on standard error, the server
 * ends if it cannot listen there. Its standard output is free.
 *
 * Try it, and in another terminal bin/09-daytime-client 127.0.0.1 7013. It
 * works, mostly.
 *
 * To check it:   bin/lesson check 10
 * To build it:   make bin/exercises/10-daytime-server
 *
 * Change what you like between the two lines, and the #includes.
 */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "netprog.h"

/* ---------------------------------------------------------- from here on */

static void serve(int connfd)
{
    char line[64];
    struct tm utc;
    time_t now = time(NULL);

    if (gmtime_r(&now, &utc) == NULL)
        die("gmtime_r");
    strftime(line, sizeof line, "%d %b %Y %H:%M:%S UTC\r\n", &utc);
    if (writen(connfd, line, strlen(line)) == -1)
        report("write");
}

/* -------------------------------------------------------------- to here */

int main(int argc, char *argv[])
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    uint32_t address = INADDR_LOOPBACK;
    uint16_t port = 7013;
    int on = 1;

    lesson_arguments(argc, argv, "tells every client the time", NULL, &address,
                     &port);
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
