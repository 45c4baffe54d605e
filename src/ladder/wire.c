/*
 * wire.c - see wire.h. A packet socket (packet(7)) for all protocols: the
 * kernel hands it each packet that arrives on `lo` before IP gets it. So when
 * a call returns because of a segment, that segment is here already. (A socket
 * for ETH_P_IP alone is served after IP, which may be too late.)
 *
 * The kernel copies headers, and nothing more, into a ring that we share: no
 * call and no memory per segment.
 */
#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "flow.h"

/* A frame has room for 176 bytes of headers: the longest of IPv4 and TCP are
 * 120, of IPv6 and TCP 100 and what extensions it has. */
enum {
    FRAME = 256,
    FRAMES = 1 << 15,
    BLOCK = 1 << 16, /* a multiple of every page size */
};

struct packet {
    const unsigned char *bytes;
    size_t seen;  /* so much of it is in the ring */
    size_t whole; /* so long it is */
};

static int wire = -1;
static unsigned char *ring;
static size_t turn; /* the frame that is filled next */
static long long zero, latest;
static unsigned long lost;

static uint16_t get16(const unsigned char *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static uint32_t get32(const unsigned char *bytes)
{
    return (uint32_t)get16(bytes) << 16 | get16(bytes + 2);
}

/* --- Headers ------------------------------------------------------------ */

static void set_endpoints(struct event *event, int family,
                          const unsigned char *ips, size_t size)
{
    event->from.family = event->to.family = family;
    memcpy(event->from.ip, ips, size);
    memcpy(event->to.ip, ips + size, size);
}

/* Goes past `size` bytes of headers. `total` is the length that the header
 * tells; 0 for packets of more than 65535 bytes (RFC 2675, Linux's BIG TCP). */
static bool skip(struct packet *packet, size_t total, size_t size)
{
    if (total != 0 && total < packet->whole)
        packet->whole = total;
    if (size > packet->seen || size > packet->whole)
        return false;
    packet->bytes += size;
    packet->seen -= size;
    packet->whole -= size;
    return true;
}

/* RFC 791, 3.1. Gives the protocol inside, or -1 for what is passed over. */
static int read_ipv4(struct packet *packet, struct event *event)
{
    const unsigned char *header = packet->bytes;

    if (packet->seen < 20 || header[0] >> 4 != 4 || (header[0] & 15) < 5)
        return -1;
    if ((get16(header + 6) & 0x3fff) != 0) /* a fragment */
        return -1;
    set_endpoints(event, AF_INET, header + 12, 4);
    if (!skip(packet, get16(header + 2), (size_t)(header[0] & 15) * 4))
        return -1;
    return header[9];
}

/* RFC 8200, 3 and 4. */
static int read_ipv6(struct packet *packet, struct event *event)
{
    const unsigned char *header = packet->bytes;
    size_t payload, size = 40;

    if (packet->seen < size || header[0] >> 4 != 6)
        return -1;
    int next = header[6];
    payload = get16(header + 4);
    set_endpoints(event, AF_INET6, header + 8, 16);
    while (next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING ||
           next == IPPROTO_DSTOPTS) {
        if (packet->seen < size + 8)
            return -1;
        next = header[size];
        size += ((size_t)header[size + 1] + 1) * 8;
    }
    if (!skip(packet, payload == 0 ? 0 : 40 + payload, size))
        return -1;
    return next;
}

/* The window scale among the options of a SYN (RFC 7323, 2.2), or -1. */
static int window_shift(const unsigned char *options, size_t size)
{
    for (size_t i = 0; i < size && options[i] != 0;) {
        if (options[i] == 1) { /* padding, the only option without a length */
            i++;
            continue;
        }
        if (i + 1 >= size || options[i + 1] < 2)
            break;
        if (options[i] == 3 && options[i + 1] == 3 && i + 2 < size)
            return options[i + 2] < 14 ? options[i + 2] : 14;
        i += options[i + 1];
    }
    return -1;
}

static void name_flags(unsigned flags, char text[40])
{
    static const struct {
        unsigned flag;
        const char *name;
    } names[] = {{SYN, "SYN"}, {FIN, "FIN"}, {RST, "RST"},
                 {PSH, "PSH"}, {ACK, "ACK"}, {URG, "URG"}};
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (flags & names[i].flag)
            used += (size_t)snprintf(text + used, 40 - used, "%s%s",
                                     used > 0 ? " " : "", names[i].name);
}

/* RFC 9293, 3.1. */
static bool read_tcp(struct packet *packet, struct event *event)
{
    const unsigned char *header = packet->bytes;

    if (packet->seen < 20 || header[12] >> 4 < 5)
        return false;
    size_t size = (size_t)(header[12] >> 4) * 4;
    if (!skip(packet, 0, size))
        return false;
    unsigned flags = header[13];
    event->from.port = get16(header);
    event->to.port = get16(header + 2);
    event->window = get16(header + 14);
    event->length = packet->whole;
    name_flags(flags, event->flags);
    flow_follow(event, flags, get32(header + 4), get32(header + 8),
                flags & SYN ? window_shift(header + 20, size - 20) : -1);
    return true;
}

/* RFC 768. */
static bool read_udp(struct packet *packet, struct event *event)
{
    const unsigned char *header = packet->bytes;

    if (packet->seen < 8 || !skip(packet, get16(header + 4), 8))
        return false;
    event->udp = true;
    event->from.port = get16(header);
    event->to.port = get16(header + 2);
    event->length = packet->whole;
    return true;
}

/* Gives false for what is neither TCP nor UDP, or is cut. */
static bool read_packet(int ethertype, struct packet packet,
                        struct event *event)
{
    int protocol = ethertype == ETH_P_IP     ? read_ipv4(&packet, event)
                   : ethertype == ETH_P_IPV6 ? read_ipv6(&packet, event)
                                             : -1;

    return protocol == IPPROTO_TCP   ? read_tcp(&packet, event)
           : protocol == IPPROTO_UDP ? read_udp(&packet, event)
                                     : false;
}

/* --- The socket --------------------------------------------------------- */

/* Gives 0, or -1 and errno. */
static int share_ring(void)
{
    struct tpacket_req request = {.tp_block_size = BLOCK,
                                  .tp_block_nr = FRAMES / (BLOCK / FRAME),
                                  .tp_frame_size = FRAME,
                                  .tp_frame_nr = FRAMES};
    int version = TPACKET_V2, yes = 1;

    if (setsockopt(wire, SOL_PACKET, PACKET_VERSION, &version,
                   sizeof version) == -1 ||
        setsockopt(wire, SOL_PACKET, PACKET_RX_RING, &request,
                   sizeof request) == -1)
        return -1;
    /* Not to be shown what is sent saves work; before Linux 4.20 we are, and
     * pass it over. */
    (void)setsockopt(wire, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes,
                     sizeof yes);
    ring = mmap(NULL, (size_t)FRAME * FRAMES, PROT_READ | PROT_WRITE,
                MAP_SHARED, wire, 0);
    return ring == MAP_FAILED ? -1 : 0;
}

int wire_open(long long start)
{
    struct sockaddr_ll lo = {.sll_family = AF_PACKET,
                             .sll_protocol = htons(ETH_P_ALL),
                             .sll_ifindex = (int)if_nametoindex("lo")};

    zero = start;
    /* Protocol 0: nothing is received until bind(2) says from where. */
    wire = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (wire == -1)
        return -1;
    if (lo.sll_ifindex == 0 || share_ring() == -1 ||
        bind(wire, (struct sockaddr *)&lo, sizeof lo) == -1) {
        int error = errno;
        close(wire);
        wire = -1;
        errno = error;
        return -1;
    }
    return 0;
}

size_t wire_descriptors(int fds[2])
{
    if (wire == -1)
        return 0;
    fds[0] = wire;
    return 1;
}

/* The kernel's clock may be set back, and two processors may stamp two packets
 * in another order than they arrive here: then the order of arrival is right.
 */
static long long time_of(const struct tpacket2_hdr *frame)
{
    long long time = frame->tp_sec * 1000000000LL + frame->tp_nsec - zero;

    if (time > latest)
        latest = time;
    return latest;
}

bool wire_next(struct event *event)
{
    bool given = false;

    while (wire != -1 && !given) {
        struct tpacket2_hdr *frame = (void *)(ring + turn * FRAME);
        /* The status says whose the frame is: packet_mmap.rst. */
        if (!(__atomic_load_n(&frame->tp_status, __ATOMIC_ACQUIRE) &
              TP_STATUS_USER))
            break;
        const struct sockaddr_ll *link =
            (void *)((char *)frame + TPACKET_ALIGN((int)sizeof *frame));
        struct packet packet = {.bytes = (unsigned char *)frame + frame->tp_net,
                                .seen = frame->tp_snaplen,
                                .whole = frame->tp_len};
        *event = (struct event){.kind = EVENT_SEGMENT,
                                .time = time_of(frame),
                                .actor = WIRE,
                                .from_actor = WIRE,
                                .to_actor = WIRE,
                                .waiting = -1,
                                .backlog = -1};
        given = link->sll_pkttype != PACKET_OUTGOING &&
                read_packet(ntohs(link->sll_protocol), packet, event);
        __atomic_store_n(&frame->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
        turn = (turn + 1) % FRAMES;
    }
    return given;
}

unsigned long wire_lost(void)
{
    struct tpacket_stats since = {0}; /* the last time that we asked */
    socklen_t size = sizeof since;

    if (wire != -1 &&
        getsockopt(wire, SOL_PACKET, PACKET_STATISTICS, &since, &size) == 0)
        lost += since.tp_drops;
    return lost;
}
