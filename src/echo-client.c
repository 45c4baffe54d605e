/*
 * echo-client - sends standard input to an echo server (RFC 862), and writes
 * what comes back to standard output: any bytes, any amount.
 *
 *     bin/echo-client                       127.0.0.1, port 7007
 *     bin/echo-client echo.example 7 < file > copy
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "toolkit.h"

struct exchange {
    int fd;
    const char *peer;
    bool input_ended; /* and all of it has been sent */
    int send_error;   /* nothing more can be sent, but something may come */
    size_t start, end;
    char unsent[65536]; /* [start..end) was read and is to be sent */
    unsigned long long sent, returned;
};

/* The server sees the end of the stream, and may still send. */
static void half_close(const struct exchange *all)
{
    /* ENOTCONN: the connection is lost already, as reading will tell. */
    if (shutdown(all->fd, SHUT_WR) == -1 && errno != ENOTCONN)
        die("shutdown %s", all->peer);
}

/* Only called when all has been sent that was read before. */
static void take_input(struct exchange *all)
{
    ssize_t n = read(STDIN_FILENO, all->unsent, sizeof all->unsent);

    if (n > 0) {
        all->start = 0;
        all->end = (size_t)n;
    } else if (n == 0) {
        all->input_ended = true;
        half_close(all);
    } else if (errno != EINTR && errno != EAGAIN) {
        die("standard input");
    }
}

static void send_some(struct exchange *all)
{
    ssize_t n = write(all->fd, all->unsent + all->start, all->end - all->start);

    if (n >= 0) {
        all->start += (size_t)n;
        all->sent += (size_t)n;
    } else if (errno != EAGAIN && errno != EINTR) {
        all->send_error = errno;
        all->start = all->end;
        half_close(all);
    }
}

/* Gives false at the end of the stream. */
static bool take_echo(struct exchange *all)
{
    static char echo[65536];
    ssize_t n = read(all->fd, echo, sizeof echo);

    if (n == -1 && errno != EAGAIN && errno != EINTR)
        die("read %s (sent %llu bytes, %llu came back)", all->peer, all->sent,
            all->returned);
    if (n > 0 && writen(STDOUT_FILENO, echo, (size_t)n) == -1)
        die("standard output");
    all->returned += n > 0 ? (size_t)n : 0;
    return n != 0;
}

/* Both directions at once: who only sends until all is sent waits for ever as
 * soon as both ends' buffers are full of what nobody reads. */
static void exchange(struct exchange *all)
{
    bool open = true;

    while (open) {
        bool unsent = all->start < all->end;
        bool hungry = !unsent && !all->input_ended && all->send_error == 0;
        struct pollfd ready[] = {
            {.fd = all->fd, .events = unsent ? POLLIN | POLLOUT : POLLIN},
            {.fd = hungry ? STDIN_FILENO : -1, .events = POLLIN},
        };
        if (poll(ready, 2, -1) == -1) {
            if (errno != EINTR)
                die("poll");
            continue;
        }
        if (unsent && ready[0].revents != 0)
            send_some(all);
        if (ready[0].revents & ~POLLOUT)
            open = take_echo(all);
        if (ready[1].revents != 0)
            take_input(all);
    }
}

int main(int argc, char *argv[])
{
    struct exchange all = {0};
    const char *address = "127.0.0.1", *port = "7007";
    char peer[ADDRESS_TEXT_SIZE];
    long seconds = 0;
    const struct option_spec options[] = {
        {"timeout", "SECONDS", &seconds, 0, 86400,
         "longest wait for an address; 0: no limit"},
        {0},
    };
    parse_arguments(argc, argv,
                    "Sends standard input to an echo server, over TCP "
                    "(RFC 862), and prints what\n"
                    "comes back. ADDRESS is a name or an address.",
                    options, &address, &port);
    /* A reader that has gone, here or there, is an error to be told. */
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        die("signal");

    all.fd = connect_to(address, port, seconds, peer);
    all.peer = peer;
    exchange(&all);
    if (all.send_error != 0) {
        errno = all.send_error;
        die("write %s (sent %llu bytes, %llu came back)", peer, all.sent,
            all.returned);
    }
    if (!all.input_ended || all.returned != all.sent)
        fail("%s closed%s: sent %llu bytes, %llu came back", peer,
             all.returned > all.sent ? "" : " early", all.sent, all.returned);
    if (close(all.fd) == -1)
        die("close");
    return EXIT_SUCCESS;
}
