/*
 * Exercise 02: bind a socket to an address and a port.
 *
 *     bin/exercises/02-server-bind ADDRESS PORT
 *
 * Makes a TCP socket, and binds it to that IPv4 address and that port. Then it
 * prints the address and the port that the socket has, as getsockname() tells
 * them, to standard output: one line, such as 127.0.0.1:9999, and nothing else.
 * With address 0.0.0.0 the socket is bound to all addresses of this machine;
 * with port 0 the kernel chooses a free port, and that one is printed.
 *
 * It ends with 0; with 1, if the socket cannot be bound as was asked: then
 * nothing is printed, and a line on standard error says why, in the system's
 * words ("Address already in use") or by the error's name (EADDRINUSE).
 *
 * Try it: bin/exercises/02-server-bind 127.0.0.1 9999. It works, it says.
 *
 * To check it:   bin/lesson check 2
 * To build it:   make bin/exercises/02-server-bind
 *
 * Change what you like between the two lines, and the #includes.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netprog.h"

/* ---------------------------------------------------------- from here on */

static void bind_to(int mysock, uint32_t address, uint16_t port)
{
    struct sockaddr_in myaddr = {0};
    myaddr.sin_family = AF_INET;
    myaddr.sin_port = port;
    myaddr.sin_addr.s_addr = htonl(address);

    if (bind(mysock, (struct sockaddr *)&myaddr, sizeof myaddr) == -1)
        die("bind");
}

static void print_address(int mysock)
{
    struct sockaddr_in name;
    socklen_t length = sizeof name;
    char text[INET_ADDRSTRLEN];

    if (getsockname(mysock, (struct sockaddr *)&name, &length) == -1)
        die("getsockname");
    inet_ntop(AF_INET, &name.sin_addr, text, sizeof text);
    say("%s:%u", text, name.sin_port);
}

/* -------------------------------------------------------------- to here */

int main(int argc, char *argv[])
{
    uint32_t address = INADDR_LOOPBACK;
    uint16_t port = 7000;

    lesson_arguments(argc, argv, "Binds a TCP socket to an address.", NULL,
                     &address, &port);

    int mysock = socket(PF_INET, SOCK_STREAM, 0);
    if (mysock == -1)
        die("socket");
    bind_to(mysock, address, port);
    print_address(mysock);
    if (close(mysock) == -1)
        die("close");
    return 0;
}
