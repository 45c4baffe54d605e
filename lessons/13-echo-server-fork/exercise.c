/*
 * Exercise 13: an echo server, a child for each client.
 *
 *     bin/exercises/13-echo-server-fork ADDRESS PORT
 *
 * It listens there, with room for at least five in the queue, and sends each
 * client its bytes back. Who ends its side gets the rest, and then the end.
 *
 * A hundred clients can be served at once, and none is held up by another that
 * says nothing, does not read what comes back, or breaks off (ECONNRESET,
 * EPIPE). Who has gone leaves no descriptor, no child and, when the next one
 * has come, no zombie. Where there is nothing to do, it waits. A call that a
 * signal interrupts (EINTR) is made again, and what one write() does not take,
 * a later one does. SIGTERM ends the server. What it prints is its own affair.
 *
 * It works, mostly: try it with bin/11-echo-client. To check it: bin/lesson
 * check 13. Change what you like between the two lines, and the #includes.
 */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "netprog.h"

/* ---------------------------------------------------------- from here on */

/* Children that end at the same moment may raise one signal: hence the loop. */
static void reap(int signal_number)
{
    int error = errno;

    (void)signal_number;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    errno = error;
}

static void serve(int connfd)
{
    char buffer[4096];
    ssize_t n;

    while ((n = read(connfd, buffer, sizeof buffer)) != 0) {
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1 || writen(connfd, buffer, (size_t)n) == -1)
            die("read or write");
    }
}

static void serve_clients(int listenfd)
{
    struct sigaction action = {.sa_handler = reap, .sa_flags = SA_RESTART};

    if (sigaction(SIGCHLD, &action, NULL) == -1)
        die("sigaction");
    for (;;) {
        int connfd = accept(listenfd, NULL, NULL);
        if (connfd == -1 && (errno == EINTR || errno == ECONNABORTED))
            continue; /* not this time: lesson 27 */
        if (connfd == -1)
            die("accept");
        pid_t child = fork();
        if (child == 0) {
            close(listenfd);
            serve(connfd);
            _exit(0);
        }
        if (child == -1)
            report("fork");
    }
}

/* -------------------------------------------------------------- to here */

int main(int argc, char *argv[])
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    uint32_t ip = INADDR_LOOPBACK;
    uint16_t port = 7007;
    int on = 1;

    lesson_arguments(argc, argv, "echoes what comes", NULL, &ip, &port);
    address.sin_addr.s_addr = htonl(ip);
    address.sin_port = htons(port);
    signal(SIGPIPE, SIG_IGN); /* write() then says EPIPE: lesson 18 */
    int listenfd = socket(PF_INET, SOCK_STREAM, 0);
    if (listenfd == -1)
        die("socket");
    if (setsockopt(listenfd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
        die("setsockopt SO_REUSEADDR");
    if (bind(listenfd, (struct sockaddr *)&address, sizeof address) == -1)
        die("bind");
    if (listen(listenfd, 100) == -1)
        die("listen");
    say("listening on port %u", port);
    serve_clients(listenfd);
}
