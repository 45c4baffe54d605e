/*
 * Lesson 07: readn, writen and readline.
 *
 * Shows the book's three at work: records of a fixed size, which readn() and
 * writen() move whole, and lines, which readline() finds in a stream. Their
 * source is at the end of src/netprog.c. The partner is an echo server.
 *
 *     bin/12-echo-server                     in one terminal
 *     bin/07-readn-writen-readline           in another
 *
 * Grew from 05-read-one-byte and 06-partial-write.
 */
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netprog.h"

/* Lesson 04, in one function. */
static int connect_to(const struct sockaddr_in *address)
{
    char text[ADDRESS_TEXT_SIZE];

    int sockfd = socket(PF_INET, SOCK_STREAM, 0);
    if (sockfd == -1)
        die("socket");
    if (connect(sockfd, (struct sockaddr *)address, sizeof *address) == -1)
        die("connect %s", address_text((struct sockaddr *)address, text));
    return sockfd;
}

/* Sends records of one size, and reads each echo back whole. */
static void exchange_records(int sockfd, long records, size_t size)
{
    char record[65536], echo[65536];

    for (long i = 1; i <= records; i++) {
        memset(record, '0' + (int)(i % 10), size);
        if (writen(sockfd, record, size) == -1)
            die("write");
        ssize_t n = readn(sockfd, echo, size);
        if (n == -1)
            die("read");
        if ((size_t)n < size)
            fail("the stream ended within record %ld, after %zd bytes", i, n);
        say("record %ld: writen() and readn() of %zu bytes, %s", i, size,
            memcmp(record, echo, size) == 0 ? "the same" : "not the same");
    }
}

/* What a line costs without a buffer: one read() for each byte of it. */
static void read_line_unbuffered(int sockfd)
{
    unsigned long reads = 0;
    char c = '\0';

    while (c != '\n') {
        ssize_t n = readn(sockfd, &c, 1);
        if (n == -1)
            die("read");
        if (n == 0)
            fail("the stream ended within a line");
        reads++;
    }
    say("without a buffer: a line of %lu bytes, read() calls: %lu", reads,
        reads);
}

static void read_lines(int sockfd, int lines)
{
    struct line_reader reader = {.fd = sockfd};
    char line[256], text[80];

    for (int i = 0; i < lines; i++) {
        ssize_t n = readline(&reader, line, sizeof line);
        if (n == -1)
            die("read");
        if (n == 0)
            fail("the stream ended after %d of %d lines", i, lines);
        say("readline() gave %zd bytes: %s", n,
            quoted(line, (size_t)n, text, sizeof text));
    }
    say("with a buffer: %d lines, read() calls: %lu", lines, reader.reads);
}

int main(int argc, char *argv[])
{
    static const char lines[] = "to be, or not to be,\n"
                                "that is\nthe question\n";
    uint32_t ip = INADDR_LOOPBACK;
    uint16_t port = 7007;
    long records = 3, size = 1000;
    const struct option_spec options[] = {
        {"records", "N", &records, 0, 1000000, "how many records to send"},
        {"size", "BYTES", &size, 1, 65536, "how long each of them is"},
        {0},
    };
    lesson_arguments(argc, argv, "Sends records and lines to an echo server.",
                     options, &ip, &port);

    struct sockaddr_in address = {0};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(ip);

    signal(SIGPIPE, SIG_IGN); /* write() then says EPIPE: lesson 18 */
    int sockfd = connect_to(&address);
    exchange_records(sockfd, records, (size_t)size);

    if (writen(sockfd, lines, strlen(lines)) == -1)
        die("write");
    read_line_unbuffered(sockfd);
    read_lines(sockfd, 2);
    if (close(sockfd) == -1)
        die("close");
    return EXIT_SUCCESS;
}
