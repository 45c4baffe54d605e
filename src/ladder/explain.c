/*
 * explain.c - see calls.h: a sentence on a call for the last row of a lecture.
 */
#include "calls-args.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "sockets.h"

/* How a sentence ends: where its call waits, and where its descriptor must not
 * wait. */
struct ending {
    const char *waits, *at_once;
};

static const struct ending
    accepting = {", and waits if there is none.",
                 "; fails with EAGAIN at once if there is none."},
    connecting = {". With TCP it waits for the other end's answer.",
                  ". It does not wait: EINPROGRESS says that TCP is at it."},
    receiving = {", and waits if none are there yet.",
                 "; fails with EAGAIN at once if none are there yet."},
    waiting_for_all = {", and waits until all are there, or the end.", ""},
    sending = {". It waits only while the send buffer is full.",
               ". It never waits: it takes what the send buffer has room for."};

/* --- Does it wait? ------------------------------------------------------ */

static void add_timeout(struct text *text, const struct call_type *type,
                        const struct call *call)
{
    long long timeout = timeout_of(type, call);

    if (timeout < 0)
        add(text, ", and waits until one is.");
    else if (timeout == 0)
        add(text, ", and does not wait.");
    else
        add(text, ", and waits for one, %lld ms at most.", timeout);
}

static void add_ending(struct text *text, const struct call_type *type,
                       const struct call *call)
{
    const struct ending *ending = &sending;
    int flags = message_flags_of(type, call);
    bool at_once = !call_waits(type, call);

    if (call->number == SYS_accept || call->number == SYS_accept4)
        ending = &accepting;
    else if (call->number == SYS_connect)
        ending = &connecting;
    else if (type->traits & CALL_READS)
        ending = (flags & MSG_WAITALL) != 0 && !at_once ? &waiting_for_all
                                                        : &receiving;
    if (ending == &receiving && call_peeks(type, call))
        add(text, ", which stay there to be read again");
    add(text, "%s", at_once ? ending->at_once : ending->waits);
}

/* --- What it asks for --------------------------------------------------- */

static const char *about_shutdown(const struct call *call)
{
    switch ((int)call->args[1]) {
    case SHUT_RD:
        return "Says that descriptor {0} will read no more. Nothing is sent "
               "for that.";
    case SHUT_WR:
        return "Says that descriptor {0} will send no more: a FIN follows what "
               "is still to be sent. It can still read.";
    default:
        return "Says that descriptor {0} will neither send nor read any more: "
               "a FIN follows what is still to be sent.";
    }
}

static const char *about_fcntl(const struct call *call)
{
    switch ((int)call->args[1]) {
    case F_GETFL:
        return "Asks the kernel for the flags of descriptor {0}; O_NONBLOCK is "
               "one of them.";
    case F_SETFL:
        return call->args[2] & O_NONBLOCK
                   ? "From now on calls on descriptor {0} do not wait: they "
                     "fail with EAGAIN instead."
                   : "From now on calls on descriptor {0} wait where they "
                     "must.";
    default:
        return "Asks the kernel for another descriptor of the same socket as "
               "{0}, {2} or higher.";
    }
}

static const char *about_ioctl(const struct call *call)
{
    int on = 0;

    if ((uint32_t)call->args[1] == FIONREAD)
        return "Asks the kernel how many bytes wait to be read from descriptor "
               "{0}.";
    if (peek(call->pid, call->args[2], &on, sizeof on) && on == 0)
        return "From now on calls on descriptor {0} wait where they must.";
    return "From now on calls on descriptor {0} do not wait: they fail with "
           "EAGAIN instead.";
}

/* Of a listening socket there is no other end. */
static const char *about_close(const struct call_type *type,
                               const struct call *call)
{
    if (sockets_listens(socket_inode(call->pid, (int)call->args[0])))
        return "Gives descriptor {0} back; with the last one of a listening "
               "socket nobody can connect any more, and who waits to be "
               "accepted is reset. Who was accepted stays connected.";
    return type->about;
}

static const char *about_epoll_ctl(const struct call *call)
{
    switch ((int)call->args[1]) {
    case EPOLL_CTL_ADD:
        return "Adds descriptor {2} to the list {0}, to be watched for {3}.";
    case EPOLL_CTL_MOD:
        return "From now on descriptor {2} in the list {0} is watched for {3}.";
    default:
        return "Takes descriptor {2} off the list {0}.";
    }
}

static const char *about(const struct call_type *type, const struct call *call)
{
    if (call->number == SYS_shutdown)
        return about_shutdown(call);
    if (call->number == SYS_fcntl)
        return about_fcntl(call);
    if (call->number == SYS_ioctl)
        return about_ioctl(call);
    if (call->number == SYS_close)
        return about_close(type, call);
    if (call->number == SYS_epoll_ctl)
        return about_epoll_ctl(call);
    return type->about;
}

/* --- The sentence ------------------------------------------------------- */

/* Fills in "{0}", the first argument, and "{0s}", an s unless that is 1. */
static void add_template(struct text *text, const struct call_type *type,
                         const struct call *call, const char *template)
{
    for (const char *at = template; *at != '\0'; at++) {
        int i = at[1] - '0';
        if (at[0] != '{')
            add(text, "%c", *at);
        else if (at[2] == '}') {
            add_argument(text, type, call, i);
            at += 2;
        } else {
            add(text, "%s", call->args[i] == 1 ? "" : "s");
            at += 3;
        }
    }
}

void explain(const struct call_type *type, const struct call *call, char *to,
             size_t size)
{
    struct text text = {.to = to, .size = size};

    if (size < sizeof "...")
        return;
    to[0] = '\0';
    add_template(&text, type, call, about(type, call));
    if (call->number == SYS_sendto && call->args[4] != 0)
        add_template(&text, type, call, " to {4}");
    if (strpbrk(type->form, "PSE") != NULL)
        add_timeout(&text, type, call);
    else if (type->traits & CALL_BLOCKS)
        add_ending(&text, type, call);
}
