/* select(), and a queue of 10,000 bytes for each client. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

static struct {
    int open, ended;
    size_t held;
    char bytes[10000];
} client[FD_SETSIZE];

/* Gives 0 when nothing more is to be done for it. */
static int receive(int s)
{
    ssize_t n = recv(s, client[s].bytes + client[s].held,
                     sizeof client[s].bytes - client[s].held, 0);
    if (n == 0)
        client[s].ended = 1;
    else if (n > 0)
        client[s].held += (size_t)n;
    else if (errno != EAGAIN && errno != EINTR)
        return 0;
    return client[s].held > 0 || !client[s].ended;
}

static int transmit(int s)
{
    ssize_t n = send(s, client[s].bytes, client[s].held, 0);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    client[s].held -= (size_t)n;
    memmove(client[s].bytes, client[s].bytes + n, client[s].held);
    return client[s].held > 0 || !client[s].ended;
}

int main(int argc, char **argv)
{
    struct sockaddr_in a;
    int l, s;

    if (argc != 3)
        return 2;
    signal(SIGPIPE, SIG_IGN);
    memset(&a, 0, sizeof a);
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = inet_addr(argv[1]);
    a.sin_port = htons((unsigned short)atoi(argv[2]));
    l = socket(AF_INET, SOCK_STREAM, 0);
    if (l < 0 || bind(l, (struct sockaddr *)&a, sizeof a) < 0 ||
        listen(l, 10) < 0) {
        perror("server");
        return 1;
    }
    fcntl(l, F_SETFL, O_NONBLOCK);
    for (;;) {
        fd_set in, out;

        FD_ZERO(&in);
        FD_ZERO(&out);
        FD_SET(l, &in);
        for (s = 0; s < FD_SETSIZE; s++) {
            if (client[s].open && !client[s].ended &&
                client[s].held < sizeof client[s].bytes)
                FD_SET(s, &in);
            if (client[s].open && client[s].held > 0)
                FD_SET(s, &out);
        }
        if (select(FD_SETSIZE, &in, &out, NULL, NULL) < 0)
            continue;
        for (s = 0; s < FD_SETSIZE; s++) {
            int on = 1;
            if (s == l || !client[s].open)
                continue;
            if (FD_ISSET(s, &out))
                on = transmit(s);
            if (on && FD_ISSET(s, &in))
                on = receive(s);
            if (!on) {
                close(s);
                client[s].open = 0;
            }
        }
        if (FD_ISSET(l, &in) && (s = accept(l, NULL, NULL)) >= 0) {
            if (s >= FD_SETSIZE) {
                close(s);
                continue;
            }
            fcntl(s, F_SETFL, O_NONBLOCK);
            memset(&client[s], 0, sizeof client[s]);
            client[s].open = 1;
        }
    }
}
