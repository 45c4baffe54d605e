/* One byte at a time, with send() and recv(); a switch for what came of it. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    const char *hello = "hello\n";
    struct sockaddr_in to = {0};
    unsigned long count = 0;
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
        return 1;
    }
    while (*hello != '\0') {
        if (send(s, hello, 1, MSG_NOSIGNAL) == 1)
            hello++;
        else if (errno != EINTR) {
            perror("send");
            return 1;
        }
    }
    shutdown(s, SHUT_WR);
    for (;;)
        switch (recv(s, &c, 1, 0)) {
        case 1:
            count++;
            break;
        case 0:
            printf("%lu bytes, then the end\n", count);
            close(s);
            return 0;
        default:
            if (errno == EINTR)
                break;
            if (errno == ECONNRESET)
                printf("%lu bytes, then a reset\n", count);
            else
                perror("recv");
            return 1;
        }
}
