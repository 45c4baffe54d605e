/*
 * Exercise 11: an echo client (RFC 862).
 *
 *     bin/exercises/11-echo-client ADDRESS PORT
 *
 * Sends its standard input to an echo server, and prints to standard output
 * what comes back: any bytes, any number of them, none changed, nothing else.
 * Behind the end of the input it ends its own direction (the server closes when
 * it has sent everything back), and prints what is still to come.
 *
 * While nothing comes, it waits. read() and write() may move less than they
 * were asked to; a call that a signal interrupts (EINTR) is made again. The
 * program ends with 0; with 1, and a line on standard error, if the server
 * cannot be reached, if the connection breaks off, or if it ends before all
 * that was sent has come back.
 *
 * Try it: bin/12-echo-server in one terminal, and in another
 * bin/exercises/11-echo-client 127.0.0.1 7007 < README.md. It works, mostly.
 *
 * To check it:   bin/lesson check 11
 * To build it:   make bin/exercises/11-echo-client
 *
 * Change what you like between the two lines, and the #includes.
 */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netprog.h"

/* ---------------------------------------------------------- from here on */

/* Reads from one descriptor, and writes to the other, until the first one's
 * end; gives how many bytes. */
static size_t copy(int from, int to)
{
    char buffer[4096];
    size_t total = 0;
    ssize_t n;

    while ((n = read(from, buffer, sizeof buffer)) != 0) {
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1)
            die("read");
        if (writen(to, buffer, (size_t)n) == -1)
            die("write");
        total += (size_t)n;
    }
    return total;
}

static void converse(int sockfd)
{
    size_t sent = copy(STDIN_FILENO, sockfd);

    if (shutdown(sockfd, SHUT_WR) == -1)
        die("shutdown");
    if (copy(sockfd, STDOUT_FILENO) != sent)
        fail("not all came back");
}

/* -------------------------------------------------------------- to here */

int main(int argc, char *argv[])
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    uint32_t address = INADDR_LOOPBACK;
    uint16_t port = 7007;

    lesson_arguments(argc, argv, "sends its input to an echo server", NULL,
                     &address, &port);
    server.sin_addr.s_addr = htonl(address);
    server.sin_port = htons(port);
    signal(SIGPIPE, SIG_IGN); /* write() then says EPIPE */

    int sockfd = socket(PF_INET, SOCK_STREAM, 0);
    if (sockfd == -1)
        die("socket");
    if (connect(sockfd, (struct sockaddr *)&server, sizeof server) == -1)
        die("connect");
    converse(sockfd);
    if (close(sockfd) == -1)
        die("close");
    return 0;
}
