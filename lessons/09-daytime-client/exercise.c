/*
 * Exercise 09: a daytime client (RFC 867).
 *
 *     bin/exercises/09-daytime-client ADDRESS PORT
 *
 * A daytime server sends a text that tells the time, and closes. This program
 * connects to it, and prints to standard output all that it sends, as text:
 *
 *   - the bytes from ' ' to '~', and '\n', as they are;
 *   - no '\r': on the network a line ends with "\r\n", here with '\n';
 *   - a '?' for each other byte, since a terminal might obey it.
 *
 * RFC 867 gives the text no form. It may have several lines, the last one may
 * end without a newline, and it may be of any length. While nothing comes, it
 * waits. A call that a signal interrupts (EINTR) is made again. The program
 * ends with 0; with 1, and a line on standard error, if the server cannot be
 * reached, if the connection breaks off, or if the server closes without
 * having sent anything.
 *
 * Try it: bin/10-daytime-server in one terminal, and in another
 * bin/exercises/09-daytime-client 127.0.0.1 7013. It works, mostly.
 *
 * To check it:   bin/lesson check 9
 * To build it:   make bin/exercises/09-daytime-client
 *
 * Change what you like between the two lines, and the #includes.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netprog.h"

/* ---------------------------------------------------------- from here on */

static void print_text(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if ((text[i] >= ' ' && text[i] <= '~') || text[i] == '\n')
            putchar(text[i]);
        else if (text[i] != '\r')
            putchar('?');
    }
}

static void print_daytime(int sockfd)
{
    char text[512];
    ssize_t n;

    do
        n = read(sockfd, text, sizeof text);
    while (n == -1 && errno == EINTR);
    if (n == -1)
        die("read");
    if (n == 0)
        fail("the server closed without telling the time");
    print_text(text, (size_t)n);
}

/* -------------------------------------------------------------- to here */

int main(int argc, char *argv[])
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    uint32_t address = INADDR_LOOPBACK;
    uint16_t port = 7013;

    lesson_arguments(argc, argv, "prints the time that a server tells", NULL,
                     &address, &port);
    server.sin_addr.s_addr = htonl(address);
    server.sin_port = htons(port);

    int sockfd = socket(PF_INET, SOCK_STREAM, 0);
    if (sockfd == -1)
        die("socket");
    if (connect(sockfd, (struct sockaddr *)&server, sizeof server) == -1)
        die("connect");
    print_daytime(sockfd);
    if (close(sockfd) == -1)
        die("close");
    if (fflush(stdout) == EOF)
        die("standard output");
    return 0;
}
