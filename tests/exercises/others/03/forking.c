/* A child for each client; SIGTERM ends it tidily. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void stop(int number)
{
    (void)number;
    _exit(0);
}

static int no(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    return 1;
}

int main(int argc, char **argv)
{
    struct sockaddr_in here = {0}, there;
    socklen_t length = sizeof there;
    int listener, client;

    signal(SIGCHLD, SIG_IGN);
    signal(SIGTERM, stop);
    if (argc != 3 || !inet_aton(argv[1], &here.sin_addr))
        return 2;
    here.sin_family = AF_INET;
    here.sin_port = htons((in_port_t)strtoul(argv[2], NULL, 10));
    if ((listener = socket(PF_INET, SOCK_STREAM, IPPROTO_TCP)) == -1)
        return no("socket");
    if (bind(listener, (struct sockaddr *)&here, sizeof here) != 0)
        return no("bind");
    if (listen(listener, 1) != 0)
        return no("listen");
    while ((client = accept(listener, (struct sockaddr *)&there, &length)) !=
           -1) {
        if (fork() == 0) {
            char line[40];
            int n = snprintf(line, sizeof line, "%s:%hu\n",
                             inet_ntoa(there.sin_addr), ntohs(there.sin_port));
            _exit(write(STDOUT_FILENO, line, (size_t)n) != n);
        }
        close(client);
        length = sizeof there;
    }
    return no("accept");
}
