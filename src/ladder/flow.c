/*
 * flow.c - see flow.h.
 */
#include "flow.h"

/* Connections are kept in sets of a few; a new one takes the place of the one
 * that was silent longest in its set. */
enum { SETS = 4096, WAYS = 8 };

struct direction {
    bool known, scales;
    bool answered;           /* a SYN, with its own */
    unsigned shift;          /* window scale, RFC 7323 */
    uint32_t first, next;    /* its SYN; what comes after all that was seen */
    uint32_t hole, hole_end; /* what was skipped, and may come late */
};

struct connection {
    struct endpoint a, b;
    struct direction from_a, from_b;
    unsigned long used;
};

static struct connection connections[SETS][WAYS];

/* Sequence numbers wrap around: RFC 9293, 3.4. */
static bool before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

static uint32_t hash(const struct endpoint *endpoint)
{
    uint32_t sum = endpoint->port;

    for (size_t i = 0; i < sizeof endpoint->ip; i++)
        sum = sum * 31 + endpoint->ip[i];
    return sum * 2654435761U; /* Knuth's; its high bits are the mixed ones */
}

static struct connection *connection_of(const struct event *event)
{
    static unsigned long clock;
    uint32_t mixed = hash(&event->from) + hash(&event->to);
    struct connection *set = connections[mixed >> 20], *oldest = set;

    for (struct connection *c = set; c < set + WAYS; c++) {
        if ((endpoint_equal(&c->a, &event->from) &&
             endpoint_equal(&c->b, &event->to)) ||
            (endpoint_equal(&c->b, &event->from) &&
             endpoint_equal(&c->a, &event->to))) {
            c->used = ++clock;
            return c;
        }
        if (c->used < oldest->used)
            oldest = c;
    }
    *oldest =
        (struct connection){.a = event->from, .b = event->to, .used = ++clock};
    return oldest;
}

/* Does it hold a SYN, a FIN or data that was here before? Keep-alives and
 * window probes of Linux hold none of these. */
static bool seen_before(struct direction *own, uint32_t seq, uint32_t size)
{
    uint32_t end = seq + size;
    bool again = size > 0 && before(seq, own->next);

    if (again && own->hole != own->hole_end && !before(seq, own->hole) &&
        !before(own->hole_end, end)) {
        again = false;
        own->hole = end;
    } else if (size > 0 && before(own->next, seq)) {
        own->hole = own->next;
        own->hole_end = seq;
    }
    if (size > 0 && before(own->next, end))
        own->next = end;
    return again;
}

void flow_follow(struct event *event, unsigned flags, uint32_t seq,
                 uint32_t ack, int shift)
{
    struct connection *connection = connection_of(event);
    bool same = endpoint_equal(&connection->a, &event->from);
    struct direction *own = same ? &connection->from_a : &connection->from_b;
    struct direction *peer = same ? &connection->from_b : &connection->from_a;
    bool syn = flags & SYN, fin = flags & FIN;

    if (endpoint_equal(&event->from, &event->to))
        peer = own; /* a socket connected to itself */
    if (syn && (!own->known || seq != own->first)) {
        if (!(flags & ACK))
            peer->known = false; /* the same ports, a new connection */
        *own = (struct direction){.known = true, .first = seq, .next = seq};
    }
    if (!own->known)
        *own = (struct direction){.known = true, .first = seq - 1, .next = seq};
    if (flags & ACK && !peer->known)
        *peer =
            (struct direction){.known = true, .first = ack - 1, .next = ack};
    if (syn) {
        own->scales = shift >= 0;
        own->shift = own->scales ? (unsigned)shift : 0;
    } else if (own->scales && peer->scales) {
        event->window <<= own->shift;
    }
    event->seq = seq - own->first;
    event->ack = flags & ACK ? ack - peer->first : 0;
    event->retransmission =
        seen_before(own, seq, (uint32_t)event->length + syn + fin);
    if (syn && flags & ACK && !own->answered) {
        /* In a simultaneous open (RFC 9293, 3.5) the SYN comes twice, the
         * second time as an answer. */
        event->retransmission = false;
        own->answered = true;
    }
}
