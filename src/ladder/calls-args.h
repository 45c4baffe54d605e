/*
 * calls-args.h - how the arguments of one call read: shared by calls.c,
 * explain.c and the calls-*.c, and by nobody else.
 *
 * A call's form has a letter for each argument. What the program gives:
 *   d descriptor      i int                n size_t           - not shown
 *   f protocol family t socket type        p protocol         l option's level
 *   a address         z address or nothing o option           w option's value
 *   b data            v iovecs             m message          k messages
 *   g MSG_ flags      s SHUT_              x SPLICE_F_
 *   h accept4 flags   j dup3 flags         r epoll_create1 flags
 *   e fcntl's argument                     q ioctl command    u timespec
 *   y EPOLL_CTL_      _ epoll_ctl's event  + RWF_ flags         $ a path
 * What the kernel fills in, so that it is known at the return only:
 *   A address and its length, Z the same or nothing, B data, V iovecs,
 *   M message, K messages, R pair of descriptors, W option's value, Q ioctl's
 *   argument, E epoll's events, C fcntl's command, with the flags it asked for
 * What the program gives and the kernel may overwrite:
 *   P pollfds, S select's set, Y timespec, X timeval, O offset of a file
 */
#ifndef LADDER_CALLS_ARGS_H
#define LADDER_CALLS_ARGS_H

#include "calls.h"

/* --- Text (calls-args.c) ------------------------------------------------ */

/* Text that grows in a buffer; "..." ends what did not fit. */
struct text {
    char *to;
    size_t size, used;
    bool returned; /* the call has returned: its results are known */
    char from[80]; /* the address that a result came from */
};

__attribute__((format(printf, 2, 3))) void add(struct text *text,
                                               const char *format, ...);

struct name {
    unsigned long number;
    const char *name;
};

/* Names end with a NULL. A number without a name is given as it is. */
void add_name(struct text *text, unsigned long number,
              const struct name *names);
void add_flags(struct text *text, unsigned long flags,
               const struct name *names);

/* "0x7f...", or "NULL". */
void add_pointer(struct text *text, uint64_t pointer);

/* One argument, as its letter says; nothing for what is not shown. */
void add_argument(struct text *text, const struct call_type *type,
                  const struct call *call, int i);

/* The i-th argument as it was at the call's entry. Gives false where that is
 * not known. */
bool add_known(struct text *text, const struct call *call, int i);

/* Of a call that failed: what the kernel did not fill in. */
void add_unfilled(struct text *text, const struct call *call, int i,
                  const char *what);

/* Copies up to 4096 bytes of a thread's memory; true only for all of them. */
bool peek(pid_t pid, uint64_t pointer, void *to, size_t size);

/* The O_ flags of a thread's descriptor, 0 where it has none such. */
unsigned long flags_of(pid_t pid, int fd);

/* --- The letters -------------------------------------------------------- */

typedef void decoder(struct text *text, const struct call *call, int i);

/* calls-sockets.c */
decoder add_family, add_socket_type, add_protocol, add_address_in,
    add_address_if, add_address_out, add_address_out_if;
decoder add_level, add_option, add_option_in, add_option_out;
void add_address(struct text *text, pid_t pid, uint64_t pointer, size_t length);

/* calls-data.c */
decoder add_data_in, add_data_out, add_iovecs_in, add_iovecs_out,
    add_message_in, add_message_out, add_messages_in, add_messages_out,
    add_message_flags, add_path;

/* calls-wait.c */
decoder add_pollfds, add_set, add_timespec, add_timespec_in, add_timeval,
    add_epoll_op, add_epoll_event, add_epoll_events;

/* "1.25 s": a part of a second is `scale` nanoseconds. */
void add_time(struct text *text, long long seconds, long long parts, int scale);

/* How long a call may wait, in milliseconds rounded up; -1: for ever. */
long long timeout_of(const struct call_type *type, const struct call *call);

/* The MSG_ flags of a call; 0 where it takes none. */
int message_flags_of(const struct call_type *type, const struct call *call);

#endif
