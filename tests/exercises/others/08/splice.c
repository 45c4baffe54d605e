/* Nothing is copied: splice() to a pipe, and on to /dev/null. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static ssize_t move(int from, int to, size_t most)
{
    ssize_t n;

    do
        n = splice(from, NULL, to, NULL, most, 0);
    while (n == -1 && errno == EINTR);
    return n;
}

static int fail(const char *what)
{
    perror(what);
    return 1;
}

int main(int argc, char **argv)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    size_t total = 0;
    ssize_t n, sent = 0;
    int s, tube[2], nowhere;

    if (argc != 3)
        return 2;
    to.sin_port = htons((unsigned short)atoi(argv[2]));
    inet_pton(AF_INET, argv[1], &to.sin_addr);
    s = socket(AF_INET, SOCK_STREAM, 0);
    if (s == -1 || connect(s, (struct sockaddr *)&to, sizeof to) == -1)
        return fail("connect");
    if (pipe(tube) == -1 || (nowhere = open("/dev/null", O_WRONLY)) == -1)
        return fail("pipe");
    while (sent < 6) {
        n = send(s, "hello\n" + sent, (size_t)(6 - sent), MSG_NOSIGNAL);
        if (n == -1 && errno != EINTR)
            return fail("send");
        sent += n > 0 ? n : 0;
    }
    shutdown(s, SHUT_WR);
    while ((n = move(s, tube[1], 65536)) > 0) {
        total += (size_t)n;
        for (ssize_t left = n; left > 0; left -= n)
            if ((n = move(tube[0], nowhere, (size_t)left)) == -1)
                return fail("splice");
    }
    if (n == -1 && errno != ECONNRESET)
        return fail("splice");
    printf("%zu bytes, then %s\n", total, n == 0 ? "the end" : "a reset");
    return n == 0 ? 0 : 1;
}
