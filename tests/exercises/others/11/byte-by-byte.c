/* Two threads, and a byte at a time in each direction. */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static int s;
static _Atomic unsigned long sent; /* counted before: the answer may be quick */

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void *put(void *unused)
{
    int c;

    while ((c = getchar()) != EOF) {
        char byte = (char)c;
        sent++;
        while (send(s, &byte, 1, MSG_NOSIGNAL) == -1)
            if (errno != EINTR)
                fail("send");
    }
    shutdown(s, SHUT_WR);
    return unused;
}

int main(int argc, char **argv)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    unsigned long got = 0;
    pthread_t thread;
    ssize_t n;
    char c;

    if (argc != 3)
        return 2;
    to.sin_port = htons((unsigned short)atoi(argv[2]));
    inet_pton(AF_INET, argv[1], &to.sin_addr);
    s = socket(AF_INET, SOCK_STREAM, 0);
    if (s == -1 || connect(s, (struct sockaddr *)&to, sizeof to) == -1)
        fail("connect");
    if (pthread_create(&thread, NULL, put, NULL) != 0)
        fail("pthread_create");
    while ((n = recv(s, &c, 1, 0)) != 0) {
        if (n == 1) {
            putchar(c);
            got++;
        } else if (errno != EINTR) {
            fail("recv");
        }
    }
    /* The server has ended: either everything was sent, or it broke off. */
    if (fflush(stdout) == EOF)
        fail("stdout");
    if (got != sent) {
        fprintf(stderr, "%lu of %lu bytes came back\n", got, sent);
        return 1;
    }
    return 0;
}
