/*
 * toolkit.c - see toolkit.h.
 */
#include "toolkit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* --- Names and addresses ------------------------------------------------ */

struct addrinfo *resolve(const char *name, const char *port, int flags)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = flags | AI_NUMERICSERV};
    struct addrinfo *list;

    /* Some systems take "" for the wildcard. */
    if (name != NULL && *name == '\0')
        misuse("address \"\": neither a name nor an address");
    int error = getaddrinfo(name, port, &hints, &list);
    if (error == EAI_SYSTEM)
        die("getaddrinfo %s", name != NULL ? name : "any");
    if (error != 0)
        fail("getaddrinfo %s: %s", name != NULL ? name : "any",
             gai_strerror(error));
    return list;
}

bool seen_before(const struct addrinfo *list, const struct addrinfo *a)
{
    for (; list != a; list = list->ai_next)
        if (list->ai_addrlen == a->ai_addrlen &&
            memcmp(list->ai_addr, a->ai_addr, a->ai_addrlen) == 0)
            return true;
    return false;
}

bool set_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    return flags != -1 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) != -1;
}

void close_keeping_errno(int fd)
{
    int error = errno;
    close(fd);
    errno = error;
}

long long now_us(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_MONOTONIC, &now) == -1)
        die("clock_gettime");
    return (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

long long now_ms(void)
{
    return now_us() / 1000;
}

/* --- Clients ------------------------------------------------------------ */

bool wait_ready(int fd, short events, long long deadline)
{
    for (;;) {
        struct pollfd ready = {.fd = fd, .events = events};
        long long left = deadline == 0 ? -1 : deadline - now_ms();
        if (deadline != 0 && left < 0)
            left = 0;
        int n = poll(&ready, 1, (int)left);
        if (n > 0)
            return true;
        if (n == -1 && errno != EINTR)
            die("poll");
        if (n == 0) {
            errno = ETIMEDOUT;
            return false;
        }
    }
}

/* Gives a connected descriptor, or -1, errno, and the call that failed. */
static int connect_one(const struct addrinfo *a, long seconds,
                       const char **call)
{
    int error = 0;
    socklen_t size = sizeof error;

    *call = "socket";
    int fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
    if (fd == -1)
        return -1;
    *call = "fcntl";
    if (!set_nonblocking(fd))
        goto failed;
    *call = "connect";
    if (connect(fd, a->ai_addr, a->ai_addrlen) == 0)
        return fd;
    /* POSIX: after EINTR too, the connection goes on being made. */
    if (errno != EINPROGRESS && errno != EINTR)
        goto failed;
    if (!wait_ready(fd, POLLOUT, seconds > 0 ? now_ms() + seconds * 1000 : 0))
        goto failed;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == -1)
        goto failed;
    if (error == 0)
        return fd;
    errno = error;
failed:
    close_keeping_errno(fd);
    return -1;
}

int connect_to(const char *address, const char *port, long seconds,
               char peer[ADDRESS_TEXT_SIZE])
{
    struct addrinfo *list = resolve(address, port, 0), *a;
    struct {
        const char *call;
        int error;
        char where[ADDRESS_TEXT_SIZE];
    } failures[MOST_ADDRESSES];
    size_t failed = 0;
    int fd = -1;

    for (a = list; a != NULL && failed < MOST_ADDRESSES; a = a->ai_next) {
        if (seen_before(list, a))
            continue;
        address_text(a->ai_addr, peer);
        fd = connect_one(a, seconds, &failures[failed].call);
        if (fd != -1)
            break;
        failures[failed].error = errno;
        memcpy(failures[failed++].where, peer, ADDRESS_TEXT_SIZE);
    }
    freeaddrinfo(list);
    if (fd != -1)
        return fd;
    for (size_t i = 0; i < failed; i++) {
        errno = failures[i].error;
        report("%s %s", failures[i].call, failures[i].where);
    }
    exit(EXIT_FAILURE);
}
