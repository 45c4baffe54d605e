/*
 * calls-sockets.c - see calls-args.h: families, types, addresses and options.
 */
#include "calls-args.h"
#include "view.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

// clang-format off
#define N(name) {(unsigned long)(name), #name}
#define F(name) {PF_##name, #name}
// clang-format on

/* Without their prefix: PF_INET as socket(2)'s argument, AF_INET in an address
 * are the same number. */
static const struct name family_names[] = {
    F(UNSPEC), F(UNIX),      F(INET), F(INET6), F(NETLINK), F(PACKET),
    F(KEY),    F(BLUETOOTH), F(ALG),  F(VSOCK), {0, NULL},
};

static const struct name type_names[] = {
    N(SOCK_STREAM), N(SOCK_DGRAM),     N(SOCK_RAW),
    N(SOCK_RDM),    N(SOCK_SEQPACKET), {0, NULL},
};

static const struct name protocol_names[] = {
    {0, "0"},          N(IPPROTO_ICMP), N(IPPROTO_TCP), N(IPPROTO_UDP),
    N(IPPROTO_ICMPV6), N(IPPROTO_SCTP), {0, NULL},
};

static void add_family_name(struct text *text, const char *prefix,
                            const char *unnamed, unsigned family)
{
    bool known = false;

    for (const struct name *n = family_names; n->name != NULL; n++)
        known = known || n->number == family;
    add(text, "%s", known ? prefix : unnamed);
    add_name(text, family, family_names);
}

void add_family(struct text *text, const struct call *call, int i)
{
    add_family_name(text, "PF_", "", (unsigned)call->args[i]);
}

void add_socket_type(struct text *text, const struct call *call, int i)
{
    unsigned type = (unsigned)call->args[i];
    static const struct name flags[] = {
        N(SOCK_NONBLOCK), N(SOCK_CLOEXEC), {0, NULL}};

    add_name(text, type & 0xf, type_names); /* SOCK_TYPE_MASK */
    if ((type & ~0xfU) != 0) {
        add(text, "|");
        add_flags(text, type & ~0xfU, flags);
    }
}

void add_protocol(struct text *text, const struct call *call, int i)
{
    unsigned family = (unsigned)call->args[0];

    if (family == PF_INET || family == PF_INET6)
        add_name(text, (unsigned)call->args[i], protocol_names);
    else
        add(text, "%d", (int)call->args[i]);
}

/* --- Addresses ---------------------------------------------------------- */

/* A path ends at its first '\0', if it has one; an abstract name begins with
 * one, and may hold more: unix(7). */
static void add_unix(struct text *text, const struct sockaddr_un *address,
                     size_t length)
{
    const char *path = address->sun_path;
    size_t offset = offsetof(struct sockaddr_un, sun_path), most = 48;

    if (length <= offset) {
        add(text, "AF_UNIX");
        return;
    }
    length -= offset;
    bool abstract = path[0] == '\0';
    if (!abstract)
        length = strnlen(path, length);
    add(text, "%s", abstract ? "\"@" : "\"");
    for (size_t i = abstract; i < length && i < most; i++)
        add(text, "%c",
            path[i] >= ' ' && path[i] < 0x7f && path[i] != '"' ? path[i] : '?');
    add(text, "%s", length > most ? "\"..." : "\"");
}

static void add_internet(struct text *text, const struct sockaddr_storage *from)
{
    struct endpoint endpoint = {.family = from->ss_family};
    char name[80];

    if (from->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)from;
        memcpy(endpoint.ip, &in->sin_addr, sizeof in->sin_addr);
        endpoint.port = ntohs(in->sin_port);
    } else {
        const struct sockaddr_in6 *in6 = (const void *)from;
        memcpy(endpoint.ip, &in6->sin6_addr, sizeof in6->sin6_addr);
        endpoint.port = ntohs(in6->sin6_port);
    }
    add(text, "%s", endpoint_text(&endpoint, name));
}

/* Where an address is too short for its family, as a wrong last argument of
 * bind(2) makes it, the text says so. */
void add_address(struct text *text, pid_t pid, uint64_t pointer, size_t length)
{
    struct sockaddr_storage address = {0};
    size_t in6_least = offsetof(struct sockaddr_in6, sin6_scope_id);
    size_t size = length < sizeof address ? length : sizeof address;

    if (pointer == 0 || size < sizeof address.ss_family ||
        !peek(pid, pointer, &address, size)) {
        add_pointer(text, pointer);
        return;
    }
    int family = address.ss_family;
    if (family == AF_UNIX)
        add_unix(text, (const void *)&address, size);
    else if ((family == AF_INET && size >= sizeof(struct sockaddr_in)) ||
             (family == AF_INET6 && size >= in6_least))
        add_internet(text, &address);
    else {
        add_family_name(text, "AF_", "family ", (unsigned)family);
        if (family == AF_INET || family == AF_INET6)
            add(text, " of %zu bytes", size);
    }
}

/* The length is an int to the kernel; a negative one is an error to it. */
void add_address_in(struct text *text, const struct call *call, int i)
{
    int length = (int)call->args[i + 1];

    add_address(text, call->pid, call->args[i],
                length > 0 ? (size_t)length : 0);
}

/* sendto() without an address is send(), and reads so. */
void add_address_if(struct text *text, const struct call *call, int i)
{
    if (call->args[i] != 0)
        add_address_in(text, call, i);
}

/* No more than was offered at entry has been written, though the length tells
 * how much there was: accept(2). */
void add_address_out(struct text *text, const struct call *call, int i)
{
    uint32_t length, offered = call->length;
    struct text from = {.to = text->from, .size = sizeof text->from};

    if (call->result < 0 || call->args[i] == 0 ||
        !peek(call->pid, call->args[i + 1], &length, sizeof length)) {
        add_unfilled(text, call, i, "address");
        add(text, ", ");
        if (call->result < 0 && call->result != -EFAULT && call->args[i + 1])
            add(text, "[%u]", offered);
        else
            add_pointer(text, call->args[i + 1]);
        return;
    }
    if (length == 0 || offered == 0)
        add(text, "address");
    else {
        add_address(&from, call->pid, call->args[i],
                    length < offered ? length : offered);
        add(text, "%s", text->from);
    }
    if (length == offered)
        add(text, ", [%u]", length);
    else
        add(text, ", [%u => %u]", offered, length);
}

/* recvfrom() without an address is recv(), and reads so. */
void add_address_out_if(struct text *text, const struct call *call, int i)
{
    if (call->args[i] != 0)
        add_address_out(text, call, i);
}

/* --- Options ------------------------------------------------------------ */

enum value { INT, TIME, LINGER, ERROR, TYPE, DOMAIN, STRING, INFO, CRED };

struct option {
    int level, number;
    const char *name;
    enum value value;
};

// clang-format off
#define S(name, value) {SOL_SOCKET, SO_##name, "SO_" #name, value}
#define T(name, value) {IPPROTO_TCP, TCP_##name, "TCP_" #name, value}
#define I(name) {IPPROTO_IP, IP_##name, "IP_" #name, INT}
#define V6(name) {IPPROTO_IPV6, IPV6_##name, "IPV6_" #name, INT}
// clang-format on
static const struct option options[] = {
    S(REUSEADDR, INT),
    S(REUSEPORT, INT),
    S(KEEPALIVE, INT),
    S(BROADCAST, INT),
    S(SNDBUF, INT),
    S(RCVBUF, INT),
    S(ERROR, ERROR),
    S(TYPE, TYPE),
    S(LINGER, LINGER),
    S(RCVTIMEO, TIME),
    S(SNDTIMEO, TIME),
    S(RCVLOWAT, INT),
    S(SNDLOWAT, INT),
    S(OOBINLINE, INT),
    S(DONTROUTE, INT),
    S(ACCEPTCONN, INT),
    S(DOMAIN, DOMAIN),
    S(PROTOCOL, INT),
    S(PRIORITY, INT),
    S(BINDTODEVICE, STRING),
    S(PEERCRED, CRED),
    S(PASSCRED, INT),
    S(TIMESTAMP, INT),
    S(TIMESTAMPNS, INT),
    S(BUSY_POLL, INT),
    S(INCOMING_CPU, INT),
    S(ZEROCOPY, INT),
    S(SNDBUFFORCE, INT),
    S(RCVBUFFORCE, INT),
    S(MARK, INT),
    S(ATTACH_FILTER, INT),
    S(DETACH_FILTER, INT),
    S(RXQ_OVFL, INT),
    S(PEEK_OFF, INT),
    S(MAX_PACING_RATE, INT),
    S(ATTACH_BPF, INT),
    T(NODELAY, INT),
    T(MAXSEG, INT),
    T(CORK, INT),
    T(KEEPIDLE, INT),
    T(KEEPINTVL, INT),
    T(KEEPCNT, INT),
    T(SYNCNT, INT),
    T(LINGER2, INT),
    T(DEFER_ACCEPT, INT),
    T(WINDOW_CLAMP, INT),
    T(INFO, INFO),
    T(QUICKACK, INT),
    T(CONGESTION, STRING),
    T(USER_TIMEOUT, INT),
    T(FASTOPEN, INT),
    T(NOTSENT_LOWAT, INT),
    T(FASTOPEN_CONNECT, INT),
    I(TOS),
    I(TTL),
    I(RECVERR),
    I(MTU_DISCOVER),
    I(PKTINFO),
    I(FREEBIND),
    I(TRANSPARENT),
    I(MULTICAST_TTL),
    I(MULTICAST_LOOP),
    I(RECVTTL),
    I(RECVTOS),
    I(MTU),
    I(BIND_ADDRESS_NO_PORT),
    I(ADD_MEMBERSHIP),
    I(MULTICAST_IF),
    V6(V6ONLY),
    V6(UNICAST_HOPS),
    V6(RECVERR),
    V6(TCLASS),
    V6(RECVPKTINFO),
    V6(MTU_DISCOVER),
};

static const struct option *find_option(const struct call *call, int i)
{
    for (size_t n = 0; n < sizeof options / sizeof *options; n++)
        if (options[n].level == (int)call->args[i - 1] &&
            options[n].number == (int)call->args[i])
            return &options[n];
    return NULL;
}

void add_level(struct text *text, const struct call *call, int i)
{
    static const struct name names[] = {N(SOL_SOCKET),  N(IPPROTO_TCP),
                                        N(IPPROTO_IP),  N(IPPROTO_IPV6),
                                        N(IPPROTO_UDP), {0, NULL}};

    add_name(text, (uint32_t)call->args[i], names);
}

void add_option(struct text *text, const struct call *call, int i)
{
    const struct option *option = find_option(call, i);

    if (option != NULL)
        add(text, "%s", option->name);
    else
        add(text, "%d", (int)call->args[i]);
}

union option_bytes {
    unsigned char byte;
    int number;
    struct timeval time;
    struct linger linger;
    struct ucred cred;
    char string[32];
    struct tcp_info info;
};

static void add_number(struct text *text, enum value value, int number)
{
    if (value == ERROR && number != 0)
        add(text, "%s", error_name(number));
    else if (value == TYPE)
        add_name(text, (unsigned)number, type_names);
    else if (value == DOMAIN)
        add_family_name(text, "AF_", "", (unsigned)number);
    else
        add(text, "%d", number);
}

/* Not all that tcp(7) tells, but what a lecture looks at. */
static void add_info(struct text *text, const struct tcp_info *info)
{
    add(text, "{rtt %.3f ms, cwnd %u, unacked %u, retransmits %u}",
        info->tcpi_rtt / 1e3, info->tcpi_snd_cwnd, info->tcpi_unacked,
        info->tcpi_total_retrans);
}

static void add_string(struct text *text, const char *string, size_t length)
{
    add(text, "\"");
    for (size_t i = 0; i < length && string[i] != '\0'; i++)
        add(text, "%c",
            string[i] >= ' ' && string[i] < 0x7f && string[i] != '"' ? string[i]
                                                                     : '?');
    add(text, "\"");
}

/* The value of an option that holds `length` bytes. */
static void add_value(struct text *text, const struct call *call, uint64_t at,
                      size_t length, const struct option *option)
{
    union option_bytes bytes = {.info = {0}};
    enum value value = option == NULL ? INT : option->value;
    size_t size = length < sizeof bytes ? length : sizeof bytes;

    if (at == 0 || !peek(call->pid, at, &bytes, size))
        add_pointer(text, at);
    else if (value == STRING)
        add_string(text, bytes.string,
                   size < sizeof bytes.string ? size : sizeof bytes.string);
    else if (value == INFO)
        add_info(text, &bytes.info);
    else if (value == TIME && size == sizeof bytes.time)
        add_time(text, bytes.time.tv_sec, bytes.time.tv_usec, 1000);
    else if (value == LINGER && size == sizeof bytes.linger)
        add(text, "{%s %d s}", bytes.linger.l_onoff ? "on" : "off",
            bytes.linger.l_linger);
    else if (value == CRED && size == sizeof bytes.cred)
        add(text, "{pid %d, uid %u, gid %u}", bytes.cred.pid, bytes.cred.uid,
            bytes.cred.gid);
    else if (size == sizeof bytes.number)
        add_number(text, value, bytes.number);
    else if (size == sizeof bytes.byte)
        add(text, "%u", bytes.byte);
    else
        add(text, "%zu bytes", length);
}

void add_option_in(struct text *text, const struct call *call, int i)
{
    int length = (int)call->args[i + 1];

    add_value(text, call, call->args[i], length > 0 ? (size_t)length : 0,
              find_option(call, i - 1));
}

/* Its length is told where it is not what was offered. */
void add_option_out(struct text *text, const struct call *call, int i)
{
    uint32_t length, offered = call->length;

    if (call->result < 0 ||
        !peek(call->pid, call->args[i + 1], &length, sizeof length)) {
        add_unfilled(text, call, i, "value");
        return;
    }
    add(text, "[");
    add_value(text, call, call->args[i], length, find_option(call, i - 1));
    add(text, "]");
    if (length != offered)
        add(text, ", [%u => %u]", offered, length);
}
