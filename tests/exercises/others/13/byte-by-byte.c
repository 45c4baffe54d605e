/* One byte at a time, and the standard library alone. */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void echo(int fd)
{
    char byte;
    ssize_t n;

    for (;;) {
        do
            n = read(fd, &byte, 1);
        while (n == -1 && errno == EINTR);
        if (n <= 0)
            return;
        do
            n = write(fd, &byte, 1);
        while (n == -1 && errno == EINTR);
        if (n == -1)
            return;
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
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd == -1)
            continue;
        if (fork() == 0) {
            close(listener);
            echo(fd);
            _exit(0);
        }
        close(fd);
    }
}
