/* A FILE for each connection: stdio has the buffers. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

static FILE *dial(char **argv)
{
    struct sockaddr_in to = {0};
    FILE *f;
    int s;

    to.sin_family = AF_INET;
    to.sin_port = htons((unsigned short)atoi(argv[2]));
    inet_pton(AF_INET, argv[1], &to.sin_addr);
    s = socket(AF_INET, SOCK_STREAM, 0);
    if (s < 0 || connect(s, (struct sockaddr *)&to, sizeof to) < 0 ||
        (f = fdopen(s, "r")) == NULL) {
        perror(argv[1]);
        exit(1);
    }
    return f;
}

static int next(FILE *f)
{
    int c;

    while ((c = getc(f)) == EOF && ferror(f)) {
        if (errno != EINTR) {
            perror("read");
            exit(1);
        }
        clearerr(f);
    }
    return c;
}

/* 1 if there was a line. */
static int line(FILE *f)
{
    int c, any = 0;

    while ((c = next(f)) != EOF) {
        any = 1;
        putchar(c);
        if (c == '\n')
            break;
    }
    return any;
}

int main(int argc, char **argv)
{
    FILE *a, *b;

    if (argc != 3)
        return 2;
    a = dial(argv);
    b = dial(argv);
    while (line(a) + line(b) > 0)
        ;
    return 0;
}
