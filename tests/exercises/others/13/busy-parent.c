/* Each eleventh time the parent works for a while, before it lets go of what
 * its child has had for long. */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void work_for_a_while(void)
{
    clock_t until = clock() + CLOCKS_PER_SEC / 16;

    while (clock() < until) {
    }
}

static void echo(int fd)
{
    char data[1000];

    for (;;) {
        ssize_t n = recv(fd, data, sizeof data, 0), sent = 0;
        if (n == -1 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        while (sent < n) {
            ssize_t m = send(fd, data + sent, (size_t)(n - sent), 0);
            if (m == -1 && errno != EINTR)
                return;
            sent += m == -1 ? 0 : m;
        }
    }
}

int main(int argc, char **argv)
{
    struct sockaddr_in here = {.sin_family = AF_INET};
    int on = 1;

    if (argc != 3 || inet_pton(AF_INET, argv[1], &here.sin_addr) != 1)
        return 2;
    here.sin_port = htons((unsigned short)atoi(argv[2]));
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_IGN); /* no zombies: sigaction(2) */
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1 ||
        listen(listener, 10) == -1) {
        perror("cannot listen");
        return 1;
    }
    for (int clients = 1;; clients++) {
        int fd = accept(listener, NULL, NULL);
        if (fd == -1)
            continue;
        if (fork() == 0) {
            close(listener);
            echo(fd);
            _exit(0);
        }
        if (clients % 11 == 0)
            work_for_a_while();
        close(fd);
    }
}
