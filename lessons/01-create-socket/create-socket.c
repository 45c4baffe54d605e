/*
 * Lesson 01: create a TCP socket.
 *
 * Shows what socket() gives: a small number, the lowest that is free, or -1
 * and a reason in errno. No network is needed, and no partner.
 *
 *     bin/01-create-socket
 *     bin/01-create-socket --family 99
 */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netprog.h"

int main(int argc, char *argv[])
{
    long family = PF_INET, type = SOCK_STREAM, protocol = 0;
    const struct option_spec options[] = {
        {"family", "N", &family, 0, 255, "first argument of a third socket()"},
        {"type", "N", &type, 0, 255, "its second argument"},
        {"protocol", "N", &protocol, 0, 255, "its third argument"},
        {0},
    };
    parse_arguments(argc, argv, "Creates TCP sockets, and closes them.",
                    options, NULL, NULL);

    say("PF_INET is %d and AF_INET is %d: one number, two names", PF_INET,
        AF_INET);

    int first = socket(PF_INET, SOCK_STREAM, 0);
    if (first == -1)
        die("socket");
    say("socket() gave descriptor %d, the lowest free number", first);

    int second = socket(PF_INET, SOCK_STREAM, 0);
    if (second == -1)
        die("socket");
    say("socket() gave descriptor %d, the next one", second);

    if (close(first) == -1)
        die("close");
    say("close() freed descriptor %d", first);

    int third = socket((int)family, (int)type, (int)protocol);
    if (third == -1)
        die("socket family %ld, type %ld, protocol %ld", family, type,
            protocol);
    say("socket() gave descriptor %d, which is free again", third);

    /* What a program does not close, the kernel closes when it ends. */
    if (close(second) == -1 || close(third) == -1)
        die("close");
    return EXIT_SUCCESS;
}
