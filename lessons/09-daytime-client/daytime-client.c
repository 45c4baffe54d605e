/*
 * Lesson 09: a client of the Daytime Protocol (RFC 867).
 *
 * The server sends one line, the date and time, and closes; the client sends
 * nothing. Shows that the end of the stream, and nothing else, ends the
 * reading: one line may come in many reads.
 *
 *     bin/10-daytime-server                  in one terminal
 *     bin/09-daytime-client                  in another
 *     bin/09-daytime-client 127.0.0.1 13     any daytime server will do
 *
 * Grew from 05-read-one-byte.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netprog.h"

int main(int argc, char *argv[])
{
    uint32_t ip = INADDR_LOOPBACK;
    uint16_t port = 7013;
    lesson_arguments(argc, argv, "Asks a server for the date and time.", NULL,
                     &ip, &port);

    int sockfd = socket(PF_INET, SOCK_STREAM, 0);
    if (sockfd == -1)
        die("socket");

    struct sockaddr_in server = {0};
    server.sin_family = AF_INET;
    server.sin_port = htons(port);
    server.sin_addr.s_addr = htonl(ip);
    char text[ADDRESS_TEXT_SIZE];
    if (connect(sockfd, (struct sockaddr *)&server, sizeof server) == -1)
        die("connect %s", address_text((struct sockaddr *)&server, text));

    unsigned long reads = 0, bytes = 0;
    for (;;) {
        char buffer[512], shown[sizeof buffer * 4 + 8];
        ssize_t n = read(sockfd, buffer, sizeof buffer);
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1)
            die("read");
        if (n == 0)
            break;
        say("%s", quoted(buffer, (size_t)n, shown, sizeof shown));
        reads++;
        bytes += (unsigned long)n;
    }
    say("read() gave 0: the end. Bytes: %lu, reads: %lu", bytes, reads);

    if (close(sockfd) == -1)
        die("close");
    return EXIT_SUCCESS;
}
