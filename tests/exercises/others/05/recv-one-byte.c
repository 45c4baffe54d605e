/* One byte at a time with recv(), plain POSIX. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
    struct sockaddr_in to = {0};
    char c;
    int s;

    if (argc != 3)
        return 2;
    to.sin_family = AF_INET;
    to.sin_port = htons((unsigned short)atoi(argv[2]));
    inet_pton(AF_INET, argv[1], &to.sin_addr);
    s = socket(AF_INET, SOCK_STREAM, 0);
    if (s < 0 || connect(s, (struct sockaddr *)&to, sizeof to) < 0) {
        perror("connect");
        exit(1);
    }
    for (;;) {
        ssize_t r = recv(s, &c, 1, 0);
        if (r > 0)
            putchar(c);
        else if (r == 0)
            break;
        else if (errno != EINTR) {
            perror("recv");
            exit(1);
        }
    }
    exit(0);
}
