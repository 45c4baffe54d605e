/*
 * Exercise 04: connect to the first server that answers.
 *
 *     bin/exercises/04-client-connect ADDRESS PORT...
 *
 * Tries to connect to that IPv4 address, first at the first of the ports, then
 * at the next, until a connection is established. Then it prints the address
 * and port of both ends to standard output, its own first: one line, such as
 *
 *     127.0.0.1:52294 127.0.0.1:7001
 *
 * and nothing else. It closes the connection, and ends with 0. No further port
 * is tried then.
 *
 * After a connect() that failed, the state of the socket is unspecified: its
 * descriptor is closed before the next try. If all tries fail, nothing is
 * printed, a line on standard error says why, in the system's words
 * ("Connection refused") or by the error's name (ECONNREFUSED), and the program
 * ends with 1.
 *
 * Try it: bin/03-server-listen-accept in one terminal, and in another
 * bin/exercises/04-client-connect 127.0.0.1 7000 7001. It works, mostly.
 *
 * To check it:   bin/lesson check 4
 * To build it:   make bin/exercises/04-client-connect
 *
 * Change what you like between the two lines, and the #includes.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netprog.h"

/* ---------------------------------------------------------- from here on */

/* Gives a connected socket; where there is none, the program ends. `ports` has
 * NULL behind the last one. */
static int connect_to_first(struct sockaddr_in server, char *ports[])
{
    char text[ADDRESS_TEXT_SIZE];

    int sockfd = socket(PF_INET, SOCK_STREAM, 0);
    if (sockfd == -1)
        die("socket");
    for (; *ports != NULL; ports++) {
        long port = parse_number("PORT", *ports, 1, 65535);
        server.sin_port = htons((in_port_t)port);
        if (connect(sockfd, (struct sockaddr *)&server, sizeof server) == 0)
            return sockfd;
        report("connect %s", address_text((struct sockaddr *)&server, text));
        close(sockfd);
    }
    exit(EXIT_FAILURE);
}

/* -------------------------------------------------------------- to here */

int main(int argc, char *argv[])
{
    struct sockaddr_in server = {.sin_family = AF_INET}, this_end, other_end;
    char text[2][ADDRESS_TEXT_SIZE];
    socklen_t length;

    program_name = "04-client-connect";
    if (argc < 3 || inet_pton(AF_INET, argv[1], &server.sin_addr) != 1)
        misuse("an IPv4 address and one port or more are wanted");

    int sockfd = connect_to_first(server, argv + 2);
    length = sizeof this_end;
    if (getsockname(sockfd, (struct sockaddr *)&this_end, &length) == -1)
        die("getsockname");
    length = sizeof other_end;
    if (getpeername(sockfd, (struct sockaddr *)&other_end, &length) == -1)
        die("getpeername");
    say("%s %s", address_text((struct sockaddr *)&this_end, text[0]),
        address_text((struct sockaddr *)&other_end, text[1]));
    if (close(sockfd) == -1)
        die("close");
    return EXIT_SUCCESS;
}
