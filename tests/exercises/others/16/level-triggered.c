/* epoll without edges, EPOLLOUT only while there is something to send. */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 4096 };

static struct {
    char *rest;
    size_t size;
} owed[MOST];

static void watch(int e, int op, int s, uint32_t events)
{
    struct epoll_event event;

    memset(&event, 0, sizeof event);
    event.events = events;
    event.data.fd = s;
    if (epoll_ctl(e, op, s, &event) < 0)
        perror("epoll_ctl");
}

static void end(int s)
{
    free(owed[s].rest);
    owed[s].rest = NULL;
    owed[s].size = 0;
    close(s);
}

static void room(int e, int s)
{
    ssize_t n = write(s, owed[s].rest, owed[s].size);

    if (n < 0) {
        if (errno != EAGAIN && errno != EINTR)
            end(s);
        return;
    }
    owed[s].size -= (size_t)n;
    memmove(owed[s].rest, owed[s].rest + n, owed[s].size);
    if (owed[s].size == 0) {
        free(owed[s].rest);
        owed[s].rest = NULL;
        watch(e, EPOLL_CTL_MOD, s, EPOLLIN);
    }
}

static void input(int e, int s)
{
    char bytes[16384];
    ssize_t n = read(s, bytes, sizeof bytes), m;

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        end(s);
        return;
    }
    m = write(s, bytes, (size_t)n);
    if (m < 0 && errno != EAGAIN && errno != EINTR) {
        end(s);
        return;
    }
    if (m < 0)
        m = 0;
    if (m == n)
        return;
    owed[s].size = (size_t)(n - m);
    owed[s].rest = malloc(owed[s].size);
    if (owed[s].rest == NULL)
        exit(1);
    memcpy(owed[s].rest, bytes + m, owed[s].size);
    watch(e, EPOLL_CTL_MOD, s, EPOLLOUT);
}

int main(int argc, char **argv)
{
    struct sockaddr_in a;
    int l, e;

    if (argc != 3)
        return 2;
    signal(SIGPIPE, SIG_IGN);
    memset(&a, 0, sizeof a);
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = inet_addr(argv[1]);
    a.sin_port = htons((unsigned short)atoi(argv[2]));
    l = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    e = epoll_create(1);
    if (l < 0 || e < 0 || bind(l, (struct sockaddr *)&a, sizeof a) < 0 ||
        listen(l, 100) < 0) {
        perror("server");
        return 1;
    }
    watch(e, EPOLL_CTL_ADD, l, EPOLLIN);
    for (;;) {
        struct epoll_event events[16];
        int n = epoll_wait(e, events, 16, -1);

        for (int i = 0; i < n; i++) {
            int s = events[i].data.fd;
            if (s != l) {
                if (owed[s].size > 0)
                    room(e, s);
                else
                    input(e, s);
                continue;
            }
            s = accept4(l, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (s >= MOST)
                close(s);
            else if (s >= 0)
                watch(e, EPOLL_CTL_ADD, s, EPOLLIN);
        }
    }
}
