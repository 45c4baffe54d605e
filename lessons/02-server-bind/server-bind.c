/*
 * Lesson 02: bind a socket to a well-known address.
 *
 * Shows how an address is filled in, byte by byte, what bind() does with it,
 * and what the kernel says the address is: getsockname().
 *
 *     bin/02-server-bind                    127.0.0.1, port 7000
 *     bin/02-server-bind any 0              all addresses, any free port
 *     bin/02-server-bind --hold 60          keeps the port for a minute
 *
 * Grew from 01-create-socket.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netprog.h"

static void show_bytes(const char *name, const void *field, size_t size)
{
    const unsigned char *byte = field;
    char text[64];
    size_t used = 0;

    for (size_t i = 0; i < size; i++)
        used +=
            (size_t)snprintf(text + used, sizeof text - used, " %02x", byte[i]);
    say("  %-10s%s", name, text);
}

static void show_address(const char *when, int fd)
{
    struct sockaddr_in name;
    socklen_t length = sizeof name;
    char text[ADDRESS_TEXT_SIZE];

    if (getsockname(fd, (struct sockaddr *)&name, &length) == -1)
        die("getsockname");
    say("%s, the address of descriptor %d is %s", when, fd,
        address_text((struct sockaddr *)&name, text));
}

int main(int argc, char *argv[])
{
    uint32_t ip = INADDR_LOOPBACK;
    uint16_t port = 7000;
    long hold = 0;
    const struct option_spec options[] = {
        {"hold", "SECONDS", &hold, 0, 86400, "how long to keep the socket"},
        {0},
    };
    lesson_arguments(argc, argv, "Binds a TCP socket to an address.", options,
                     &ip, &port);
    end_on_signals();

    int mysock = socket(PF_INET, SOCK_STREAM, 0);
    if (mysock == -1)
        die("socket");
    show_address("before bind()", mysock);

    struct sockaddr_in myaddr = {0};
    myaddr.sin_family = AF_INET;
    myaddr.sin_port = htons(port);
    myaddr.sin_addr.s_addr = htonl(ip);

    say("port %u is 0x%04x; in network order, the high byte first:", port,
        port);
    show_bytes("sin_port", &myaddr.sin_port, sizeof myaddr.sin_port);
    show_bytes("sin_addr", &myaddr.sin_addr, sizeof myaddr.sin_addr);

    char text[ADDRESS_TEXT_SIZE];
    if (bind(mysock, (struct sockaddr *)&myaddr, sizeof myaddr) == -1)
        die("bind %s", address_text((struct sockaddr *)&myaddr, text));
    show_address("after bind()", mysock);

    if (hold > 0)
        say("holding it for %ld seconds", hold);
    sleep((unsigned)hold);
    if (close(mysock) == -1)
        die("close");
    return EXIT_SUCCESS;
}
