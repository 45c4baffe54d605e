/* Plain POSIX: the array on the heap, perror(), all closed on an error too. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int n, i, error = 0;
    int *fd;

    if (argc != 2 || (n = atoi(argv[1])) < 1) {
        fprintf(stderr, "usage: %s count\n", argv[0]);
        return 2;
    }
    fd = malloc((size_t)n * sizeof *fd);
    if (!fd) {
        perror("malloc");
        return 1;
    }
    for (i = 0; i < n; i++) {
        if ((fd[i] = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)) < 0) {
            perror("socket");
            error = 1;
            break;
        }
        printf("%d\n", fd[i]);
    }
    while (i-- > 0)
        close(fd[i]);
    free(fd);
    return error;
}
