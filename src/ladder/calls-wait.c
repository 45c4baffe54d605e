/*
 * calls-wait.c - see calls-args.h: poll(2), select(2), epoll(7), and times.
 */
#include "calls-args.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

enum {
    MOST_SHOWN = 8,    /* descriptors in one list */
    MOST_POLLED = 4096 /* of poll's are looked at on return */
};

// clang-format off
#define N(name) {(unsigned long)(name), #name}
// clang-format on

/* --- Times -------------------------------------------------------------- */

void add_time(struct text *text, long long seconds, long long parts, int scale)
{
    int digits = 9;

    if (parts < 0 || parts > 999999999 / scale) {
        add(text, "{%lld, %lld}", seconds, parts); /* EINVAL, EDOM */
        return;
    }
    parts *= scale;
    while (digits > 1 && parts % 10 == 0) {
        parts /= 10;
        digits--;
    }
    add(text, "%lld.%0*lld s", seconds, digits, parts);
}

/* A timespec or a timeval. Both are two 64-bit numbers. */
static void add_remote_time(struct text *text, const struct call *call, int i,
                            int scale)
{
    int64_t time[2];

    if (peek(call->pid, call->args[i], time, sizeof time))
        add_time(text, time[0], time[1], scale);
    else
        add_pointer(text, call->args[i]);
}

void add_timespec_in(struct text *text, const struct call *call, int i)
{
    add_remote_time(text, call, i, 1);
}

/* ppoll(2) and select(2): "Linux modifies the timeout". */
void add_timespec(struct text *text, const struct call *call, int i)
{
    if (!text->returned || !add_known(text, call, i))
        add_remote_time(text, call, i, 1);
}

void add_timeval(struct text *text, const struct call *call, int i)
{
    if (!text->returned || !add_known(text, call, i))
        add_remote_time(text, call, i, 1000);
}

long long timeout_of(const struct call_type *type, const struct call *call)
{
    const char *form = type->form;
    int i = (int)strlen(form) - 1;
    long long scale = form[i] == 'X' ? 1000 : 1000000, most = 1000000000;
    int64_t time[2];

    if (form[i] == 'i')
        return (int)call->args[i];
    if (!peek(call->pid, call->args[i], time, sizeof time))
        return -1;
    if (time[0] < 0 || time[1] < 0 || time[0] > most || time[1] > most)
        return most;
    return time[0] * 1000 + (time[1] + scale - 1) / scale;
}

int message_flags_of(const struct call_type *type, const struct call *call)
{
    const char *letter = strchr(type->form, 'g');

    return letter == NULL ? 0 : (int)call->args[letter - type->form];
}

bool call_peeks(const struct call_type *type, const struct call *call)
{
    return (message_flags_of(type, call) & MSG_PEEK) != 0;
}

static bool is_nonblocking(const struct call *call, int i)
{
    return (flags_of(call->pid, (int)call->args[i]) & O_NONBLOCK) != 0;
}

bool call_waits(const struct call_type *type, const struct call *call)
{
    if (strpbrk(type->form, "PSE") != NULL)
        return timeout_of(type, call) != 0;
    if (call->number == SYS_splice &&
        ((call->args[5] & SPLICE_F_NONBLOCK) != 0 || is_nonblocking(call, 2)))
        return false;
    return (message_flags_of(type, call) & MSG_DONTWAIT) == 0 &&
           !is_nonblocking(call, 0);
}

/* --- poll(2) ------------------------------------------------------------ */

static const struct name poll_names[] = {
    N(POLLIN),     N(POLLPRI),    N(POLLOUT),   N(POLLERR),
    N(POLLHUP),    N(POLLNVAL),   N(POLLRDHUP), N(POLLRDNORM),
    N(POLLRDBAND), N(POLLWRNORM), {0, NULL}};

/* [{4, POLLIN}, {0, POLLIN}]: what is asked for, or (`revents`) what came. */
static void add_polled(struct text *text, const struct call *call, int i,
                       bool revents)
{
    struct pollfd polled[64];
    size_t chunk = sizeof polled / sizeof *polled, shown = 0;
    uint64_t count = (uint32_t)call->args[i + 1];
    const char *end = count > MOST_POLLED ? ", ...]" : "]";

    add(text, "[");
    for (size_t n = 0; n < count && n < MOST_POLLED; n++) {
        struct pollfd *p = &polled[n % chunk];
        size_t rest = (size_t)(count - n) < chunk ? (size_t)(count - n) : chunk;
        if (n % chunk == 0 && !peek(call->pid, call->args[i] + n * sizeof *p,
                                    polled, rest * sizeof *p))
            break;
        if (revents && p->revents == 0)
            continue;
        if (shown++ == MOST_SHOWN) {
            end = ", ...]";
            break;
        }
        add(text, "%s{%d, ", shown > 1 ? ", " : "", p->fd);
        add_flags(text, (unsigned short)(revents ? p->revents : p->events),
                  poll_names);
        add(text, "}");
    }
    add(text, "%s", end);
}

void add_pollfds(struct text *text, const struct call *call, int i)
{
    char byte;

    if (!text->returned || !add_known(text, call, i)) {
        if (peek(call->pid, call->args[i], &byte, 1))
            add_polled(text, call, i, false);
        else
            add_pointer(text, call->args[i]);
    }
    if (text->returned && call->result > 0) {
        add(text, " => ");
        add_polled(text, call, i, true);
    }
}

/* --- select(2) ---------------------------------------------------------- */

/* [3 4]. A set is of longs, of which the kernel reads as many as hold the
 * first argument's bits. */
static void add_bits(struct text *text, const struct call *call, int i)
{
    uint64_t bits[1024 / 64];
    int most = (int)call->args[0] < 1024 ? (int)call->args[0] : 1024;
    size_t longs = most <= 0 ? 0 : (size_t)(most + 63) / 64;
    const char *space = "";
    int shown = 0;

    if (call->args[i] == 0 ||
        !peek(call->pid, call->args[i], bits, longs * sizeof *bits)) {
        add_pointer(text, call->args[i]);
        return;
    }
    add(text, "[");
    for (int fd = 0; fd < most; fd++) {
        if ((bits[fd / 64] >> (fd % 64) & 1) == 0)
            continue;
        if (shown++ == MOST_SHOWN) {
            add(text, " ...");
            break;
        }
        add(text, "%s%d", space, fd);
        space = " ";
    }
    add(text, "]");
}

void add_set(struct text *text, const struct call *call, int i)
{
    if (!text->returned) {
        add_bits(text, call, i);
        return;
    }
    bool known = add_known(text, call, i);
    if (!known || (call->result >= 0 && call->args[i] != 0)) {
        add(text, "%s", known ? " => " : "");
        add_bits(text, call, i);
    }
}

/* --- epoll(7) ----------------------------------------------------------- */

static const struct name epoll_names[] = {
    N(EPOLLIN),     N(EPOLLPRI),       N(EPOLLOUT),    N(EPOLLERR),
    N(EPOLLHUP),    N(EPOLLRDHUP),     N(EPOLLRDNORM), N(EPOLLRDBAND),
    N(EPOLLWRNORM), N(EPOLLEXCLUSIVE), N(EPOLLWAKEUP), N(EPOLLONESHOT),
    N(EPOLLET),     {0, NULL}};

void add_epoll_op(struct text *text, const struct call *call, int i)
{
    static const struct name names[] = {
        N(EPOLL_CTL_ADD), N(EPOLL_CTL_MOD), N(EPOLL_CTL_DEL), {0, NULL}};

    add_name(text, (uint32_t)call->args[i], names);
}

/* EPOLL_CTL_DEL takes none: what stands there is ignored. */
void add_epoll_event(struct text *text, const struct call *call, int i)
{
    struct epoll_event event;

    if ((int)call->args[1] == EPOLL_CTL_DEL)
        return;
    if (peek(call->pid, call->args[i], &event, sizeof event))
        add_flags(text, event.events, epoll_names);
    else
        add_pointer(text, call->args[i]);
}

/* [{4, EPOLLIN}]. The data is the program's own: it is taken for a descriptor
 * if its lower half is a small number (a program that sets data.fd leaves the
 * upper half as it was), for a pointer otherwise, and then left out. */
void add_epoll_events(struct text *text, const struct call *call, int i)
{
    struct epoll_event events[MOST_SHOWN];
    uint64_t count = (uint64_t)call->result;
    size_t shown = count < MOST_SHOWN ? (size_t)count : MOST_SHOWN;

    if (call->result < 0) {
        add_unfilled(text, call, i, "events");
        return;
    }
    if (!peek(call->pid, call->args[i], events, shown * sizeof *events)) {
        add_pointer(text, call->args[i]);
        return;
    }
    add(text, "[");
    for (size_t n = 0; n < shown; n++) {
        uint32_t fd = (uint32_t)events[n].data.u64;
        add(text, "%s{", n > 0 ? ", " : "");
        if (fd < 1 << 20)
            add(text, "%u, ", fd);
        add_flags(text, events[n].events, epoll_names);
        add(text, "}");
    }
    add(text, "%s", shown < count ? ", ...]" : "]");
}
