/*
 * calls-args.c - see calls-args.h: text, names, a thread's memory, and the
 * arguments that are plain numbers.
 */
#include "calls-args.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <linux/fs.h>

/* --- Text --------------------------------------------------------------- */

void add(struct text *text, const char *format, ...)
{
    size_t room = text->size - text->used;
    va_list arguments;

    va_start(arguments, format);
    int length = vsnprintf(text->to + text->used, room, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    if ((size_t)length < room) {
        text->used += (size_t)length;
        return;
    }
    text->used = text->size - 1;
    memcpy(text->to + text->size - sizeof "...", "...", sizeof "...");
}

void add_name(struct text *text, unsigned long number, const struct name *names)
{
    for (; names->name != NULL; names++)
        if (names->number == number) {
            add(text, "%s", names->name);
            return;
        }
    add(text, "%ld", (long)number);
}

void add_flags(struct text *text, unsigned long flags, const struct name *names)
{
    const char *bar = "";

    if (flags == 0)
        add(text, "0");
    for (; names->name != NULL; names++)
        if ((flags & names->number) == names->number) {
            add(text, "%s%s", bar, names->name);
            flags &= ~names->number;
            bar = "|";
        }
    if (flags != 0)
        add(text, "%s0x%lx", bar, flags);
}

void add_pointer(struct text *text, uint64_t pointer)
{
    if (pointer == 0)
        add(text, "NULL");
    else
        add(text, "0x%llx", (unsigned long long)pointer);
}

/* A wrong pointer is what EFAULT is about; any other error is not, and a
 * pointer that differs in each run would only distract. */
void add_unfilled(struct text *text, const struct call *call, int i,
                  const char *what)
{
    if (call->result == -EFAULT || call->args[i] == 0)
        add_pointer(text, call->args[i]);
    else
        add(text, "%s", what);
}

/* Commas within brackets are the argument's own. */
bool add_known(struct text *text, const struct call *call, int i)
{
    const char *from = call->known;
    int depth = 0;

    for (const char *at = from; *from != '\0'; at++) {
        if (*at == '\0' || (depth == 0 && strncmp(at, ", ", 2) == 0)) {
            if (i-- == 0) {
                add(text, "%.*s", (int)(at - from), from);
                return true;
            }
            if (*at == '\0')
                return false;
            from = at + 2;
        }
        depth += (*at == '[' || *at == '{') - (*at == ']' || *at == '}');
    }
    return false;
}

/* --- Memory ------------------------------------------------------------- */

/* Two pieces, because a piece is copied wholly or not at all where it crosses
 * into a page that is not there: process_vm_readv(2), "partial transfers". */
bool peek(pid_t pid, uint64_t pointer, void *to, size_t size)
{
    size_t first = 4096 - (size_t)(pointer % 4096);

    if (size == 0)
        return true;
    if (pointer == 0 || size > 4096)
        return false;
    if (first > size)
        first = size;
    struct iovec local = {to, size};
    struct iovec remote[] = {
        {(void *)(uintptr_t)pointer, first},
        {(void *)(uintptr_t)(pointer + first), size - first},
    };
    unsigned long pieces = first < size ? 2 : 1;
    return process_vm_readv(pid, &local, 1, remote, pieces, 0) == (ssize_t)size;
}

/* proc(5) shows them in octal. */
unsigned long flags_of(pid_t pid, int fd)
{
    char path[64], line[128];
    unsigned long flags = 0;

    snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", pid, fd);
    FILE *info = fopen(path, "re");
    if (info == NULL)
        return 0;
    while (fgets(line, sizeof line, info) != NULL)
        if (strncmp(line, "flags:", 6) == 0)
            flags = strtoul(line + 6, NULL, 8);
    fclose(info);
    return flags;
}

/* --- Plain numbers ------------------------------------------------------ */

// clang-format off
#define N(name) {(unsigned long)(name), #name}
// clang-format on

static void add_int(struct text *text, const struct call *call, int i)
{
    add(text, "%d", (int)call->args[i]);
}

static void add_size(struct text *text, const struct call *call, int i)
{
    add(text, "%llu", (unsigned long long)call->args[i]);
}

static void add_how(struct text *text, const struct call *call, int i)
{
    static const struct name names[] = {
        N(SHUT_RD), N(SHUT_WR), N(SHUT_RDWR), {0, NULL}};

    add_name(text, (uint32_t)call->args[i], names);
}

static void add_accept_flags(struct text *text, const struct call *call, int i)
{
    static const struct name names[] = {
        N(SOCK_NONBLOCK), N(SOCK_CLOEXEC), {0, NULL}};

    add_flags(text, (uint32_t)call->args[i], names);
}

static void add_dup3_flags(struct text *text, const struct call *call, int i)
{
    static const struct name names[] = {N(O_CLOEXEC), {0, NULL}};

    add_flags(text, (uint32_t)call->args[i], names);
}

static void add_epoll_flags(struct text *text, const struct call *call, int i)
{
    static const struct name names[] = {N(EPOLL_CLOEXEC), {0, NULL}};

    add_flags(text, (uint32_t)call->args[i], names);
}

static void add_splice_flags(struct text *text, const struct call *call, int i)
{
    static const struct name names[] = {
        N(SPLICE_F_MOVE), N(SPLICE_F_NONBLOCK), N(SPLICE_F_MORE), {0, NULL}};

    add_flags(text, (uint32_t)call->args[i], names);
}

static void add_rw_flags(struct text *text, const struct call *call, int i)
{
    static const struct name names[] = {
        N(RWF_HIPRI), N(RWF_DSYNC), N(RWF_SYNC), N(RWF_NOWAIT), {0, NULL}};

    add_flags(text, (uint32_t)call->args[i], names);
}

/* Where a file is read or written, and where it goes on from: [0 => 26]. */
static void add_offset(struct text *text, const struct call *call, int i)
{
    int64_t offset;

    if (text->returned && add_known(text, call, i)) {
        if (call->result > 0 &&
            peek(call->pid, call->args[i], &offset, sizeof offset)) {
            text->used--; /* the bracket */
            add(text, " => %lld]", (long long)offset);
        }
    } else if (peek(call->pid, call->args[i], &offset, sizeof offset)) {
        add(text, "[%lld]", (long long)offset);
    } else {
        add_pointer(text, call->args[i]);
    }
}

static void add_pair(struct text *text, const struct call *call, int i)
{
    int pair[2];

    if (call->result >= 0 && peek(call->pid, call->args[i], pair, sizeof pair))
        add(text, "[%d, %d]", pair[0], pair[1]);
    else
        add_unfilled(text, call, i, "pair");
}

/* --- fcntl(2), ioctl(2) ------------------------------------------------- */

/* The kernel's own O_LARGEFILE: musl adds it to every F_SETFL, glibc never, and
 * of a socket it says nothing. */
#if defined(__aarch64__)
#define LARGE_FILE 0400000UL
#else
#define LARGE_FILE 0100000UL
#endif

static void add_file_flags(struct text *text, uint64_t all)
{
    static const struct name names[] = {N(O_WRONLY), N(O_RDWR),  N(O_NONBLOCK),
                                        N(O_APPEND), N(O_ASYNC), N(O_DIRECT),
                                        {0, NULL}};
    unsigned long flags = (uint32_t)all & ~LARGE_FILE;

    if ((flags & O_ACCMODE) == O_RDONLY)
        add(text, "O_RDONLY%s", flags == 0 ? "" : "|");
    if (flags != 0)
        add_flags(text, flags, names);
}

/* What F_GETFL gives is a number, which nobody reads: 2050 is
 * O_RDWR|O_NONBLOCK. */
static void add_command(struct text *text, const struct call *call, int i)
{
    static const struct name names[] = {
        N(F_DUPFD), N(F_DUPFD_CLOEXEC), N(F_GETFL), N(F_SETFL), {0, NULL}};
    uint32_t command = (uint32_t)call->args[i];

    add_name(text, command, names);
    if (command == F_GETFL && text->returned && call->result >= 0) {
        add(text, " => ");
        add_file_flags(text, (uint64_t)call->result);
    }
}

static void add_command_argument(struct text *text, const struct call *call,
                                 int i)
{
    uint32_t command = (uint32_t)call->args[i - 1];

    if (command == F_SETFL)
        add_file_flags(text, call->args[i]);
    else if (command != F_GETFL)
        add_int(text, call, i);
}

static void add_request(struct text *text, const struct call *call, int i)
{
    static const struct name names[] = {N(FIONBIO), N(FIONREAD), {0, NULL}};

    add_name(text, (uint32_t)call->args[i], names);
}

static void add_request_argument(struct text *text, const struct call *call,
                                 int i)
{
    int value;

    if (call->result >= 0 &&
        peek(call->pid, call->args[i], &value, sizeof value))
        add(text, "[%d]", value);
    else
        add_unfilled(text, call, i, "value");
}

/* --- The letters -------------------------------------------------------- */

static decoder *const decoders[128] = {
    ['d'] = add_int,          ['i'] = add_int,
    ['n'] = add_size,         ['f'] = add_family,
    ['t'] = add_socket_type,  ['p'] = add_protocol,
    ['l'] = add_level,        ['a'] = add_address_in,
    ['z'] = add_address_if,   ['o'] = add_option,
    ['w'] = add_option_in,    ['b'] = add_data_in,
    ['v'] = add_iovecs_in,    ['m'] = add_message_in,
    ['k'] = add_messages_in,  ['g'] = add_message_flags,
    ['s'] = add_how,          ['x'] = add_splice_flags,
    ['h'] = add_accept_flags, ['j'] = add_dup3_flags,
    ['r'] = add_epoll_flags,  ['e'] = add_command_argument,
    ['q'] = add_request,      ['u'] = add_timespec_in,
    ['y'] = add_epoll_op,     ['+'] = add_rw_flags,
    ['$'] = add_path,         ['_'] = add_epoll_event,
    ['A'] = add_address_out,  ['Z'] = add_address_out_if,
    ['B'] = add_data_out,     ['V'] = add_iovecs_out,
    ['M'] = add_message_out,  ['K'] = add_messages_out,
    ['R'] = add_pair,         ['W'] = add_option_out,
    ['C'] = add_command,      ['Q'] = add_request_argument,
    ['E'] = add_epoll_events, ['O'] = add_offset,
    ['P'] = add_pollfds,      ['S'] = add_set,
    ['Y'] = add_timespec,     ['X'] = add_timeval,
};

void add_argument(struct text *text, const struct call_type *type,
                  const struct call *call, int i)
{
    decoder *decode = decoders[type->form[i] & 127];

    if (decode != NULL)
        decode(text, call, i);
}
