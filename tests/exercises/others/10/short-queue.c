/* One client at a time, and few may wait: how many is not told. */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void tell(int fd)
{
    const time_t now = time(NULL);
    char line[64], waste[333];
    size_t length, done = 0;
    ssize_t n;

    length = strftime(line, sizeof line, "%F %T\r\n", gmtime(&now));
    while (done < length) {
        n = send(fd, line + done, length - done, MSG_NOSIGNAL);
        if (n >= 0)
            done += (size_t)n;
        else if (errno != EINTR)
            return;
    }
    shutdown(fd, SHUT_WR);
    do
        n = recv(fd, waste, sizeof waste, 0);
    while (n > 0 || (n < 0 && errno == EINTR));
}

int main(int argc, char *argv[])
{
    struct addrinfo *here, hints = {.ai_socktype = SOCK_STREAM};
    int listener, client;

    hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST;
    if (argc != 3 || getaddrinfo(argv[1], argv[2], &hints, &here) != 0) {
        fprintf(stderr, "no such address\n");
        return 1;
    }
    listener = socket(here->ai_family, here->ai_socktype, here->ai_protocol);
    if (listener < 0 || bind(listener, here->ai_addr, here->ai_addrlen) < 0 ||
        listen(listener, 1) < 0) {
        perror(argv[0]);
        return 1;
    }
    for (;;) {
        client = accept(listener, NULL, NULL);
        if (client < 0 && (errno == EINTR || errno == ECONNABORTED))
            continue;
        if (client < 0) {
            perror("accept");
            return 1;
        }
        tell(client);
        close(client);
    }
}
