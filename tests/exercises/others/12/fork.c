/* A child for each client; plain old C. */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int echo(int s)
{
    char page[4096], *p;
    ssize_t n, m;

    for (;;) {
        n = recv(s, page, sizeof page, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0;
        for (p = page; n > 0; p += m, n -= m) {
            m = send(s, p, (size_t)n, 0);
            if (m < 0 && errno != EINTR)
                return 1;
            if (m < 0)
                m = 0;
        }
    }
}

int main(int argc, char **argv)
{
    struct sockaddr_in a;
    int c, s;

    if (argc != 3)
        return 2;
    signal(SIGCHLD, SIG_IGN);
    memset(&a, 0, sizeof a);
    a.sin_family = AF_INET;
    a.sin_port = htons((unsigned short)atoi(argv[2]));
    if (inet_aton(argv[1], &a.sin_addr) == 0)
        return 2;
    s = socket(AF_INET, SOCK_STREAM, 0);
    if (s < 0 || bind(s, (struct sockaddr *)&a, sizeof a) < 0 ||
        listen(s, 10) < 0) {
        perror(argv[0]);
        return 1;
    }
    for (;;) {
        c = accept(s, NULL, NULL);
        if (c < 0)
            continue;
        switch (fork()) {
        case 0:
            close(s);
            exit(echo(c));
        case -1:
            perror("fork");
        }
        close(c);
    }
}
