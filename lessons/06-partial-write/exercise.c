/*
 * Exercise 06: send what comes from standard input.
 *
 *     bin/exercises/06-partial-write ADDRESS PORT
 *
 * This program connects to a server and sends it standard input, a file or a
 * pipe of any length, to its end: every byte, in order, and nothing else. It
 * reads nothing from the server. The socket is non-blocking, as in the lesson
 * (a blocking one will do, too): any call may take less than it was given.
 * Where there is no room at all, the program waits until there is; it does not
 * ask again and again. A call that a signal interrupts (EINTR) is made again.
 *
 * It ends with 0 when the kernel has taken all; with 1, and a line on standard
 * error, if something could not be sent. A server that breaks the connection
 * off is such an error: no signal (SIGPIPE) ends this program.
 *
 * Try it: bin/06-partial-write --serve in one terminal, and in another
 * bin/exercises/06-partial-write 127.0.0.1 7000 <README.md. It works, mostly.
 *
 * To check it:   bin/lesson check 6
 * To build it:   make bin/exercises/06-partial-write
 *
 * Change what you like between the two lines, and the #includes.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netprog.h"

/* ---------------------------------------------------------- from here on */

static void send_all(int sockfd, const char *data, size_t count)
{
    struct pollfd room = {.fd = sockfd, .events = POLLOUT};

    while (write(sockfd, data, count) == -1) {
        if (errno == EAGAIN) {
            if (poll(&room, 1, -1) == -1 && errno != EINTR)
                die("poll");
        } else if (errno != EINTR) {
            die("write");
        }
    }
}

/* -------------------------------------------------------------- to here */

int main(int argc, char *argv[])
{
    struct sockaddr_in server = {.sin_family = AF_INET};
    uint32_t address = INADDR_LOOPBACK;
    uint16_t port = 7000;
    char data[4096];
    ssize_t n;

    lesson_arguments(argc, argv, "sends standard input", NULL, &address, &port);
    server.sin_addr.s_addr = htonl(address);
    server.sin_port = htons(port);

    signal(SIGPIPE, SIG_IGN); /* write() then says EPIPE */
    int sockfd = socket(PF_INET, SOCK_STREAM, 0);
    if (sockfd == -1)
        die("socket");
    if (connect(sockfd, (struct sockaddr *)&server, sizeof server) == -1)
        die("connect");
    if (fcntl(sockfd, F_SETFL, O_NONBLOCK) == -1)
        die("fcntl O_NONBLOCK");
    while ((n = read(STDIN_FILENO, data, sizeof data)) != 0) {
        if (n == -1 && errno != EINTR)
            die("read");
        if (n > 0)
            send_all(sockfd, data, (size_t)n);
    }
    if (close(sockfd) == -1)
        die("close");
    return 0;
}
