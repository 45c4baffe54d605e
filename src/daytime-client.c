/*
 * daytime-client - prints what a daytime server (RFC 867) says.
 *
 *     bin/daytime-client                    127.0.0.1, port 7013
 *     bin/daytime-client time.example 13
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "toolkit.h"

/* RFC 867 has printing characters, space, CR and LF; a server may send what it
 * likes. Its bytes must not reach a terminal, which would obey some of them. */
static void print_plain(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte == '\r' && i + 1 < size && text[i + 1] == '\n')
            continue;
        if ((byte >= ' ' && byte < 0x7f) || byte == '\n' || byte == '\t')
            putchar(byte);
        else
            printf("\\%03o", byte);
    }
    if (size > 0 && text[size - 1] != '\n')
        putchar('\n');
    if (ferror(stdout) || fflush(stdout) == EOF)
        die("standard output");
}

/* Reads to the end of the stream, or until `text` is full. Gives how much came;
 * errno is 0 then, or says why there is no more. */
static size_t read_text(int fd, char *text, size_t size, long long deadline)
{
    size_t used = 0;

    while (used < size && wait_ready(fd, POLLIN, deadline)) {
        ssize_t n = read(fd, text + used, size - used);
        errno = n == -1 ? errno : 0;
        if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR))
            break;
        used += n > 0 ? (size_t)n : 0;
    }
    return used;
}

int main(int argc, char *argv[])
{
    const char *address = "127.0.0.1", *port = "7013";
    long seconds = 0;
    const struct option_spec options[] = {
        {"timeout", "SECONDS", &seconds, 0, 86400,
         "longest wait for an address, or the text"},
        {0},
    };
    parse_arguments(argc, argv,
                    "Prints what a daytime server says, over TCP (RFC 867).\n"
                    "ADDRESS is a name or an address.",
                    options, &address, &port);

    char peer[ADDRESS_TEXT_SIZE], text[4096];
    int fd = connect_to(address, port, seconds, peer);
    long long deadline = seconds > 0 ? now_ms() + seconds * 1000 : 0;
    size_t size = read_text(fd, text, sizeof text, deadline);
    int error = errno;
    print_plain(text, size);
    errno = error;
    if (error != 0)
        die("read %s", peer);
    if (size == 0)
        fail("%s closed without a word", peer);
    if (size == sizeof text)
        fail("%s says more than %zu bytes: not the time", peer, size - 1);
    if (close(fd) == -1)
        die("close");
    return EXIT_SUCCESS;
}
