/*
 * Exercise 07: read lines from two connections.
 *
 *     bin/exercises/07-readn-writen-readline ADDRESS PORT
 *
 * A server sends lines on each connection, and closes all at the end. This
 * program connects to it twice, and prints the lines by turns: one of the first
 * connection, one of the second, the next one of the first, and so on. When
 * one has no more, the rest of the other follows. Each line is printed as it
 * came: it may have any length and any bytes, the last no newline.
 *
 * To ask the kernel for one byte at a time is slow: this program takes what
 * there is, and keeps what it does not need yet. While nothing comes, it
 * waits. A call that a signal interrupts (EINTR) is made again. It ends with
 * 0; with 1, and a line on standard error, if a connection breaks off.
 *
 * Try it with bin/daytime-server, and port 7013. It works, mostly. To check it:
 * bin/lesson check 7. Change all between the two lines, and the #includes.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netprog.h"

/* ---------------------------------------------------------- from here on */

/* Gives the connection's next byte, or EOF at its end. */
static int next_byte(int sockfd)
{
    static unsigned char buffer[4096];
    static size_t start, end;

    if (start == end) {
        ssize_t n;
        while ((n = read(sockfd, buffer, sizeof buffer)) == -1)
            if (errno != EINTR)
                die("read");
        start = 0;
        end = (size_t)n;
    }
    return start < end ? buffer[start++] : EOF;
}

/* Prints one line. Gives false at the end of the connection. */
static bool print_line(int sockfd)
{
    int c;

    while ((c = next_byte(sockfd)) != EOF) {
        putchar(c);
        if (c == '\n')
            return true;
    }
    return false;
}

static void print_by_turns(int first, int second)
{
    for (bool one = true, two = true; one || two;) {
        one = one && print_line(first);
        two = two && print_line(second);
    }
}

/* -------------------------------------------------------------- to here */

static int connect_to(const struct sockaddr_in *server)
{
    int sockfd = socket(PF_INET, SOCK_STREAM, 0);
    if (sockfd == -1)
        die("socket");
    if (connect(sockfd, (struct sockaddr *)server, sizeof *server) == -1)
        die("connect");
    return sockfd;
}

int main(int argc, char *argv[])
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    uint32_t address = INADDR_LOOPBACK;
    uint16_t port = 7013;

    lesson_arguments(argc, argv, "prints the lines of two connections", NULL,
                     &address, &port);
    server.sin_addr.s_addr = htonl(address);
    server.sin_port = htons(port);

    int first = connect_to(&server);
    int second = connect_to(&server);
    print_by_turns(first, second);
    close(first);
    close(second);
    if (fflush(stdout) == EOF)
        die("standard output");
    return 0;
}
