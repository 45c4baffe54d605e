/*
 * netprog.c - see netprog.h.
 */
#include "netprog.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_USAGE = 2 };

const char *program_name = "netprog";

/* --- Speaking ----------------------------------------------------------- */

// clang-format off
#define E(name) {name, #name}
// clang-format on
static const struct {
    int number;
    const char *name;
} error_names[] = {
    E(EACCES),       E(EADDRINUSE),      E(EADDRNOTAVAIL), E(EAFNOSUPPORT),
    E(EAGAIN),       E(EALREADY),        E(EBADF),         E(ECONNABORTED),
    E(ECONNREFUSED), E(ECONNRESET),      E(EDESTADDRREQ),  E(EEXIST),
    E(EFAULT),       E(EFBIG),           E(EHOSTUNREACH),  E(EINPROGRESS),
    E(EINTR),        E(EINVAL),          E(EIO),           E(EISCONN),
    E(EISDIR),       E(EMFILE),          E(EMSGSIZE),      E(ENETDOWN),
    E(ENETUNREACH),  E(ENFILE),          E(ENOBUFS),       E(ENOENT),
    E(ENOMEM),       E(ENOPROTOOPT),     E(ENOSPC),        E(ENOSYS),
    E(ENOTCONN),     E(ENOTSOCK),        E(EOPNOTSUPP),    E(EPERM),
    E(EPIPE),        E(EPROTONOSUPPORT), E(EPROTOTYPE),    E(ETIMEDOUT),
};

static const struct {
    const char *call;
    int number;
    const char *text;
} advice[] = {
    {"bind", EACCES, "Ports below 1024 are for root: take a higher one."},
    {"bind", EADDRINUSE,
     "Another socket has this port: take another, or 0 for any free one."},
    {"listen", EADDRINUSE,
     "Another socket listens there: take another port, or 0 for any free one."},
    {"bind", EADDRNOTAVAIL,
     "That is not this machine's address: take one of its own, or 'any'."},
    {"connect", ECONNREFUSED,
     "Nobody listens there: start the server, and compare address and port."},
    {"connect", ETIMEDOUT,
     "Nobody answered: is the machine on, and no firewall in between?"},
    {"connect", ENETUNREACH, "This machine has no route to that address."},
    {"socket", EMFILE, "No descriptor is left: 'ulimit -n' shows the limit."},
    {"accept", EMFILE, "No descriptor is left: 'ulimit -n' shows the limit."},
    {"initgroups", EPERM, "Only root can become another user."},
    {"read", ECONNRESET, "The other end ended the connection by a reset."},
    {"write", ECONNRESET, "The other end ended the connection by a reset."},
    {"write", EPIPE,
     "The other end has closed, or this one has shut down: nobody will read "
     "this."},
};

const char *errno_name(int error)
{
    static char unnamed[32];

    for (size_t i = 0; i < sizeof error_names / sizeof *error_names; i++)
        if (error_names[i].number == error)
            return error_names[i].name;
    snprintf(unnamed, sizeof unnamed, "errno %d", error);
    return unnamed;
}

/* One call, one write(2): lines of two programs on one terminal do not mix. */
static void complain(int error, const char *format, va_list arguments)
{
    char what[512], why[256] = "", hint[128] = "";

    vsnprintf(what, sizeof what, format, arguments);
    if (error != 0)
        snprintf(why, sizeof why, ": %s (%s)", strerror(error),
                 errno_name(error));
    for (size_t i = 0; i < sizeof advice / sizeof *advice; i++) {
        size_t length = strlen(advice[i].call);
        if (advice[i].number == error &&
            strncmp(what, advice[i].call, length) == 0 &&
            (what[length] == ' ' || what[length] == '\0'))
            snprintf(hint, sizeof hint, "%s\n", advice[i].text);
    }
    fprintf(stderr, "%s: %s%s\n%s", program_name, what, why, hint);
}

void say(const char *format, ...)
{
    va_list arguments;

    flockfile(stdout); /* lines of two threads do not mix either */
    va_start(arguments, format);
    int printed = vprintf(format, arguments);
    va_end(arguments);
    if (printed < 0 || putchar('\n') == EOF || fflush(stdout) == EOF)
        die("standard output");
    funlockfile(stdout);
}

void report(const char *what, ...)
{
    int error = errno;
    va_list arguments;

    va_start(arguments, what);
    complain(error, what, arguments);
    va_end(arguments);
    errno = error;
}

void die(const char *what, ...)
{
    va_list arguments;

    va_start(arguments, what);
    complain(errno, what, arguments);
    va_end(arguments);
    exit(EXIT_FAILURE);
}

void fail(const char *what, ...)
{
    va_list arguments;

    va_start(arguments, what);
    complain(0, what, arguments);
    va_end(arguments);
    exit(EXIT_FAILURE);
}

void misuse(const char *what, ...)
{
    va_list arguments;

    va_start(arguments, what);
    complain(0, what, arguments);
    va_end(arguments);
    fprintf(stderr, "'%s -h' shows the usage.\n", program_name);
    exit(EXIT_USAGE);
}

static void end_now(int signal_number)
{
    (void)signal_number;
    _exit(EXIT_SUCCESS);
}

void end_on_signals(void)
{
    struct sigaction action = {.sa_handler = end_now};

    sigemptyset(&action.sa_mask);
    if (sigaction(SIGINT, &action, NULL) == -1 ||
        sigaction(SIGTERM, &action, NULL) == -1)
        die("sigaction");
}

/* --- Text --------------------------------------------------------------- */

const char *address_text(const struct sockaddr *address,
                         char text[ADDRESS_TEXT_SIZE])
{
    bool v6 = address->sa_family == AF_INET6;
    socklen_t size =
        v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    char host[64], port[8];

    if (getnameinfo(address, size, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        snprintf(text, ADDRESS_TEXT_SIZE, "an address of family %d",
                 address->sa_family);
    else
        snprintf(text, ADDRESS_TEXT_SIZE, v6 ? "[%s]:%s" : "%s:%s", host, port);
    return text;
}

const char *quoted(const void *bytes, size_t count, char *text, size_t size)
{
    static const char plain[] = "\a\b\t\n\v\f\r\"\\", letter[] = "abtnvfr\"\\";
    const unsigned char *byte = bytes;
    size_t used = 0;

    text[used++] = '"';
    for (size_t i = 0; i < count; i++) {
        char piece[8];
        const char *special = strchr(plain, byte[i]);
        if (byte[i] != '\0' && special != NULL)
            snprintf(piece, sizeof piece, "\\%c", letter[special - plain]);
        else if (byte[i] >= ' ' && byte[i] < 0x7f)
            snprintf(piece, sizeof piece, "%c", byte[i]);
        else
            snprintf(piece, sizeof piece, "\\%03o", byte[i]);
        if (used + strlen(piece) + sizeof "\"..." > size) {
            snprintf(text + used, size - used, "\"...");
            return text;
        }
        used += (size_t)snprintf(text + used, size - used, "%s", piece);
    }
    snprintf(text + used, size - used, "\"");
    return text;
}

/* --- Lesson 07 ---------------------------------------------------------- */

ssize_t readn(int fd, void *buffer, size_t count)
{
    size_t done = 0;

    while (done < count) {
        ssize_t n = read(fd, (char *)buffer + done, count - done);
        if (n == 0)
            break; /* end of the stream: fewer than asked for */
        if (n == -1 && errno != EINTR)
            return -1;
        if (n > 0)
            done += (size_t)n;
    }
    return (ssize_t)done;
}

ssize_t writen(int fd, const void *buffer, size_t count)
{
    size_t done = 0;

    while (done < count) {
        ssize_t n = write(fd, (const char *)buffer + done, count - done);
        if (n == -1 && errno != EINTR)
            return -1;
        if (n > 0)
            done += (size_t)n;
    }
    return (ssize_t)done;
}

/* Reads more where the buffer is empty. Gives 1 if it holds a byte, 0 at the
 * end of the stream, -1 and errno on an error. */
static int fill(struct line_reader *reader)
{
    while (reader->start == reader->end) {
        ssize_t n = read(reader->fd, reader->buffer, sizeof reader->buffer);
        reader->reads++;
        if (n == 0)
            return 0;
        if (n == -1 && errno != EINTR)
            return -1;
        if (n > 0) {
            reader->start = 0;
            reader->end = (size_t)n;
        }
    }
    return 1;
}

ssize_t readline(struct line_reader *reader, char *line, size_t size)
{
    size_t length = 0;

    while (length + 1 < size) {
        int filled = fill(reader);
        if (filled == -1)
            return -1;
        if (filled == 0)
            break;
        line[length] = reader->buffer[reader->start++];
        if (line[length++] == '\n')
            break;
    }
    line[length] = '\0';
    return (ssize_t)length;
}
