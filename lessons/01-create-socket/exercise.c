/*
 * Exercise 01: make some sockets, and hold them.
 *
 *     bin/exercises/01-create-socket COUNT
 *
 * Makes COUNT TCP sockets, from 1 to 100, and holds all of them at once. The
 * descriptor of each that is made is printed to standard output, on a line of
 * its own with nothing else. When all are made, each is closed, and the program
 * ends with 0.
 *
 * If a socket cannot be made, nothing is printed for it, and no more are made:
 * a line on standard error says why socket() failed, in the system's words
 * ("Too many open files") or by the error's name (EMFILE), and the program ends
 * with 1. Which numbers a program gets is the system's affair: 0 may be one.
 *
 * Try it: bin/exercises/01-create-socket 5. It works, mostly.
 *
 * To check it:   bin/lesson check 1
 * To build it:   make bin/exercises/01-create-socket
 *
 * Change what you like between the two lines, and the #includes.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "netprog.h"

enum { MOST = 100 };

/* ---------------------------------------------------------- from here on */

static void hold_sockets(int count)
{
    int sockets[MOST];

    for (int i = 0; i < count; i++) {
        sockets[i] = socket(PF_INET, SOCK_STREAM, 0);
        say("%d", sockets[i]);
    }
    for (int i = 0; i < count; i++)
        if (close(sockets[i]) == -1)
            die("close");
}

/* -------------------------------------------------------------- to here */

int main(int argc, char *argv[])
{
    program_name = "01-create-socket";
    if (argc != 2)
        misuse("one number is wanted: how many sockets?");
    hold_sockets((int)parse_number("COUNT", argv[1], 1, MOST));
    return 0;
}
