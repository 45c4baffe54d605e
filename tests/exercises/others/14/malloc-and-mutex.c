/* Old style: a structure on the heap for each client, readv() and writev(). */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

struct client {
    int s;
    char bytes[2000];
};

static void *work(void *p)
{
    struct client *c = p;

    for (;;) {
        struct iovec v = {c->bytes, sizeof c->bytes};
        ssize_t n = readv(c->s, &v, 1);
        if (n == -1 && errno == EINTR)
            continue;
        if (n < 1)
            break;
        v.iov_len = (size_t)n;
        while (v.iov_len > 0) {
            struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
            n = sendmsg(c->s, &m, MSG_NOSIGNAL);
            if (n == -1 && errno == EINTR)
                continue;
            if (n == -1)
                goto out;
            v.iov_base = (char *)v.iov_base + n;
            v.iov_len -= (size_t)n;
        }
    }
out:
    shutdown(c->s, SHUT_RDWR);
    close(c->s);
    free(c);
    return NULL;
}

int main(int argc, char **argv)
{
    struct sockaddr_in a;
    pthread_attr_t detached;
    int l;

    if (argc != 3)
        return 2;
    memset(&a, 0, sizeof a);
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = inet_addr(argv[1]);
    a.sin_port = htons((unsigned short)atoi(argv[2]));
    l = socket(AF_INET, SOCK_STREAM, 0);
    if (l < 0 || bind(l, (struct sockaddr *)&a, sizeof a) < 0 ||
        listen(l, 5) < 0) {
        perror("server");
        return 1;
    }
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    for (;;) {
        pthread_t t;
        struct client *c = malloc(sizeof *c);
        if (c == NULL)
            return 1;
        while ((c->s = accept(l, NULL, NULL)) < 0)
            ;
        if (pthread_create(&t, &detached, work, c) != 0) {
            close(c->s);
            free(c);
        }
    }
}
