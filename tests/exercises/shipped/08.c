/*
 * Exercise 08: tell how a connection ended.
 *
 *     bin/exercises/08-close-and-eof ADDRESS PORT
 *
 * This program connects to a server, sends it "hello\n", and says by a
 * half-close that no more will come: the server may wait for that. Then it
 * reads all that the server sends, and counts it. At the end it prints one
 * line, which is one of these, N being the bytes that came:
 *
 *     N bytes, then the end      the server closed; exit status 0
 *     N bytes, then a reset      it broke off (ECONNRESET); exit status 1
 *
 * While nothing comes, it waits. A call that a signal interrupts (EINTR) is
 * made again. At any other error there is no such line, but one on standard
 * error, and the exit status is 1.
 *
 * Try it: bin/08-close-and-eof --serve in one terminal, and in another
 * bin/exercises/08-close-and-eof 127.0.0.1 7000. It works, mostly.
 *
 * To check it:   bin/lesson check 8
 * To build it:   make bin/exercises/08-close-and-eof
 *
 * Change what you like between the two lines, and the #includes.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netprog.h"

/* ---------------------------------------------------------- from here on */

/* Gives the exit status. */
static int tell_the_end(int sockfd)
{
    char buffer[4096];
    size_t bytes = 0;
    ssize_t n;

    while ((n = read(sockfd, buffer, sizeof buffer)) != 0)
        bytes += (size_t)n;
    say("%zu bytes, then the end", bytes);
    return EXIT_SUCCESS;
}

/* -------------------------------------------------------------- to here */

int main(int argc, char *argv[])
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    uint32_t address = INADDR_LOOPBACK;
    uint16_t port = 7000;

    lesson_arguments(argc, argv, "tells how a connection ended", NULL, &address,
                     &port);
    server.sin_addr.s_addr = htonl(address);
    server.sin_port = htons(port);

    int sockfd = socket(PF_INET, SOCK_STREAM, 0);
    if (sockfd == -1)
        die("socket");
    if (connect(sockfd, (struct sockaddr *)&server, sizeof server) == -1)
        die("connect");
    if (writen(sockfd, "hello\n", 6) == -1)
        die("write");
    if (shutdown(sockfd, SHUT_WR) == -1)
        die("shutdown");
    int status = tell_the_end(sockfd);
    close(sockfd);
    return status;
}
