/* getaddrinfo() fills in the address, getnameinfo() prints it. */
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct addrinfo hints, *list;
    struct sockaddr_storage name;
    socklen_t length = sizeof name;
    char host[NI_MAXHOST], service[NI_MAXSERV];
    int s, error;

    if (argc != 3)
        return 2;
    memset(&hints, 0, sizeof hints);
    hints.ai_family = AF_INET;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV;
    error = getaddrinfo(argv[1], argv[2], &hints, &list);
    if (error != 0) {
        fprintf(stderr, "%s\n", gai_strerror(error));
        return 1;
    }
    s = socket(list->ai_family, list->ai_socktype, list->ai_protocol);
    if (s < 0) {
        perror("socket");
        return 1;
    }
    if (bind(s, list->ai_addr, list->ai_addrlen) < 0) {
        perror("bind");
        return 1;
    }
    freeaddrinfo(list);
    if (getsockname(s, (struct sockaddr *)&name, &length) < 0) {
        perror("getsockname");
        return 1;
    }
    error =
        getnameinfo((struct sockaddr *)&name, length, host, sizeof host,
                    service, sizeof service, NI_NUMERICHOST | NI_NUMERICSERV);
    if (error != 0) {
        fprintf(stderr, "%s\n", gai_strerror(error));
        return 1;
    }
    printf("%s:%s\n", host, service);
    return 0;
}
