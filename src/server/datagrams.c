/*
 * datagrams.c - UDP: one datagram in, at most one out. See engine.h.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "server/engine.h"

enum {
    DATAGRAMS = 32,        /* in one turn: a flood must not starve others */
    RESERVED_PORTS = 1024, /* below this are services */
};

/* A datagram and what is known of it. */
struct packet {
    struct sockaddr_storage from;
    struct iovec data;
    struct msghdr header;
    _Alignas(struct cmsghdr) char control[128];
};

bool ask_for_destination(int fd, int family)
{
    const int on = 1;

    if (family == AF_INET6)
        return setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on) ==
               0;
#ifdef IP_PKTINFO
    return setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on) == 0;
#else
    return true;
#endif
}

/* --- The guard ---------------------------------------------------------- */

/* Two servers that answer each other would do so for ever: so what comes from a
 * service's port is not answered, be it a well-known one, a default of ours, or
 * where we listen. */
static bool is_services_port(const struct server *server, uint16_t from)
{
    if (from < RESERVED_PORTS)
        return true;
    for (const struct service *s = services; s->name != NULL; s++)
        if (from == s->port + PORT_OFFSET)
            return true;
    for (size_t i = 0; i < server->listener_count; i++)
        if (server->listeners[i].datagrams && server->listeners[i].port == from)
            return true;
    return false;
}

static bool is_one_host(const struct sockaddr_storage *from)
{
    if (from->ss_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const void *)from;
        return !IN6_IS_ADDR_MULTICAST(&v6->sin6_addr) &&
               !IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr);
    }
    const struct sockaddr_in *v4 = (const void *)from;
    uint32_t address = ntohl(v4->sin_addr.s_addr);
    return from->ss_family == AF_INET && !IN_MULTICAST(address) &&
           address != INADDR_ANY && address != INADDR_BROADCAST;
}

#ifdef IP_PKTINFO
/* A broadcast's local address is another than its destination. It is not known
 * of what came before we asked for it: then the kernel refuses to send from an
 * address that is not this machine's alone. */
static bool turn_round_v4(void *data)
{
    struct in_pktinfo info;

    memcpy(&info, data, sizeof info);
    if (info.ipi_spec_dst.s_addr != INADDR_ANY &&
        info.ipi_spec_dst.s_addr != info.ipi_addr.s_addr)
        return false;
    info.ipi_spec_dst = info.ipi_addr;
    info.ipi_ifindex = 0;
    memcpy(data, &info, sizeof info);
    return true;
}
#endif

static bool turn_round_v6(void *data)
{
    struct in6_pktinfo info;

    memcpy(&info, data, sizeof info);
    if (IN6_IS_ADDR_MULTICAST(&info.ipi6_addr))
        return false;
    if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr))
        info.ipi6_ifindex = 0;
    memcpy(data, &info, sizeof info);
    return true;
}

/* Was it sent to us alone? Then what came with it says, when it is sent back,
 * from which address the answer is to leave; not by which interface, which is
 * for the routes to say, except where an address means nothing without. */
static bool was_for_us(struct packet *packet)
{
    struct cmsghdr *control = CMSG_FIRSTHDR(&packet->header);

    if (control == NULL)
        return true;
#ifdef IP_PKTINFO
    if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO)
        return turn_round_v4(CMSG_DATA(control));
#endif
    if (control->cmsg_level == IPPROTO_IPV6 &&
        control->cmsg_type == IPV6_PKTINFO)
        return turn_round_v6(CMSG_DATA(control));
    return true;
}

static bool may_be_answered(const struct server *server, struct packet *packet)
{
    const uint16_t port = port_of((const struct sockaddr *)&packet->from);

    return is_one_host(&packet->from) && !is_services_port(server, port) &&
           was_for_us(packet);
}

/* --- In and out --------------------------------------------------------- */

/* Gives false if there is none. */
static bool take(struct loop *first, int fd, struct packet *packet)
{
    ssize_t n;

    packet->data = (struct iovec){first->buffer, BUFFER_SIZE};
    packet->header = (struct msghdr){.msg_name = &packet->from,
                                     .msg_namelen = sizeof packet->from,
                                     .msg_iov = &packet->data,
                                     .msg_iovlen = 1,
                                     .msg_control = packet->control,
                                     .msg_controllen = sizeof packet->control};
    n = recvmsg(fd, &packet->header, 0);
    if (n == -1)
        return false;
    packet->data.iov_len = (size_t)n;
    add_to(&first->server->datagrams_in, 1);
    return true;
}

/* What cannot be sent now is lost, as datagrams may be. */
static bool reply(struct loop *first, int fd, size_t service,
                  struct packet *packet)
{
    if (services[service].datagram == NULL)
        return false;
    const struct turn turn = {.buffer = first->buffer,
                              .size = LEAST_BUFFER,
                              .count = packet->data.iov_len};

    packet->data.iov_len = services[service].datagram(&turn);
    return sendmsg(fd, &packet->header, 0) != -1;
}

void answer_datagrams(struct loop *first, struct source *source, short events)
{
    struct server *server = first->server;
    const size_t service = ((struct listener *)source)->service;
    struct packet packet = {0};

    (void)events;
    for (int i = 0; i < DATAGRAMS; i++) {
        if (source->fd == -1 || !take(first, source->fd, &packet))
            return;
        if (may_be_answered(server, &packet) &&
            reply(first, source->fd, service, &packet))
            add_to(&server->datagrams_out, 1);
        else
            add_to(&server->datagrams_dropped, 1);
    }
}
