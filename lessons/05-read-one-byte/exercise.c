/*
 * Exercise 05: read a message.
 *
 *     bin/exercises/05-read-one-byte ADDRESS PORT
 *
 * A server sends one message, of any length, and closes. This program connects
 * to it, reads the message, and prints it to standard output: all of it,
 * nothing else, and no byte changed. While nothing comes, it waits: it does
 * not ask again and again. A call that a signal interrupts (EINTR) is made
 * again. It ends with 0; with 1, and a line on standard error, if the message
 * could not be read to its end.
 *
 * Try it: bin/10-daytime-server in one terminal, and in another
 * bin/exercises/05-read-one-byte 127.0.0.1 7013. It works, mostly.
 *
 * To check it:   bin/lesson check 5
 * To build it:   make bin/exercises/05-read-one-byte
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

static void print_message(int sockfd)
{
    char message[4096] = {0};
    ssize_t n;

    do
        n = read(sockfd, message, sizeof message);
    while (n == -1 && errno == EINTR);
    if (n == -1)
        die("read");
    printf("%s", message);
}

/* -------------------------------------------------------------- to here */

int main(int argc, char *argv[])
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    uint32_t address = INADDR_LOOPBACK;
    uint16_t port = 7013;

    lesson_arguments(argc, argv, "reads a message and prints it", NULL,
                     &address, &port);
    server.sin_addr.s_addr = htonl(address);
    server.sin_port = htons(port);

    int sockfd = socket(PF_INET, SOCK_STREAM, 0);
    if (sockfd == -1)
        die("socket");
    if (connect(sockfd, (struct sockaddr *)&server, sizeof server) == -1)
        die("connect");
    print_message(sockfd);
    close(sockfd);
    if (fflush(stdout) == EOF)
        die("standard output");
    return 0;
}
