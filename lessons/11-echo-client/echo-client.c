/*
 * Lesson 11: a client of the Echo Protocol (RFC 862).
 *
 * Sends standard input to the server, and prints what comes back, both at the
 * same time: a client that wrote everything first would be stuck as soon as
 * the buffers between were full. At the end of the input it shuts down its
 * direction, and reads to the end of the other.
 *
 *     bin/12-echo-server                     in one terminal
 *     bin/11-echo-client                     in another: type lines, then ^D
 *     bin/11-echo-client < FILE | cmp - FILE any bytes, any number of them
 *
 * Grew from 06-partial-write and 09-daytime-client.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netprog.h"

/* Lesson 04, in one function. */
static int connect_to(const struct sockaddr_in *address)
{
    char text[ADDRESS_TEXT_SIZE];

    int sockfd = socket(PF_INET, SOCK_STREAM, 0);
    if (sockfd == -1)
        die("socket");
    if (connect(sockfd, (struct sockaddr *)address, sizeof *address) == -1)
        die("connect %s", address_text((struct sockaddr *)address, text));
    return sockfd;
}

/* Bytes from standard input that the socket has not taken yet. */
struct pending {
    char bytes[16384];
    size_t start, end;
    bool at_end; /* of standard input */
};

static void read_input(struct pending *pending)
{
    ssize_t n = read(STDIN_FILENO, pending->bytes, sizeof pending->bytes);

    if (n == -1 && errno != EINTR && errno != EAGAIN)
        die("standard input");
    pending->at_end = n == 0;
    pending->start = 0;
    pending->end = n > 0 ? (size_t)n : 0;
}

/* Gives how many bytes the socket took. */
static size_t send_pending(int sockfd, struct pending *pending)
{
    ssize_t n = write(sockfd, pending->bytes + pending->start,
                      pending->end - pending->start);

    if (n == -1 && errno != EAGAIN && errno != EINTR)
        die("write");
    if (n <= 0)
        return 0;
    pending->start += (size_t)n;
    return (size_t)n;
}

/* Gives how many bytes came, or -1 at the end. */
static ssize_t print_echo(int sockfd)
{
    char buffer[16384];
    ssize_t n = read(sockfd, buffer, sizeof buffer);

    if (n == -1 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (n == -1)
        die("read");
    if (n > 0 && writen(STDOUT_FILENO, buffer, (size_t)n) == -1)
        die("standard output");
    return n > 0 ? n : -1;
}

/* Sends and receives until both directions have ended. */
static void converse(int sockfd, bool write_first)
{
    struct pending pending = {.start = 0};
    unsigned long long sent = 0, came = 0;
    bool shut = false;

    for (;;) {
        bool waiting = pending.start < pending.end;
        bool reading = !write_first || shut;
        struct pollfd fds[] = {
            {.fd = waiting || shut ? -1 : STDIN_FILENO, .events = POLLIN},
            {.fd = sockfd,
             .events =
                 (short)((reading ? POLLIN : 0) | (waiting ? POLLOUT : 0))},
        };
        int ready = poll(fds, 2, write_first && waiting ? 2000 : -1);
        if (ready == -1 && errno != EINTR)
            die("poll");
        if (ready == 0)
            fail("stuck: %llu bytes written, none read; the server waits for "
                 "us to read, and we wait for the server",
                 sent);
        if (ready <= 0)
            continue;
        if (fds[0].revents != 0)
            read_input(&pending);
        if (fds[1].revents & POLLOUT)
            sent += send_pending(sockfd, &pending);
        if (fds[1].revents & (POLLIN | POLLHUP | POLLERR)) {
            ssize_t n = print_echo(sockfd);
            if (n == -1)
                break;
            came += (unsigned long long)n;
        }
        if (pending.at_end && pending.start == pending.end && !shut) {
            /* ENOTCONN: a reset was faster, and read() will say so. */
            if (shutdown(sockfd, SHUT_WR) == -1 && errno != ENOTCONN)
                die("shutdown");
            shut = true;
        }
    }
    if (!shut || came != sent)
        fail("the server closed too early: %llu bytes sent, %llu came back",
             sent, came);
}

int main(int argc, char *argv[])
{
    uint32_t ip = INADDR_LOOPBACK;
    uint16_t port = 7007;
    long write_first = 0;
    const struct option_spec options[] = {
        {"write-first", NULL, &write_first, 0, 1,
         "read no echo before all is written"},
        {0},
    };
    lesson_arguments(argc, argv, "Sends its input to an echo server.", options,
                     &ip, &port);

    struct sockaddr_in address = {0};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(ip);

    signal(SIGPIPE, SIG_IGN); /* write() then says EPIPE: lesson 18 */
    int sockfd = connect_to(&address);
    if (fcntl(sockfd, F_SETFL, O_NONBLOCK) == -1)
        die("fcntl O_NONBLOCK");
    converse(sockfd, write_first != 0);
    if (close(sockfd) == -1)
        die("close");
    return EXIT_SUCCESS;
}
