/*
 * diag.c - see diag.h.
 */
#include "diag.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int diag = -1;
static unsigned lo;

/* An IPv4 address inside an IPv6 one becomes IPv4: so is it on the wire. */
static struct endpoint endpoint_of(int family, const uint32_t *ip,
                                   uint16_t port)
{
    struct endpoint endpoint = {.family = family, .port = ntohs(port)};
    struct in6_addr v6;

    memcpy(&v6, ip, sizeof v6);
    if (family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&v6)) {
        endpoint.family = AF_INET;
        memcpy(endpoint.ip, ip + 3, 4);
    } else {
        memcpy(endpoint.ip, ip, family == AF_INET ? 4 : 16);
    }
    return endpoint;
}

static struct word word_of(const struct inet_diag_msg *message)
{
    const struct inet_diag_sockid *id = &message->id;
    int family = message->idiag_family;

    return (struct word){
        .state = message->idiag_state,
        .inode = message->idiag_inode,
        .local = endpoint_of(family, id->idiag_src, id->idiag_sport),
        .peer = endpoint_of(family, id->idiag_dst, id->idiag_dport),
        .received = message->idiag_rqueue,
        .sent = message->idiag_wqueue,
    };
}

/* Gives 1 if the answer goes on, 0 at its end, -1 and errno on an error. */
static int take_answer(const char *buffer, size_t size, uint32_t sequence,
                       word_taker *take, void *context)
{
    struct nlmsghdr header;

    for (size_t at = 0; at + sizeof header <= size;
         at += NLMSG_ALIGN(header.nlmsg_len)) {
        struct inet_diag_msg message;
        struct nlmsgerr failure;
        const char *body = buffer + at + NLMSG_HDRLEN;
        memcpy(&header, buffer + at, sizeof header);
        if (header.nlmsg_len < sizeof header || header.nlmsg_len > size - at)
            break;
        size_t length = header.nlmsg_len - sizeof header;
        if (header.nlmsg_seq != sequence)
            continue;
        if (header.nlmsg_type == NLMSG_DONE)
            return 0;
        if (header.nlmsg_type == NLMSG_ERROR && length >= sizeof failure) {
            memcpy(&failure, body, sizeof failure);
            errno = -failure.error;
            return -1;
        }
        if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY || length < sizeof message)
            continue;
        memcpy(&message, body, sizeof message);
        struct word word = word_of(&message);
        take(&word, context);
        if (!(header.nlmsg_flags & NLM_F_MULTI))
            return 0;
    }
    return 1;
}

/* Gives 0, or -1 and errno (ENOENT: no such socket). */
static int ask(struct inet_diag_req_v2 question, uint16_t flags,
               word_taker *take, void *context)
{
    static uint32_t sequence;
    static char buffer[1 << 15];
    struct {
        struct nlmsghdr header;
        struct inet_diag_req_v2 body;
    } message = {.header = {.nlmsg_len = sizeof message,
                            .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                            .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags),
                            .nlmsg_seq = ++sequence},
                 .body = question};
    ssize_t n;
    int more = 1;

    do
        n = send(diag, &message, sizeof message, 0);
    while (n == -1 && errno == EINTR);
    while (n != -1 && more == 1) {
        n = recv(diag, buffer, sizeof buffer, 0);
        if (n == -1 && errno == EINTR)
            n = 0;
        if (n > 0)
            more = take_answer(buffer, (size_t)n, sequence, take, context);
    }
    return n == -1 ? -1 : more;
}

int diag_all(uint8_t protocol, uint32_t states, word_taker *take, void *context)
{
    struct inet_diag_req_v2 question = {.sdiag_family = AF_INET,
                                        .sdiag_protocol = protocol,
                                        .idiag_states = states};

    if (ask(question, NLM_F_DUMP, take, context) == -1)
        return -1;
    question.sdiag_family = AF_INET6;
    return ask(question, NLM_F_DUMP, take, context);
}

static void keep_word(const struct word *word, void *context)
{
    *(struct word *)context = *word;
}

bool diag_one(uint8_t protocol, const struct endpoint *local,
              const struct endpoint *peer, struct word *word)
{
    struct inet_diag_req_v2 question = {
        .sdiag_family = (uint8_t)local->family,
        .sdiag_protocol = protocol,
        .id = {.idiag_sport = htons(local->port),
               .idiag_dport = htons(peer->port),
               .idiag_if = lo, /* also finds sockets that are bound to it */
               .idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE}}};

    memcpy(question.id.idiag_src, local->ip, sizeof local->ip);
    memcpy(question.id.idiag_dst, peer->ip, sizeof peer->ip);
    if (protocol == IPPROTO_UDP) { /* the other way round: udp_diag.c */
        struct inet_diag_sockid *id = &question.id, turned = *id;
        id->idiag_sport = turned.idiag_dport;
        id->idiag_dport = turned.idiag_sport;
        memcpy(id->idiag_src, turned.idiag_dst, sizeof turned.idiag_dst);
        memcpy(id->idiag_dst, turned.idiag_src, sizeof turned.idiag_src);
    }
    return ask(question, 0, keep_word, word) == 0;
}

int diag_open(void)
{
    struct word none;

    diag = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (diag == -1)
        return -1;
    lo = if_nametoindex("lo");
    /* It asks for nothing: does the kernel know the question? */
    if (diag_all(IPPROTO_TCP, 0, keep_word, &none) == 0)
        return 0;
    int error = errno;
    close(diag);
    diag = -1;
    errno = error;
    return -1;
}
