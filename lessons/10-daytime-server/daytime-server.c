/*
 * Lesson 10: a server of the Daytime Protocol (RFC 867).
 *
 * Sends each client one line, the date and time, and closes. Shows that a
 * server must throw away what the client sent before it closes: close() with
 * unread input is a reset, which can destroy the line on its way (lesson 08).
 *
 *     bin/10-daytime-server                  in one terminal
 *     bin/09-daytime-client                  in another
 *
 * Grew from 03-server-listen-accept.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
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

/* "22 NOV 2026 07:01:02 UTC": a form that RFC 867 shows, with the whole year.
 */
static size_t daytime(char *line, size_t size)
{
    time_t now = time(NULL);
    struct tm utc;

    if (gmtime_r(&now, &utc) == NULL)
        die("gmtime_r");
    strftime(line, size, "%d %b %Y %H:%M:%S UTC\r\n", &utc);
    for (char *c = line; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
    return strlen(line);
}

/* Reads to the end of what the client sends; gives up on one that does not
 * end within about two seconds, since the next client is waiting. */
static void throw_input_away(int connfd)
{
    const struct timeval one_second = {.tv_sec = 1};
    time_t deadline = time(NULL) + 2;
    char buffer[4096];
    ssize_t n = 1;

    if (setsockopt(connfd, SOL_SOCKET, SO_RCVTIMEO, &one_second,
                   sizeof one_second) == -1)
        die("setsockopt SO_RCVTIMEO");
    while (n != 0 && time(NULL) < deadline) {
        n = read(connfd, buffer, sizeof buffer);
        if (n == -1 && errno != EINTR && errno != EAGAIN) {
            report("read");
            return;
        }
    }
}

static void serve(int connfd)
{
    char line[64];
    size_t length = daytime(line, sizeof line);

    if (writen(connfd, line, length) == -1) {
        report("write");
    } else if (shutdown(connfd, SHUT_WR) == -1) {
        report("shutdown");
    } else {
        say("sent %zu bytes", length);
        throw_input_away(connfd);
    }
}

int main(int argc, char *argv[])
{
    uint32_t ip = INADDR_LOOPBACK;
    uint16_t port = 7013;
    long clients = 0;
    const struct option_spec options[] = {
        {"clients", "N", &clients, 0, LONG_MAX, "end after N; 0: never"},
        {0},
    };
    lesson_arguments(argc, argv,
                     "Tells every client the date and time (RFC 867).", options,
                     &ip, &port);
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
