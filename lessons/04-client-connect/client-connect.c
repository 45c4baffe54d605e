/*
 * Lesson 04: connect to a server.
 *
 * Shows that a client needs no bind(): connect() lets the kernel choose this
 * end's address and port, and does the three-way handshake. Run it against
 * 03-server-listen-accept.
 *
 *     bin/04-client-connect
 *     bin/04-client-connect 127.0.0.1 7013      any TCP server will do
 *
 * Grew from 02-server-bind.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netprog.h"

static void show_this_end(const char *when, int fd)
{
    struct sockaddr_in name;
    socklen_t length = sizeof name;
    char text[ADDRESS_TEXT_SIZE];

    if (getsockname(fd, (struct sockaddr *)&name, &length) == -1)
        die("getsockname");
    say("%s, this end is %s", when,
        address_text((struct sockaddr *)&name, text));
}

int main(int argc, char *argv[])
{
    uint32_t ip = INADDR_LOOPBACK;
    uint16_t port = 7000;
    long hold = 0;
    const struct option_spec options[] = {
        {"hold", "SECONDS", &hold, 0, 86400, "how long to stay connected"},
        {0},
    };
    lesson_arguments(argc, argv, "Connects to a TCP server.", options, &ip,
                     &port);

    int sockfd = socket(PF_INET, SOCK_STREAM, 0);
    if (sockfd == -1)
        die("socket");
    show_this_end("before connect()", sockfd);

    struct sockaddr_in server = {0};
    server.sin_family = AF_INET;
    server.sin_port = htons(port);
    server.sin_addr.s_addr = htonl(ip);

    /* Whether it worked is known only from the result. After a failure the
     * socket is of no more use: close it, and make a new one. */
    char text[ADDRESS_TEXT_SIZE];
    if (connect(sockfd, (struct sockaddr *)&server, sizeof server) == -1)
        die("connect %s", address_text((struct sockaddr *)&server, text));
    show_this_end("after connect()", sockfd);

    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    if (getpeername(sockfd, (struct sockaddr *)&peer, &length) == -1)
        die("getpeername");
    say("the other end is %s", address_text((struct sockaddr *)&peer, text));

    if (hold > 0)
        say("staying connected for %ld seconds", hold);
    sleep((unsigned)hold);
    if (close(sockfd) == -1)
        die("close");
    return EXIT_SUCCESS;
}
