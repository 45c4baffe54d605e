/*
 * Lesson 05: read one byte at a time.
 *
 * Shows that TCP carries a stream of bytes, not messages: however the sender
 * cut it into write() calls, read() gives what is there, from one byte to as
 * many as were asked for, and 0 at the end. With --serve it is its own
 * partner, and sends 26 bytes with 26 calls of write().
 *
 *     bin/05-read-one-byte --serve           in one terminal
 *     bin/05-read-one-byte                   in another
 *     bin/05-read-one-byte --size 100        asks for up to 100 bytes
 *
 * Grew from 03-server-listen-accept and 04-client-connect.
 */
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
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

static void send_alphabet(int connfd)
{
    for (char letter = 'a'; letter <= 'z';) {
        ssize_t n = write(connfd, &letter, 1);
        if (n == 1) {
            letter++;
        } else if (errno != EINTR) {
            report("write"); /* this client is gone, the next may come */
            return;
        }
    }
    say("sent 26 bytes with 26 calls of write()");
}

/* Until the other end has closed its direction: then all of it has arrived. */
static void wait_for_the_end(int sockfd)
{
#ifdef POLLRDHUP /* Linux's, and some others' */
    struct pollfd end = {.fd = sockfd, .events = POLLRDHUP};

    say("not reading yet");
    while (poll(&end, 1, -1) == -1)
        if (errno != EINTR)
            die("poll");
#else
    (void)sockfd;
    fail("--late: poll() has no POLLRDHUP here");
#endif
}

static void read_to_the_end(int sockfd, size_t size)
{
    char buffer[4096], text[80];
    unsigned long reads = 0, bytes = 0;

    for (;;) {
        ssize_t n = read(sockfd, buffer, size);
        if (n == -1 && errno == EINTR)
            continue; /* a signal came before any byte: ask again */
        if (n == -1)
            die("read");
        if (n == 0)
            break; /* the other end has closed, and everything was read */
        say("read() of up to %zu gave %zd: %s", size, n,
            quoted(buffer, (size_t)n, text, sizeof text));
        reads++;
        bytes += (unsigned long)n;
    }
    say("read() gave 0: the end. Bytes: %lu, reads: %lu", bytes, reads);
}

int main(int argc, char *argv[])
{
    uint32_t ip = INADDR_LOOPBACK;
    uint16_t port = 7000;
    long size = 1, late = 0, serve = 0, clients = 1;
    const struct option_spec options[] = {
        {"size", "N", &size, 1, 4096, "how many bytes to ask read() for"},
        {"late", NULL, &late, 0, 1, "read only when all has arrived"},
        {"serve", NULL, &serve, 0, 1, "be the partner: send 26 bytes"},
        {"clients", "N", &clients, 0, LONG_MAX,
         "with --serve: end after N; 0: never"},
        {0},
    };
    lesson_arguments(argc, argv,
                     "Reads a stream, by default one byte at a time.", options,
                     &ip, &port);

    struct sockaddr_in address = {0};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(ip);

    if (serve) {
        end_on_signals();
        signal(SIGPIPE, SIG_IGN); /* write() then says EPIPE: lesson 18 */
        int listenfd = listen_on(&address);
        for (long n = 0; clients == 0 || n < clients; n++) {
            int connfd = accept(listenfd, NULL, NULL);
            if (connfd == -1)
                die("accept");
            send_alphabet(connfd);
            if (close(connfd) == -1)
                die("close");
        }
        if (close(listenfd) == -1)
            die("close");
        return EXIT_SUCCESS;
    }

    int sockfd = connect_to(&address);
    if (late)
        wait_for_the_end(sockfd);
    read_to_the_end(sockfd, (size_t)size);
    if (close(sockfd) == -1)
        die("close");
    return EXIT_SUCCESS;
}
