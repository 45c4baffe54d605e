/* accept() without an address, then getpeername(); a socket for both families.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void no(const char *what)
{
    perror(what);
    exit(1);
}

int main(int argc, char **argv)
{
    struct sockaddr_in6 a;
    char text[64];
    int s, c, off = 0;

    if (argc != 3)
        return 2;
    memset(&a, 0, sizeof a);
    a.sin6_family = AF_INET6;
    a.sin6_port = htons((unsigned short)atoi(argv[2]));
    snprintf(text, sizeof text, "::ffff:%s", argv[1]);
    if (inet_pton(AF_INET6, text, &a.sin6_addr) != 1)
        return 2;
    if ((s = socket(AF_INET6, SOCK_STREAM, 0)) < 0)
        no("socket");
    if (setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) < 0)
        no("setsockopt");
    if (bind(s, (struct sockaddr *)&a, sizeof a) < 0)
        no("bind");
    if (listen(s, 128) < 0)
        no("listen");
    while ((c = accept(s, NULL, NULL)) >= 0) {
        socklen_t size = sizeof a;
        if (getpeername(c, (struct sockaddr *)&a, &size) < 0)
            no("getpeername");
        inet_ntop(AF_INET, &a.sin6_addr.s6_addr[12], text, sizeof text);
        printf("%s:%d\n", text, ntohs(a.sin6_port));
        fflush(stdout);
        close(c);
    }
    no("accept");
}
