/*
 * Lesson 13: a server of the Echo Protocol (RFC 862), a child for each client.
 *
 * Sends back what each client sends, until the client ends. The parent only
 * accepts; fork() gives every client a process that has time for it alone.
 * Shows who holds which descriptor, and that a child which has ended stays in
 * the process table, a zombie, until its parent asks how it ended.
 *
 *     bin/13-echo-server-fork                in one terminal
 *     bin/11-echo-client                     in another, and in a third
 *     bin/13-echo-server-fork --keep-zombies and look at ps(1)
 *
 * Grew from 12-echo-server.
 */
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
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
    if (listen(listenfd, 4096) == -1) /* many may come at once */
        die("listen");
    if (getsockname(listenfd, (struct sockaddr *)&name, &length) == -1)
        die("getsockname");
    say("listening on %s", address_text((struct sockaddr *)&name, text));
    return listenfd;
}

/* Children that end at the same moment may raise one signal: hence the loop. */
static void reap(int signal_number)
{
    int error = errno; /* of the call that was interrupted */

    (void)signal_number;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    errno = error;
}

static void reap_children(void)
{
    struct sigaction action = {.sa_handler = reap, .sa_flags = SA_RESTART};

    sigemptyset(&action.sa_mask);
    if (sigaction(SIGCHLD, &action, NULL) == -1)
        die("sigaction");
}

static void serve(int connfd, const struct sockaddr_in *peer)
{
    char buffer[16384], text[ADDRESS_TEXT_SIZE];
    unsigned long long echoed = 0;
    long child = (long)getpid();

    say("child %ld: client %s on descriptor %d", child,
        address_text((struct sockaddr *)peer, text), connfd);
    for (;;) {
        ssize_t n = read(connfd, buffer, sizeof buffer);
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1)
            report("read");
        if (n <= 0)
            break; /* the end, or a client that broke off */
        if (writen(connfd, buffer, (size_t)n) == -1) {
            report("write");
            break;
        }
        echoed += (unsigned long long)n;
    }
    say("child %ld: echoed %llu bytes", child, echoed);
}

int main(int argc, char *argv[])
{
    uint32_t ip = INADDR_LOOPBACK;
    uint16_t port = 7007;
    long clients = 0, keep_zombies = 0;
    const struct option_spec options[] = {
        {"clients", "N", &clients, 0, LONG_MAX, "end after N; 0: never"},
        {"keep-zombies", NULL, &keep_zombies, 0, 1, "do not reap children"},
        {0},
    };
    lesson_arguments(argc, argv, "Sends back what each client sends (RFC 862).",
                     options, &ip, &port);
    end_on_signals();
    signal(SIGPIPE, SIG_IGN); /* write() then says EPIPE: lesson 18 */
    if (!keep_zombies)
        reap_children();

    struct sockaddr_in address = {0};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(ip);

    int listenfd = listen_on(&address);
    for (long n = 0; clients == 0 || n < clients;) {
        struct sockaddr_in peer;
        socklen_t length = sizeof peer;
        int connfd = accept(listenfd, (struct sockaddr *)&peer, &length);
        if (connfd == -1 && (errno == EINTR || errno == ECONNABORTED))
            continue; /* not this time: lesson 27 */
        if (connfd == -1) {
            report("accept");
            sleep(1); /* EMFILE would be back at once: lesson 27 */
            continue;
        }
        pid_t child = fork();
        if (child == 0) {
            if (close(listenfd) == -1) /* accepting is the parent's */
                die("close");
            serve(connfd, &peer);
            return EXIT_SUCCESS; /* which closes connfd */
        }
        if (child == -1)
            report("fork");      /* this client is turned away */
        if (close(connfd) == -1) /* the child has its own */
            die("close");
        n++;
    }
    if (close(listenfd) == -1)
        die("close");
    while (wait(NULL) != -1 || errno == EINTR)
        ; /* until ECHILD: no child is left */
    return EXIT_SUCCESS;
}
