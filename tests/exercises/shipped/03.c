/*
 * Exercise 03: accept connections, and tell who came.
 *
 *     bin/exercises/03-server-listen-accept ADDRESS PORT
 *
 * Listens at that IPv4 address and port. For each client that connects, one
 * after another, it prints the client's address and port to standard output,
 * at once: one line, such as 127.0.0.1:52278, and nothing else. Then it closes
 * the connection. It serves until a signal (SIGTERM) ends it.
 *
 * If it cannot listen there, it ends with 1, and a line on standard error says
 * why, in the system's words ("Address already in use") or by the error's name
 * (EADDRINUSE). If accept() fails, no client is printed; it ends in the same
 * way, or goes on.
 *
 * Try it: bin/exercises/03-server-listen-accept 127.0.0.1 7000 in one terminal,
 * and in another, again and again, bin/04-client-connect. It works, mostly.
 *
 * To check it:   bin/lesson check 3
 * To build it:   make bin/exercises/03-server-listen-accept
 *
 * Change what you like between the two lines, and the #includes.
 */
#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netprog.h"

/* ---------------------------------------------------------- from here on */

static void serve(int listenfd, struct sockaddr_in address)
{
    socklen_t length = 0; /* accept() tells how long the address is */
    char text[ADDRESS_TEXT_SIZE];

    for (;;) {
        int connfd = accept(listenfd, (struct sockaddr *)&address, &length);
        if (connfd == -1)
            die("accept");
        say("%s", address_text((struct sockaddr *)&address, text));
        if (close(connfd) == -1)
            die("close");
    }
}

/* -------------------------------------------------------------- to here */

int main(int argc, char *argv[])
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    uint32_t ip = INADDR_LOOPBACK;
    uint16_t port = 7000;
    int on = 1;

    lesson_arguments(argc, argv, "Tells who connects.", NULL, &ip, &port);
    address.sin_addr.s_addr = htonl(ip);
    address.sin_port = htons(port);

    int listenfd = socket(PF_INET, SOCK_STREAM, 0);
    if (listenfd == -1)
        die("socket");
    if (setsockopt(listenfd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
        die("setsockopt SO_REUSEADDR");
    if (bind(listenfd, (struct sockaddr *)&address, sizeof address) == -1)
        die("bind");
    if (listen(listenfd, 5) == -1)
        die("listen");
    serve(listenfd, address);
}
