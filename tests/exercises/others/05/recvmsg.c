/* All of it into a growing buffer, with recvmsg(), and printed at the end. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>

static void no(const char *what)
{
    perror(what);
    exit(1);
}

int main(int argc, char **argv)
{
    struct sockaddr_in to = {0};
    size_t room = 16, used = 0;
    char *all = malloc(room);
    int s;

    if (argc != 3)
        return 2;
    to.sin_family = AF_INET;
    to.sin_port = htons((unsigned short)atoi(argv[2]));
    inet_pton(AF_INET, argv[1], &to.sin_addr);
    s = socket(AF_INET, SOCK_STREAM, 0);
    if (s < 0 || connect(s, (struct sockaddr *)&to, sizeof to) < 0)
        no("connect");
    for (;;) {
        if (used == room && (all = realloc(all, room *= 2)) == NULL)
            no("realloc");
        struct iovec part = {all + used, room - used};
        struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
        ssize_t n = recvmsg(s, &message, 0);
        if (n == 0)
            break;
        if (n > 0)
            used += (size_t)n;
        else if (errno != EINTR)
            no("recvmsg");
    }
    if (fwrite(all, 1, used, stdout) != used || fflush(stdout) == EOF)
        no("standard output");
    return 0;
}
