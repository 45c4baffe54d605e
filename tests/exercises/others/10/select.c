/* One process, no helper: select() over the listener and all who still talk. */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void greet(int fd)
{
    time_t now = time(NULL);
    char line[32], *p = line;
    size_t left;
    ssize_t n;

    ctime_r(&now, line);
    strcpy(strchr(line, '\n'), "\r\n");
    for (left = strlen(line); left > 0;) {
        n = write(fd, p, left);
        if (n > 0) {
            p += n;
            left -= (size_t)n;
        } else if (errno != EINTR) {
            break;
        }
    }
    shutdown(fd, SHUT_WR);
}

int main(int argc, char **argv)
{
    struct sockaddr_in here;
    fd_set all, ready;
    char waste[100];
    int client, fd, listener, top;
    ssize_t n;

    if (argc != 3)
        return 2;
    memset(&here, 0, sizeof here);
    here.sin_family = AF_INET;
    here.sin_port = htons((unsigned short)atoi(argv[2]));
    here.sin_addr.s_addr = inet_addr(argv[1]);
    signal(SIGPIPE, SIG_IGN);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 ||
        bind(listener, (struct sockaddr *)&here, sizeof here) < 0 ||
        listen(listener, 64) < 0) {
        perror("daytime");
        return 1;
    }
    FD_ZERO(&all);
    FD_SET(listener, &all);
    top = listener;
    for (;;) {
        ready = all;
        if (select(top + 1, &ready, NULL, NULL, NULL) < 0) {
            if (errno == EINTR)
                continue;
            perror("select");
            return 1;
        }
        for (fd = 0; fd <= top; fd++) {
            if (!FD_ISSET(fd, &ready))
                continue;
            if (fd != listener) {
                n = recv(fd, waste, sizeof waste, 0);
                if (n == 0 || (n < 0 && errno != EINTR)) {
                    close(fd);
                    FD_CLR(fd, &all);
                }
                continue;
            }
            client = accept(listener, NULL, NULL);
            if (client < 0)
                continue;
            if (client >= FD_SETSIZE) {
                close(client);
                continue;
            }
            greet(client);
            FD_SET(client, &all);
            if (client > top)
                top = client;
        }
    }
}
