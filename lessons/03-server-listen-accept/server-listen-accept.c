/*
 * Lesson 03: listen for connections, and accept them.
 *
 * Shows that listen() makes the kernel finish handshakes and queue the
 * connections, and that accept() only takes the next one from that queue, as a
 * new descriptor. Run 04-client-connect against it.
 *
 *     bin/03-server-listen-accept
 *     bin/03-server-listen-accept --backlog 1 --hold 30
 *
 * Grew from 02-server-bind.
 */
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "netprog.h"

/* What the kernel tells of a listening socket's queue; Linux keeps it in two
 * fields with other names. Elsewhere nothing is known: -1. */
static void look_at_queue(int listenfd, int *waiting, int *backlog)
{
    *waiting = *backlog = -1;
#ifdef __linux__
    struct tcp_info info;
    socklen_t length = sizeof info;
    if (getsockopt(listenfd, IPPROTO_TCP, TCP_INFO, &info, &length) == -1)
        die("getsockopt TCP_INFO");
    *waiting = (int)info.tcpi_unacked;
    *backlog = (int)info.tcpi_sacked;
#else
    (void)listenfd;
#endif
}

static void hold_back(int listenfd, long seconds)
{
    const struct timespec tick = {.tv_nsec = 250000000}; /* 0.25 s */
    int seen = 0, waiting, backlog;

    say("keeping away from accept() for %ld seconds", seconds);
    for (long ticks = seconds * 4; ticks > 0; ticks--) {
        look_at_queue(listenfd, &waiting, &backlog);
        if (waiting > seen)
            say("the queue (backlog %d): %d waiting, handshake done", backlog,
                waiting);
        seen = waiting;
        nanosleep(&tick, NULL);
    }
}

int main(int argc, char *argv[])
{
    uint32_t ip = INADDR_LOOPBACK;
    uint16_t port = 7000;
    long backlog = 5, hold = 0, clients = 0;
    const struct option_spec options[] = {
        {"backlog", "N", &backlog, 0, INT_MAX, "listen()'s second argument"},
        {"hold", "SECONDS", &hold, 0, 86400, "keep away from accept() so long"},
        {"clients", "N", &clients, 0, LONG_MAX, "end after N; 0: never"},
        {0},
    };
    lesson_arguments(argc, argv, "Listens, and accepts connections.", options,
                     &ip, &port);
    end_on_signals();

    int listenfd = socket(PF_INET, SOCK_STREAM, 0);
    if (listenfd == -1)
        die("socket");

    /* A restarted server gets its port back at once: lesson 19. */
    int on = 1;
    if (setsockopt(listenfd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
        die("setsockopt SO_REUSEADDR");

    struct sockaddr_in myaddr = {0};
    myaddr.sin_family = AF_INET;
    myaddr.sin_port = htons(port);
    myaddr.sin_addr.s_addr = htonl(ip);
    char text[ADDRESS_TEXT_SIZE];
    if (bind(listenfd, (struct sockaddr *)&myaddr, sizeof myaddr) == -1)
        die("bind %s", address_text((struct sockaddr *)&myaddr, text));

    if (listen(listenfd, (int)backlog) == -1)
        die("listen");

    socklen_t length = sizeof myaddr;
    if (getsockname(listenfd, (struct sockaddr *)&myaddr, &length) == -1)
        die("getsockname");
    say("listening on %s", address_text((struct sockaddr *)&myaddr, text));

    if (hold > 0)
        hold_back(listenfd, hold);

    for (long n = 0; clients == 0 || n < clients; n++) {
        struct sockaddr_storage peer; /* room for an address of any family */
        length = sizeof peer;         /* accept() wants to know how much */
        say("accept() on descriptor %d, room for %zu bytes of address",
            listenfd, sizeof peer);
        int connfd = accept(listenfd, (struct sockaddr *)&peer, &length);
        if (connfd == -1)
            die("accept");
        say("accept() gave descriptor %d: peer %s, %u bytes of address", connfd,
            address_text((struct sockaddr *)&peer, text), (unsigned)length);
        if (close(connfd) == -1)
            die("close");
    }
    if (close(listenfd) == -1)
        die("close");
    return EXIT_SUCCESS;
}
