/* Plain POSIX, getaddrinfo(), a grandchild for each client. */
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void echo(int s)
{
    char buffer[512];
    ssize_t n;
    char *p;

    for (;;) {
        n = recv(s, buffer, sizeof buffer, 0);
        if (n == 0)
            break;
        if (n < 0) {
            if (errno == EINTR)
                continue;
            perror("recv");
            break;
        }
        p = buffer;
        while (n > 0) {
            ssize_t m = send(s, p, (size_t)n, MSG_NOSIGNAL);
            if (m < 0 && errno == EINTR)
                continue;
            if (m < 0) {
                perror("send");
                return;
            }
            p += m;
            n -= m;
        }
    }
}

int main(int argc, char **argv)
{
    struct addrinfo hints, *found;
    int listener, s;
    pid_t child;

    if (argc != 3)
        return 2;
    memset(&hints, 0, sizeof hints);
    hints.ai_family = AF_INET;
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(argv[1], argv[2], &hints, &found) != 0)
        return 1;
    listener = socket(found->ai_family, found->ai_socktype, 0);
    if (listener < 0 ||
        bind(listener, found->ai_addr, found->ai_addrlen) < 0 ||
        listen(listener, 5) < 0) {
        perror("echo");
        return 1;
    }
    freeaddrinfo(found);
    for (;;) {
        s = accept(listener, NULL, NULL);
        if (s < 0) {
            if (errno != EINTR)
                perror("accept");
            continue;
        }
        child = fork();
        if (child == 0) {
            if (fork() == 0) { /* init will reap it */
                close(listener);
                echo(s);
            }
            _exit(0);
        }
        close(s);
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
            ;
    }
}
