/* Old-fashioned; only the last reason is told. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct sockaddr_in to, me;
    socklen_t size = sizeof me;
    char mine[INET_ADDRSTRLEN];
    int i, s = -1, error = 0;

    if (argc < 3)
        return 2;
    memset(&to, 0, sizeof to);
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = inet_addr(argv[1]);
    for (i = 2; i < argc; i++) {
        if ((s = socket(AF_INET, SOCK_STREAM, 0)) < 0) {
            perror("socket");
            return 1;
        }
        to.sin_port = htons((unsigned short)atoi(argv[i]));
        if (connect(s, (struct sockaddr *)&to, sizeof to) == 0)
            break;
        error = errno;
        close(s);
    }
    if (i == argc) {
        fprintf(stderr, "no server: %s\n", strerror(error));
        return 1;
    }
    if (getsockname(s, (struct sockaddr *)&me, &size) < 0) {
        perror("getsockname");
        return 1;
    }
    inet_ntop(AF_INET, &me.sin_addr, mine, sizeof mine);
    printf("%s:%d %s:%s\n", mine, ntohs(me.sin_port), argv[1], argv[i]);
    shutdown(s, SHUT_RDWR);
    close(s);
    return 0;
}
