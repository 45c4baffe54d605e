/*
 * chat.c - a server and its client in one program, for the benchmark: the two
 * make N network calls together, a byte each way over and over.
 *
 *     chat N
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int check(long result)
{
    if (result == -1) {
        perror("chat");
        exit(EXIT_FAILURE);
    }
    return (int)result;
}

static void talk(int fd, long rounds, int first)
{
    char byte = 'x';

    for (long i = 0; i < rounds; i++) {
        if (first)
            check(write(fd, &byte, 1));
        check(read(fd, &byte, 1));
        if (!first)
            check(write(fd, &byte, 1));
    }
}

int main(int argc, char *argv[])
{
    long rounds = argc > 1 ? strtol(argv[1], NULL, 10) / 4 : 0;
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    int status;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = check(socket(AF_INET, SOCK_STREAM, 0));
    check(bind(listener, (struct sockaddr *)&address, sizeof address));
    check(listen(listener, 5));
    check(getsockname(listener, (struct sockaddr *)&address, &size));
    pid_t client = check(fork());
    if (client == 0) {
        int fd = check(socket(AF_INET, SOCK_STREAM, 0));
        check(connect(fd, (struct sockaddr *)&address, sizeof address));
        talk(fd, rounds, 1);
        return check(close(fd));
    }
    talk(check(accept(listener, NULL, NULL)), rounds, 0);
    check(waitpid(client, &status, 0));
    return status == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
