/*
 * Lesson 08: the end of a connection.
 *
 * Shows that either end may close; that the other one still reads what was on
 * its way, and then 0; that shutdown() ends one direction only; and that
 * closing with unread input resets the connection. Both ends are this program:
 * each sends a greeting, and one is told how to end.
 *
 *     bin/08-close-and-eof --serve           in one terminal
 *     bin/08-close-and-eof --close           in another; or --half-close,
 *                                            or --unread
 *
 * Grew from 05-read-one-byte.
 */
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netprog.h"

static long end_by_close, end_by_half_close, end_unread, answer;

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

/* Lesson 04, in one function. */
static int connect_to(const struct sockaddr_in *address)
{
    char text[ADDRESS_TEXT_SIZE];

    int sockfd = socket(PF_INET, SOCK_STREAM, 0);
    if (sockfd == -1)
        die("socket");
    if (connect(sockfd, (struct sockaddr *)address, sizeof *address) == -1)
        die("connect %s", address_text((struct sockaddr *)address, text));
    return sockfd;
}

/* Gives what writen() gave: -1 is an error, which was reported. */
static ssize_t send_text(int fd, const char *text)
{
    char shown[80];
    ssize_t n = writen(fd, text, strlen(text));

    if (n == -1)
        report("write");
    else
        say("write() took %zd bytes: %s", n,
            quoted(text, (size_t)n, shown, sizeof shown));
    return n;
}

/* Reads once. Gives what read() gave: 0 is the end, -1 the reset, both said. */
static ssize_t read_once(int fd)
{
    char buffer[256], shown[80];
    ssize_t n;

    do
        n = read(fd, buffer, sizeof buffer);
    while (n == -1 && errno == EINTR);
    if (n > 0)
        say("read() gave %zd bytes: %s", n,
            quoted(buffer, (size_t)n, shown, sizeof shown));
    else if (n == 0)
        say("read() gave 0: the other end will send no more");
    else
        report("read");
    return n;
}

static void wait_for_input(int fd)
{
    struct pollfd input = {.fd = fd, .events = POLLIN};

    while (poll(&input, 1, -1) == -1)
        if (errno != EINTR)
            die("poll");
}

/* Says hello, then ends as it was told to, or waits for the other's end. Gives
 * 0, or -1 where the other end broke the connection. */
static int converse(int fd, const char *greeting)
{
    ssize_t n = send_text(fd, greeting);

    if (n > 0)
        wait_for_input(fd);
    if (n > 0 && !end_unread)
        n = read_once(fd);
    if (n > 0 && end_by_half_close) {
        say("shutdown(SHUT_WR): no more from here, but still reading");
        if (shutdown(fd, SHUT_WR) == -1)
            die("shutdown");
    }
    while (n > 0 && !end_unread && !end_by_close)
        n = read_once(fd);
    if (n == 0 && answer)
        n = send_text(fd, "and goodbye\n");
    say(end_unread ? "close() with unread input" : "close()");
    if (close(fd) == -1)
        die("close");
    return n == -1 ? -1 : 0;
}

int main(int argc, char *argv[])
{
    uint32_t ip = INADDR_LOOPBACK;
    uint16_t port = 7000;
    long serve = 0, clients = 1;
    const struct option_spec options[] = {
        {"close", NULL, &end_by_close, 0, 1, "close first"},
        {"half-close", NULL, &end_by_half_close, 0, 1, "shut down first"},
        {"unread", NULL, &end_unread, 0, 1, "close first, input unread"},
        {"answer", NULL, &answer, 0, 1, "send a goodbye after the other's end"},
        {"serve", NULL, &serve, 0, 1, "be the end that listens"},
        {"clients", "N", &clients, 0, LONG_MAX,
         "with --serve: end after N; 0: never"},
        {0},
    };
    lesson_arguments(argc, argv, "Shows how a connection ends.", options, &ip,
                     &port);

    struct sockaddr_in address = {0};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(ip);

    signal(SIGPIPE, SIG_IGN); /* write() then says EPIPE: lesson 18 */
    if (!serve)
        return converse(connect_to(&address), "hello from the client\n") == 0
                   ? EXIT_SUCCESS
                   : EXIT_FAILURE;

    end_on_signals();
    int listenfd = listen_on(&address);
    for (long n = 0; clients == 0 || n < clients; n++) {
        int connfd = accept(listenfd, NULL, NULL);
        if (connfd == -1)
            die("accept");
        converse(connfd, "hello from the server\n");
    }
    if (close(listenfd) == -1)
        die("close");
    return EXIT_SUCCESS;
}
