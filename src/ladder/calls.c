/*
 * calls.c - see calls.h: the table of calls, which of them are about sockets,
 * and their text.
 */
#include "calls-args.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

/* --- The table ---------------------------------------------------------- */

enum {
    READ = CALL_READS | CALL_BLOCKS,
    WRITE = CALL_WRITES | CALL_BLOCKS,
    ALWAYS = CALL_ALWAYS,
    CLOSES = CALL_CLOSES,
    POLLS = CALL_POLLS | CALL_BLOCKS,
};

/* What can be about nothing else than a socket is of interest even where its
 * descriptor is none: EBADF and ENOTSOCK are lessons too. AArch64 is younger
 * than some calls, and has them not. */
// clang-format off
static const struct call_type table[] = {
#define CALL(name) SYS_##name, #name
{CALL(read), READ, 2, "dBn",
 "Asks the kernel for up to {2} byte{2s} from descriptor {0}"},
{CALL(write), WRITE, 2, "dbn",
 "Hands {2} byte{2s} to the kernel, to be sent by descriptor {0}"},
{CALL(recvfrom), READ | ALWAYS, 2, "dBngZ-",
 "Asks the kernel for up to {2} byte{2s} from descriptor {0}"},
{CALL(sendto), WRITE | ALWAYS, 2, "dbngz-",
 "Hands {2} byte{2s} to the kernel, to be sent by descriptor {0}"},
{CALL(close), CLOSES, -1, "d",
 "Gives descriptor {0} back; with the last one of a connection the kernel "
 "ends it. It does not wait for the other end."},
#ifdef SYS_close_range
{CALL(close_range), CLOSES, -1, "iii",
 "Gives back every descriptor from {0} to {1}."},
#endif
{CALL(accept), CALL_BLOCKS | ALWAYS, -1, "dA-",
 "Asks the kernel for the next finished connection of descriptor {0}"},
{CALL(accept4), CALL_BLOCKS | ALWAYS, -1, "dA-h",
 "Asks the kernel for the next finished connection of descriptor {0}"},
{CALL(connect), CALL_BLOCKS | ALWAYS, -1, "da-",
 "Asks the kernel to connect descriptor {0} to {1}"},
{CALL(socket), ALWAYS, -1, "ftp",
 "Asks the kernel for a new socket, {0} and {1}. It has no address and no "
 "peer yet."},
{CALL(bind), ALWAYS, -1, "da-",
 "Asks the kernel to give descriptor {0} the address {1} as its own."},
{CALL(listen), ALWAYS, -1, "di",
 "Asks the kernel to take connections for descriptor {0} from now on. Up to "
 "{1} (on Linux, one more) wait until accept fetches them."},
{CALL(shutdown), ALWAYS, -1, "ds", ""},
{CALL(socketpair), ALWAYS, -1, "ftpR",
 "Asks the kernel for two sockets that are each other's peers."},
{CALL(getsockname), ALWAYS, -1, "dA-",
 "Asks the kernel which address descriptor {0} has itself."},
{CALL(getpeername), ALWAYS, -1, "dA-",
 "Asks the kernel which address the other end of descriptor {0} has."},
{CALL(setsockopt), ALWAYS, -1, "dlow-",
 "Sets the option {2} of descriptor {0} to {3}."},
{CALL(getsockopt), ALWAYS, -1, "dloW-",
 "Asks the kernel for the option {2} of descriptor {0}."},
{CALL(readv), READ, -1, "dVi",
 "Asks the kernel for bytes from descriptor {0}, to be put into {2} "
 "buffer{2s}"},
{CALL(writev), WRITE, -1, "dvi",
 "Hands the bytes of {2} buffer{2s} to the kernel, to be sent by descriptor "
 "{0}"},
#ifdef SYS_preadv2
{CALL(preadv2), READ, -1, "dVii-+",
 "Asks the kernel for bytes from descriptor {0}, to be put into {2} "
 "buffer{2s}"},
{CALL(pwritev2), WRITE, -1, "dvii-+",
 "Hands the bytes of {2} buffer{2s} to the kernel, to be sent by descriptor "
 "{0}"},
#endif
{CALL(recvmsg), READ | ALWAYS, -1, "dMg",
 "Asks the kernel for the next message or bytes from descriptor {0}"},
{CALL(sendmsg), WRITE | ALWAYS, -1, "dmg",
 "Hands a message to the kernel, to be sent by descriptor {0}"},
{CALL(recvmmsg), READ | ALWAYS, -1, "dKigY",
 "Asks the kernel for up to {2} message{2s} from descriptor {0}"},
{CALL(sendmmsg), WRITE | ALWAYS, -1, "dkig",
 "Hands {2} message{2s} to the kernel, to be sent by descriptor {0}"},
{CALL(sendfile), WRITE, 3, "ddOn",
 "Asks the kernel to send up to {3} byte{3s} of the file at descriptor {1} by "
 "descriptor {0}"},
{CALL(splice), READ | CALL_WRITES, 4, "dOdOnx",
 "Asks the kernel to move up to {4} byte{4s} from descriptor {0} to {2}"},
{CALL(dup), 0, -1, "d",
 "Asks the kernel for another descriptor of the same socket as {0}."},
#ifdef SYS_dup2
{CALL(dup2), CLOSES, -1, "dd",
 "Makes {1} another descriptor of what {0} is, and closes what {1} was."},
#endif
{CALL(dup3), CLOSES, -1, "ddj",
 "Makes {1} another descriptor of what {0} is, and closes what {1} was."},
{CALL(fcntl), 0, -1, "dCe", ""},
{CALL(ioctl), 0, -1, "dqQ", ""},
#ifdef SYS_poll
{CALL(poll), POLLS, -1, "Pii",
 "Asks the kernel which of these are ready: {0}"},
#endif
{CALL(ppoll), POLLS, -1, "PiY",
 "Asks the kernel which of these are ready: {0}"},
#ifdef SYS_select
{CALL(select), POLLS, -1, "iSSSX",
 "Asks the kernel which of these are ready to be read: {1}, written: {2}"},
#endif
{CALL(pselect6), POLLS, -1, "iSSSY",
 "Asks the kernel which of these are ready to be read: {1}, written: {2}"},
#ifdef SYS_epoll_create
{CALL(epoll_create), ALWAYS, -1, "i",
 "Asks the kernel for a list of descriptors to be watched, empty as yet."},
#endif
{CALL(epoll_create1), ALWAYS, -1, "r",
 "Asks the kernel for a list of descriptors to be watched, empty as yet."},
{CALL(epoll_ctl), ALWAYS, -1, "dyd_", ""},
#ifdef SYS_epoll_wait
{CALL(epoll_wait), POLLS | ALWAYS, -1, "dEii",
 "Asks the kernel which descriptors of the list {0} are ready"},
#endif
{CALL(epoll_pwait), POLLS | ALWAYS, -1, "dEii",
 "Asks the kernel which descriptors of the list {0} are ready"},
#ifdef SYS_epoll_pwait2
{CALL(epoll_pwait2), POLLS | ALWAYS, -1, "dEiu",
 "Asks the kernel which descriptors of the list {0} are ready"},
#endif
{CALL(execve), CLOSES, -1, "$", /* see actors.c: where it closes a socket */
 "Becomes the program {0}; the descriptors that are marked so (close-on-exec) "
 "are given back."},
{CALL(execveat), CLOSES, -1, "d$",
 "Becomes the program {1}; the descriptors that are marked so (close-on-exec) "
 "are given back."},
{CALL(restart_syscall), POLLS, -1, "Pii", /* poll's: see actors.c */
 "Goes on asking the kernel which of these are ready: {0}"},
#ifdef SYS_io_uring_setup
{CALL(io_uring_setup), ALWAYS, -1, "i-",
 "Asks the kernel for a ring of {0} requests. What is asked for in it is not "
 "seen from outside."},
{CALL(io_uring_enter), CALL_BLOCKS | ALWAYS | CLOSES, -1, "diii--",
 "Hands {1} request{1s} to the kernel and waits until {2} are done."},
#endif
#undef CALL
};
// clang-format on

const struct call_type *calls_table(size_t *count)
{
    *count = sizeof table / sizeof *table;
    return table;
}

const struct call_type *call_type(long number)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].number == number)
            return &table[i];
    return NULL;
}

/* --- Which calls are about sockets -------------------------------------- */

/* Gives what the link of a descriptor says, "socket:[12345]": proc(5). */
static bool descriptor_link(pid_t pid, int fd, char link[64])
{
    char path[64];

    if (fd < 0)
        return false;
    snprintf(path, sizeof path, "/proc/%d/fd/%d", pid, fd);
    ssize_t length = readlink(path, link, 63);
    if (length < 0)
        return false;
    link[length] = '\0';
    return true;
}

unsigned long socket_inode(pid_t pid, int fd)
{
    static const char prefix[] = "socket:[";
    char link[64];

    if (!descriptor_link(pid, fd, link) ||
        strncmp(link, prefix, sizeof prefix - 1) != 0)
        return 0;
    return strtoul(link + sizeof prefix - 1, NULL, 10);
}

/* Descriptors that are known to be sockets, or epoll instances. Of others
 * nothing is known for long: open(2) is not seen. */
static struct watched {
    pid_t pid;
    int fd;
} watched[256];

void calls_forget_sockets(void)
{
    memset(watched, 0, sizeof watched);
}

static bool is_watched(pid_t pid, int fd)
{
    size_t count = sizeof watched / sizeof *watched;
    struct watched *place =
        &watched[((unsigned)pid * 31 + (unsigned)fd) % count];
    char link[64];

    if (place->pid == pid && place->fd == fd)
        return true;
    if (!descriptor_link(pid, fd, link) ||
        (strncmp(link, "socket:[", 8) != 0 &&
         strcmp(link, "anon_inode:[eventpoll]") != 0))
        return false;
    *place = (struct watched){.pid = pid, .fd = fd};
    return true;
}

/* The socket's own name of its protocol, "TCPv6" or "UNIX-STREAM": xattr(7) of
 * sockfs. Of splice(2), the pipe is no socket. */
bool call_streams(const struct call *call)
{
    char path[64], name[32] = "";

    for (int i = 0; i <= 2 && name[0] == '\0'; i += 2) {
        snprintf(path, sizeof path, "/proc/%d/fd/%d", call->pid,
                 (int)call->args[i]);
        ssize_t size =
            getxattr(path, "system.sockprotoname", name, sizeof name - 1);
        name[size > 0 ? size : 0] = '\0';
        if (call->number != SYS_splice)
            break;
    }
    return strstr(name, "TCP") != NULL || strcmp(name, "UNIX-STREAM") == 0;
}

static bool polls_socket(const struct call *call)
{
    struct pollfd polled[64];
    size_t chunk = sizeof polled / sizeof *polled, most = 1024;
    size_t count =
        (uint32_t)call->args[1] < most ? (uint32_t)call->args[1] : most;

    for (size_t n = 0; n < count; n += chunk) {
        size_t rest = count - n < chunk ? count - n : chunk;
        if (!peek(call->pid, call->args[0] + n * sizeof *polled, polled,
                  rest * sizeof *polled))
            return false;
        for (size_t i = 0; i < rest; i++)
            if (is_watched(call->pid, polled[i].fd))
                return true;
    }
    return false;
}

static bool selects_socket(const struct call *call)
{
    uint64_t bits[1024 / 64];
    int most = (int)call->args[0] < 1024 ? (int)call->args[0] : 1024;
    size_t longs = most <= 0 ? 0 : (size_t)(most + 63) / 64;

    for (int set = 1; set <= 3; set++) {
        if (call->args[set] == 0 || longs == 0 ||
            !peek(call->pid, call->args[set], bits, longs * sizeof *bits))
            continue;
        for (int fd = 0; fd < most; fd++)
            if ((bits[fd / 64] >> (fd % 64) & 1) == 1 &&
                is_watched(call->pid, fd))
                return true;
    }
    return false;
}

static bool is_traced_command(const struct call *call)
{
    unsigned long command = (uint32_t)call->args[1];

    if (call->number == SYS_ioctl)
        return command == FIONBIO || command == FIONREAD;
    return command == F_GETFL || command == F_SETFL || command == F_DUPFD ||
           command == F_DUPFD_CLOEXEC;
}

/* close_range(2): the last is often as large as can be. */
static bool closes_socket(const struct call *call)
{
    for (uint64_t fd = call->args[0]; fd <= call->args[1] && fd < 1024; fd++)
        if (is_watched(call->pid, (int)fd))
            return true;
    return false;
}

/* Of the descriptors that a process has open; -1 after the last. */
static int next_descriptor(DIR *all)
{
    const struct dirent *entry;

    while ((entry = readdir(all)) != NULL)
        if (isdigit((unsigned char)entry->d_name[0]))
            return (int)strtol(entry->d_name, NULL, 10);
    return -1;
}

static DIR *open_descriptors(pid_t pid)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    return opendir(path);
}

bool holds_socket(pid_t pid, unsigned long inode)
{
    DIR *all = open_descriptors(pid);
    bool holds = false;
    int fd;

    if (all == NULL)
        return false;
    while (!holds && (fd = next_descriptor(all)) != -1)
        holds = socket_inode(pid, fd) == inode;
    closedir(all);
    return holds;
}

/* Of close-on-exec sockets the kernel's execve(2) is the close(2). */
static bool exec_closes_socket(const struct call *call)
{
    DIR *all = open_descriptors(call->pid);
    bool closes = false;
    int fd;

    if (all == NULL)
        return false;
    while (!closes && (fd = next_descriptor(all)) != -1)
        closes = is_watched(call->pid, fd) &&
                 (flags_of(call->pid, fd) & O_CLOEXEC) != 0;
    closedir(all);
    return closes;
}

bool call_executes(const struct call_type *type)
{
    return strncmp(type->name, "execve", 6) == 0;
}

bool call_concerns_socket(const struct call_type *type, const struct call *call)
{
    if (type->traits & CALL_ALWAYS)
        return true;
    if (call_executes(type))
        return exec_closes_socket(call);
    if (strcmp(type->name, "close_range") == 0)
        return closes_socket(call);
    if (type->form[0] == 'P')
        return polls_socket(call);
    if (type->form[1] == 'S')
        return selects_socket(call);
    if ((call->number == SYS_fcntl || call->number == SYS_ioctl) &&
        !is_traced_command(call))
        return false;
    for (int i = 0; type->form[i] != '\0'; i++)
        if (type->form[i] == 'd' && is_watched(call->pid, (int)call->args[i]))
            return true;
    return false;
}

/* --- Their text --------------------------------------------------------- */

/* Of the letters in capitals, these are known at entry too. */
static bool is_known(char letter)
{
    return !isupper((unsigned char)letter) || strchr("CPSXYO", letter) != NULL;
}

/* Gives how much of the text is known at entry. What the kernel fills in is
 * then "?", so that the others keep their places. */
static size_t describe_args(const struct call_type *type,
                            const struct call *call, struct text *text)
{
    size_t known = SIZE_MAX;

    text->to[0] = '\0';
    for (int i = 0; type->form[i] != '\0'; i++) {
        size_t start = text->used;
        if (start > 0)
            add(text, ", ");
        size_t before = text->used;
        if (text->returned || is_known(type->form[i]))
            add_argument(text, type, call, i);
        else {
            known = start < known ? start : known;
            add(text, "?");
        }
        if (text->used == before) { /* not shown */
            text->used = start;
            text->to[start] = '\0';
        }
    }
    return text->used < known ? text->used : known;
}

void describe_entry(const struct call_type *type, struct call *call,
                    struct event *event)
{
    struct text text = {.to = call->known, .size = sizeof call->known};
    const char *address = strpbrk(type->form, "AZW");

    event->call = type->name;
    event->result = 0;
    event->error = 0;
    event->from_text[0] = '\0';
    size_t known = describe_args(type, call, &text);
    memcpy(event->args, call->known, known);
    event->args[known] = '\0';
    call->length = 0;
    if (address != NULL &&
        !peek(call->pid, call->args[address - type->form + 1], &call->length,
              sizeof call->length))
        call->length = 0;
}

/* Arguments that the kernel only reads are not looked up a second time. */
static bool is_complete(const struct call_type *type, const struct call *call)
{
    for (const char *letter = type->form; *letter != '\0'; letter++)
        if (isupper((unsigned char)*letter))
            return false;
    return call->known[0] != '\0';
}

static bool gets_on(const struct call_type *type, const struct call *call)
{
    if (strncmp(type->name, "accept", 6) == 0)
        return call->result >= 0;
    return call->result > 0 && !call_peeks(type, call) &&
           (type->traits & (CALL_READS | CALL_WRITES)) != 0;
}

void describe_return(const struct call_type *type, const struct call *call,
                     struct event *event)
{
    struct text text = {
        .to = event->args, .size = sizeof event->args, .returned = true};
    enum { MOST_ERRNO = 4095 };

    event->call = type->name;
    event->result = call->result;
    event->error = 0;
    if (call->result < 0 && call->result >= -MOST_ERRNO) {
        event->error = (int)-call->result;
        event->result = -1;
    }
    event->vain = event->error == EAGAIN ||
                  ((type->traits & CALL_POLLS) != 0 && event->result == 0);
    event->moved = gets_on(type, call);
    if (is_complete(type, call))
        memcpy(event->args, call->known, strlen(call->known) + 1);
    else
        describe_args(type, call, &text);
    /* Only of a call that waits for it: getsockname's is no news. */
    if ((type->traits & CALL_BLOCKS) == 0)
        text.from[0] = '\0';
    memcpy(event->from_text, text.from, sizeof event->from_text);
}
