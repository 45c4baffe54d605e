/* By stdio, in ANSI C's manner, with getaddrinfo(). */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int tcp_connect(char *host, char *port)
{
    struct addrinfo hints, *all, *ai;
    int fd = -1;

    memset(&hints, 0, sizeof hints);
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(host, port, &hints, &all) != 0)
        return -1;
    for (ai = all; ai != NULL; ai = ai->ai_next) {
        fd = socket(ai->ai_family, ai->ai_socktype, ai->ai_protocol);
        if (fd >= 0 && connect(fd, ai->ai_addr, ai->ai_addrlen) == 0)
            break;
        if (fd >= 0)
            close(fd);
        fd = -1;
    }
    freeaddrinfo(all);
    return fd;
}

int main(int argc, char **argv)
{
    FILE *in;
    long count = 0;
    int c, fd;

    if (argc != 3 || (fd = tcp_connect(argv[1], argv[2])) < 0 ||
        (in = fdopen(fd, "r")) == NULL) {
        fprintf(stderr, "usage: daytime host port, where a server is\n");
        return EXIT_FAILURE;
    }
    for (;;) {
        errno = 0;
        c = getc(in);
        if (c == EOF) {
            if (ferror(in) && errno == EINTR) {
                clearerr(in);
                continue;
            }
            break;
        }
        count++;
        if (c == '\n' || (c >= 32 && c < 127))
            putchar(c);
        else if (c != '\r')
            putchar('?');
    }
    if (ferror(in)) {
        perror("reading");
        return EXIT_FAILURE;
    }
    if (count == 0) {
        fputs("nothing came\n", stderr);
        return EXIT_FAILURE;
    }
    fclose(in);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
