/* A blocking socket with room for all, send() with MSG_NOSIGNAL, getaddrinfo(),
 * stdio to read. */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int dial(const char *host, const char *port)
{
    struct addrinfo hints, *list, *p;
    int s = -1;

    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(host, port, &hints, &list) != 0)
        return -1;
    for (p = list; p != NULL; p = p->ai_next) {
        s = socket(p->ai_family, p->ai_socktype, p->ai_protocol);
        if (s == -1)
            continue;
        if (connect(s, p->ai_addr, p->ai_addrlen) == 0)
            break;
        close(s);
        s = -1;
    }
    freeaddrinfo(list);
    return s;
}

int main(int argc, char **argv)
{
    char buf[1000];
    size_t len;
    int s, room = 1 << 20;

    if (argc != 3)
        return 2;
    if ((s = dial(argv[1], argv[2])) == -1) {
        fprintf(stderr, "no connection\n");
        return 1;
    }
    setsockopt(s, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    while ((len = fread(buf, 1, sizeof buf, stdin)) > 0) {
        const char *p = buf;
        while (len > 0) {
            ssize_t n = send(s, p, len, MSG_NOSIGNAL);
            if (n == -1 && errno == EINTR)
                continue;
            if (n == -1) {
                perror("send");
                return 1;
            }
            p += n;
            len -= (size_t)n;
        }
    }
    if (ferror(stdin)) {
        perror("stdin");
        return 1;
    }
    shutdown(s, SHUT_WR);
    close(s);
    return 0;
}
