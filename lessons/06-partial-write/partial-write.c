/*
 * Lesson 06: a write may be partial.
 *
 * Shows that write() takes as much as the kernel has room for, not as much as
 * it was given: the caller goes on from there. A non-blocking socket says
 * EAGAIN when there is no room at all, and poll() waits until there is. With
 * --serve it is its own partner, and reads slowly.
 *
 *     bin/06-partial-write --serve           in one terminal
 *     bin/06-partial-write                   in another
 *     bin/06-partial-write --blocking        a signal cuts a blocking write()
 *
 * Grew from 05-read-one-byte.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "netprog.h"

/* Lesson 03, in one function. */
static int listen_on(const struct sockaddr_in *address)
{
    struct sockaddr_in name;
    socklen_t length = sizeof name;
    char text[ADDRESS_TEXT_SIZE];
    int on = 1;

    int listenfd = socket(PF_INET, SOCK_STREAM, 0);
    if (listenfd == -1)
        die("socket");
    if (setsockopt(listenfd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
        die("setsockopt SO_REUSEADDR");
    if (bind(listenfd, (struct sockaddr *)address, sizeof *address) == -1)
        die("bind %s", address_text((struct sockaddr *)address, text));
    if (listen(listenfd, 5) == -1)
        die("listen");
    if (getsockname(listenfd, (struct sockaddr *)&name, &length) == -1)
        die("getsockname");
    say("listening on %s", address_text((struct sockaddr *)&name, text));
    return listenfd;
}

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

#define FNV_START 2166136261u

/* FNV-1a: both ends come to the same number if no byte was lost or moved. */
static uint32_t checksum(uint32_t sum, const unsigned char *data, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sum = (sum ^ data[i]) * 16777619u;
    return sum;
}

static void read_slowly(int connfd, long pause)
{
    const struct timespec rest = {pause / 1000, pause % 1000 * 1000000};
    unsigned char buffer[65536];
    size_t bytes = 0;
    uint32_t sum = FNV_START;

    for (;;) {
        ssize_t n = read(connfd, buffer, sizeof buffer);
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1)
            report("read");
        if (n <= 0)
            break;
        sum = checksum(sum, buffer, (size_t)n);
        bytes += (size_t)n;
        nanosleep(&rest, NULL);
    }
    say("received %zu bytes, checksum %08x", bytes, (unsigned)sum);
}

static void write_all(int sockfd, const unsigned char *data, size_t count)
{
    size_t done = 0;

    while (done < count) {
        ssize_t n = write(sockfd, data + done, count - done);
        if (n >= 0) {
            say("write() of %zu bytes took %zd", count - done, n);
            done += (size_t)n; /* the rest is still ours to write */
        } else if (errno == EAGAIN) {
            say("write() of %zu bytes gave EAGAIN: poll() waits for room",
                count - done);
            struct pollfd room = {.fd = sockfd, .events = POLLOUT};
            if (poll(&room, 1, -1) == -1 && errno != EINTR)
                die("poll");
        } else if (errno != EINTR) {
            die("write");
        }
    }
}

static void on_alarm(int signal_number)
{
    (void)signal_number; /* it only has to interrupt write() */
}

/* An interrupted write() gives what it has taken, with SA_RESTART or without;
 * the flag would only hide EINTR where it has taken nothing. */
static void interrupt_every_20_ms(void)
{
    const struct sigaction action = {.sa_handler = on_alarm};
    const struct itimerval every = {{0, 20000}, {0, 20000}};

    if (sigaction(SIGALRM, &action, NULL) == -1)
        die("sigaction");
    if (setitimer(ITIMER_REAL, &every, NULL) == -1)
        die("setitimer");
}

static void serve_on(int listenfd, long clients, long pause)
{
    end_on_signals();
    for (long n = 0; clients == 0 || n < clients; n++) {
        int connfd = accept(listenfd, NULL, NULL);
        if (connfd == -1)
            die("accept");
        read_slowly(connfd, pause);
        if (close(connfd) == -1)
            die("close");
    }
    if (close(listenfd) == -1)
        die("close");
}

int main(int argc, char *argv[])
{
    uint32_t ip = INADDR_LOOPBACK;
    uint16_t port = 7000;
    long bytes = 10000000, blocking = 0;
    long serve = 0, pause = 5, clients = 1;
    const struct option_spec options[] = {
        {"bytes", "N", &bytes, 1, 1000000000, "how many to write"},
        {"blocking", NULL, &blocking, 0, 1, "a blocking socket, and a signal"},
        {"serve", NULL, &serve, 0, 1, "be the partner: read slowly"},
        {"pause", "MS", &pause, 0, 60000, "with --serve: rest after each"},
        {"clients", "N", &clients, 0, LONG_MAX,
         "with --serve: end after N; 0: never"},
        {0},
    };
    lesson_arguments(argc, argv, "Writes more than the kernel takes at once.",
                     options, &ip, &port);

    struct sockaddr_in address = {0};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(ip);

    if (serve) {
        serve_on(listen_on(&address), clients, pause);
        return EXIT_SUCCESS;
    }

    unsigned char *data = malloc((size_t)bytes);
    if (data == NULL)
        die("malloc");
    for (long i = 0; i < bytes; i++)
        data[i] = (unsigned char)(i * 31 + i / 251);

    signal(SIGPIPE, SIG_IGN); /* write() then says EPIPE: lesson 18 */
    int sockfd = connect_to(&address);
    if (blocking)
        interrupt_every_20_ms();
    else if (fcntl(sockfd, F_SETFL, O_NONBLOCK) == -1)
        die("fcntl O_NONBLOCK");
    write_all(sockfd, data, (size_t)bytes);
    say("wrote %ld bytes, checksum %08x", bytes,
        (unsigned)checksum(FNV_START, data, (size_t)bytes));
    free(data);
    if (close(sockfd) == -1)
        die("close");
    return EXIT_SUCCESS;
}
