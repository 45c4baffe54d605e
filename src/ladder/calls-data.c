/*
 * calls-data.c - see calls-args.h and calls.h: the bytes that a call moves, how
 * to make them fewer, and the structures that point at them: iovec(3type),
 * recvmsg(2), recvmmsg(2).
 */
#include "calls-args.h"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

enum {
    MOST_BYTES = 16,   /* of data are shown, */
    MOST_IOVECS = 4,   /* and of pieces, */
    MOST_MESSAGES = 3, /* and of messages */
};

/* The kernel's, of a 64-bit program. libc's struct msghdr is laid out for its
 * own pointers and socklen_t, which differ between libcs. */
struct remote_iovec {
    uint64_t base, length;
};

struct remote_message {
    uint64_t name;
    uint32_t name_length, pad1;
    uint64_t iovecs, iovecs_count, control, control_length;
    uint32_t flags, pad2;
};

struct remote_mmsghdr {
    struct remote_message message;
    uint32_t length, pad;
};

// clang-format off
#define N(name) {(unsigned long)(name), #name}
// clang-format on
static const struct name message_flags[] = {
    N(MSG_OOB),        N(MSG_PEEK),     N(MSG_DONTROUTE), N(MSG_CTRUNC),
    N(MSG_TRUNC),      N(MSG_DONTWAIT), N(MSG_EOR),       N(MSG_WAITALL),
    N(MSG_CONFIRM),    N(MSG_ERRQUEUE), N(MSG_NOSIGNAL),  N(MSG_MORE),
    N(MSG_WAITFORONE), N(MSG_ZEROCOPY), N(MSG_FASTOPEN),  N(MSG_CMSG_CLOEXEC),
    {0, NULL}};

void add_message_flags(struct text *text, const struct call *call, int i)
{
    add_flags(text, (uint32_t)call->args[i], message_flags);
}

/* --- Data --------------------------------------------------------------- */

/* Three octal digits: "\x41" followed by "b" would read as one byte. By hand,
 * not by printf: this is done for every read and write. */
static size_t quote(const unsigned char *bytes, size_t count, char *to)
{
    static const char plain[] = "\a\b\t\n\v\f\r\"\\", letter[] = "abtnvfr\"\\";
    size_t used = 0;

    to[used++] = '"';
    for (size_t i = 0; i < count; i++) {
        const char *special = bytes[i] == '\0' ? NULL : strchr(plain, bytes[i]);
        if (special != NULL) {
            to[used++] = '\\';
            to[used++] = letter[special - plain];
        } else if (bytes[i] >= ' ' && bytes[i] < 0x7f) {
            to[used++] = (char)bytes[i];
        } else {
            to[used++] = '\\';
            to[used++] = (char)('0' + bytes[i] / 64);
            to[used++] = (char)('0' + bytes[i] / 8 % 8);
            to[used++] = (char)('0' + bytes[i] % 8);
        }
    }
    to[used++] = '"';
    to[used] = '\0';
    return used;
}

static void add_data(struct text *text, pid_t pid, uint64_t pointer,
                     uint64_t count)
{
    unsigned char bytes[MOST_BYTES];
    char quoted[4UL * MOST_BYTES + sizeof "\"\""];
    size_t shown = count < MOST_BYTES ? (size_t)count : MOST_BYTES;

    if (!peek(pid, pointer, bytes, shown)) {
        add_pointer(text, pointer);
        return;
    }
    quote(bytes, shown, quoted);
    add(text, "%s%s", quoted, shown < count ? "..." : "");
}

void add_data_in(struct text *text, const struct call *call, int i)
{
    add_data(text, call->pid, call->args[i], call->args[i + 1]);
}

/* The result of recvfrom(2) with MSG_TRUNC may be more than the buffer. */
void add_data_out(struct text *text, const struct call *call, int i)
{
    uint64_t count = (uint64_t)call->result;

    if (call->result < 0) {
        add_unfilled(text, call, i, "buffer");
        return;
    }
    if (count > call->args[i + 1])
        count = call->args[i + 1];
    add_data(text, call->pid, call->args[i], count);
}

/* A byte at a time: a path may end anywhere, also at the end of memory. */
void add_path(struct text *text, const struct call *call, int i)
{
    unsigned char path[64];
    char quoted[4 * sizeof path + sizeof "\"\""];
    size_t used = 0;

    while (used < sizeof path &&
           peek(call->pid, call->args[i] + used, path + used, 1) &&
           path[used] != '\0')
        used++;
    quote(path, used, quoted);
    add(text, "%s%s", quoted, used == sizeof path ? "..." : "");
}

/* --- Pieces ------------------------------------------------------------- */

/* ["abc", "def"...]: what `total` bytes fill of them. */
static void add_iovecs(struct text *text, pid_t pid, uint64_t pointer,
                       uint64_t count, uint64_t total)
{
    struct remote_iovec iovecs[MOST_IOVECS];
    size_t shown = count < MOST_IOVECS ? (size_t)count : MOST_IOVECS;

    if (!peek(pid, pointer, iovecs, shown * sizeof *iovecs)) {
        add_pointer(text, pointer);
        return;
    }
    add(text, "[");
    for (size_t i = 0; i < shown; i++) {
        uint64_t length = iovecs[i].length;
        if (length > total)
            length = total;
        if (i > 0 && length == 0 && iovecs[i].length > 0)
            break; /* not reached */
        add(text, "%s", i > 0 ? ", " : "");
        add_data(text, pid, iovecs[i].base, length);
        total -= length;
    }
    add(text, "%s", shown < count && total > 0 ? ", ...]" : "]");
}

void add_iovecs_in(struct text *text, const struct call *call, int i)
{
    add_iovecs(text, call->pid, call->args[i], call->args[i + 1], UINT64_MAX);
}

void add_iovecs_out(struct text *text, const struct call *call, int i)
{
    if (call->result < 0)
        add_unfilled(text, call, i, "buffers");
    else
        add_iovecs(text, call->pid, call->args[i], call->args[i + 1],
                   (uint64_t)call->result);
}

/* --- Messages ----------------------------------------------------------- */

/* {127.0.0.1:7000, ["abc"], 24 bytes of control, MSG_TRUNC}; the flags are the
 * kernel's answer. */
static void add_message(struct text *text, pid_t pid,
                        const struct remote_message *message, uint64_t total)
{
    add(text, "{");
    if (message->name != 0 && message->name_length > 0) {
        size_t start = text->used;
        add_address(text, pid, message->name, message->name_length);
        size_t length = text->used - start;
        if (text->returned && text->from[0] == 0 &&
            length < sizeof text->from) {
            memcpy(text->from, text->to + start, length);
            text->from[length] = '\0';
        }
        add(text, ", ");
    }
    add_iovecs(text, pid, message->iovecs, message->iovecs_count, total);
    if (message->control != 0 && message->control_length > 0)
        add(text, ", %llu bytes of control",
            (unsigned long long)message->control_length);
    /* The kernel gives MSG_CMSG_CLOEXEC back as it was asked for. */
    unsigned long flags = message->flags & ~(unsigned long)MSG_CMSG_CLOEXEC;
    if (text->returned && flags != 0) {
        add(text, ", ");
        add_flags(text, flags, message_flags);
    }
    add(text, "}");
}

void add_message_in(struct text *text, const struct call *call, int i)
{
    struct remote_message message;

    if (peek(call->pid, call->args[i], &message, sizeof message))
        add_message(text, call->pid, &message, UINT64_MAX);
    else
        add_pointer(text, call->args[i]);
}

void add_message_out(struct text *text, const struct call *call, int i)
{
    struct remote_message message;

    if (call->result < 0)
        add_unfilled(text, call, i, "message");
    else if (peek(call->pid, call->args[i], &message, sizeof message))
        add_message(text, call->pid, &message, (uint64_t)call->result);
    else
        add_pointer(text, call->args[i]);
}

static void add_messages(struct text *text, const struct call *call, int i,
                         uint64_t count)
{
    struct remote_mmsghdr messages[MOST_MESSAGES];
    size_t shown = count < MOST_MESSAGES ? (size_t)count : MOST_MESSAGES;

    if (!peek(call->pid, call->args[i], messages, shown * sizeof *messages)) {
        add_pointer(text, call->args[i]);
        return;
    }
    add(text, "[");
    for (size_t j = 0; j < shown; j++) {
        add(text, "%s", j > 0 ? ", " : "");
        add_message(text, call->pid, &messages[j].message,
                    text->returned ? messages[j].length : UINT64_MAX);
    }
    add(text, "%s", shown < count ? ", ...]" : "]");
}

void add_messages_in(struct text *text, const struct call *call, int i)
{
    add_messages(text, call, i, (uint32_t)call->args[i + 1]);
}

void add_messages_out(struct text *text, const struct call *call, int i)
{
    if (call->result < 0)
        add_unfilled(text, call, i, "messages");
    else
        add_messages(text, call, i, (uint64_t)call->result);
}

/* --- Fewer bytes -------------------------------------------------------- */

bool call_reads(const struct call_type *type, const struct call *call)
{
    bool both =
        (type->traits & CALL_READS) != 0 && (type->traits & CALL_WRITES) != 0;

    return both ? socket_inode(call->pid, (int)call->args[0]) != 0
                : (type->traits & CALL_READS) != 0;
}

/* Finds the piece in which `most` bytes are full, and notes its new length.
 * Gives how many pieces are left then; 0 if all hold no more, or if nobody
 * knows. */
static size_t limit_iovecs(pid_t pid, uint64_t pointer, uint64_t count,
                           uint64_t most, struct call_limit *limit)
{
    enum { MOST_PIECES = 1024 }; /* the kernel's own limit: IOV_MAX */
    uint64_t before = 0;

    if (count > MOST_PIECES)
        return 0;
    for (size_t i = 0; i < count; i++) {
        struct remote_iovec iovec;
        uint64_t at = pointer + i * sizeof iovec;
        if (!peek(pid, at, &iovec, sizeof iovec))
            return 0;
        if (before + iovec.length > most) {
            limit->word[limit->words].at =
                at + offsetof(struct remote_iovec, length);
            limit->word[limit->words].was = iovec.length;
            limit->word[limit->words++].now = most - before;
            return i + 1;
        }
        before += iovec.length;
    }
    return 0;
}

static bool limit_message(pid_t pid, uint64_t pointer, uint64_t most,
                          struct call_limit *limit)
{
    struct remote_message message;

    if (!peek(pid, pointer, &message, sizeof message))
        return false;
    size_t pieces =
        limit_iovecs(pid, message.iovecs, message.iovecs_count, most, limit);
    if (pieces == 0)
        return false;
    limit->word[limit->words].at =
        pointer + offsetof(struct remote_message, iovecs_count);
    limit->word[limit->words].was = message.iovecs_count;
    limit->word[limit->words++].now = pieces;
    return true;
}

bool call_limit(const struct call_type *type, const struct call *call,
                unsigned long most, struct call_limit *limit)
{
    const char *letter = strpbrk(type->form, "vVmMkK");

    *limit = (struct call_limit){
        .arg = type->count_arg, .value = most, .full = (long long)most};
    if (letter == NULL)
        return limit->arg >= 0 && call->args[limit->arg] > most;
    size_t i = (size_t)(letter - type->form);
    uint64_t pointer = call->args[i], count = call->args[i + 1];
    if (*letter == 'v' || *letter == 'V') {
        limit->arg = (int)i + 1;
        limit->value = limit_iovecs(call->pid, pointer, count, most, limit);
        return limit->value > 0;
    }
    if (*letter == 'm' || *letter == 'M')
        return limit_message(call->pid, pointer, most, limit);
    /* Of several messages the first one; the result counts messages. */
    limit->arg = (int)i + 1;
    limit->value = 1;
    limit->full = 1;
    return (limit_message(call->pid, pointer, most, limit) || count > 1) &&
           count > 0;
}
