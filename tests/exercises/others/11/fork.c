/* A child sends, the parent prints; no helper, old C. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* What it sent is told through a pipe. */
static void put(int fd, const void *from, size_t length)
{
    const char *p = from;
    ssize_t n;

    while (length > 0) {
        n = write(fd, p, length);
        if (n > 0) {
            p += n;
            length -= (size_t)n;
        } else if (errno != EINTR) {
            perror("write");
            exit(1);
        }
    }
}

static unsigned long pump(int from, int to)
{
    char buffer[1000];
    unsigned long total = 0;
    ssize_t n;

    for (;;) {
        n = read(from, buffer, sizeof buffer);
        if (n > 0) {
            put(to, buffer, (size_t)n);
            total += (unsigned long)n;
        } else if (n == 0) {
            return total;
        } else if (errno != EINTR) {
            perror("read");
            exit(1);
        }
    }
}

int main(int argc, char **argv)
{
    struct sockaddr_in to;
    unsigned long sent = 0, came;
    int s, status, told[2];
    pid_t child;

    if (argc != 3 || pipe(told) != 0)
        return 2;
    memset(&to, 0, sizeof to);
    to.sin_family = AF_INET;
    to.sin_port = htons((unsigned short)atoi(argv[2]));
    to.sin_addr.s_addr = inet_addr(argv[1]);
    s = socket(AF_INET, SOCK_STREAM, 0);
    if (s < 0 || connect(s, (struct sockaddr *)&to, sizeof to) < 0) {
        perror("connect");
        return 1;
    }
    child = fork();
    if (child < 0) {
        perror("fork");
        return 1;
    }
    if (child == 0) {
        sent = pump(0, s);
        shutdown(s, SHUT_WR);
        put(told[1], &sent, sizeof sent);
        exit(0);
    }
    close(told[1]);
    came = pump(s, 1);
    waitpid(child, &status, 0);
    if (read(told[0], &sent, sizeof sent) != sizeof sent || came != sent) {
        fprintf(stderr, "%lu bytes came back, not all\n", came);
        return 1;
    }
    return 0;
}
