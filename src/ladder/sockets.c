/*
 * sockets.c - see sockets.h.
 *
 * Over loopback a whole handshake happens inside connect(2): whoever asks the
 * kernel then is told ESTABLISHED, and has missed two states. So each end of
 * each connection is followed by its segments (RFC 9293, 3.3.2), and the
 * kernel's word corrects that. When may it?
 *
 * - Its word is of now, which can be ahead of segments that nobody has drawn.
 *   It counts only if, after it was given, no segment waits on the wire: the
 *   wire has each before TCP gets it, so all that led to that state were drawn.
 * - For the same reason we can be ahead of it, by the microseconds that TCP
 *   needs for a segment. So a word that is behind us, or beside us, counts only
 *   when the connection has been silent for a while.
 * - It is asked at the return of calls that may change a state without a
 *   segment, about that actor's connections that had segments since the last
 *   time. Plain data costs no question, and none needs a list of all sockets.
 */
#include "sockets-parts.h"

#include "calls.h"
#include "wire.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* What we keep is bounded; what was used least lately makes room. */
enum { SETS = 4096, WAYS = 8 };

enum {
    LOOKS = 32,         /* questions at one call's return */
    SILENCE = 10000000, /* nanoseconds */
    UNKNOWN = 0,        /* beside TCP_ESTABLISHED and so on */
};

/* One end of a connection. */
struct end {
    struct endpoint local, peer;
    int actor, state;
    bool asked; /* ...the kernel who owns it */
    bool fin_sent, fin_got;
    uint32_t fin;      /* the ACK of its FIN */
    uint32_t peer_fin; /* the ACK of its peer's */
    long long touched; /* when its last segment came */
    unsigned long used;
    bool listed;      /* it is on a list of `unsure`, */
    struct end *next; /* whatever end now lives in this place */
};

static struct end ends[SETS][WAYS];
static struct end *unsure[MOST_ACTORS + 1]; /* by actor + 1 */
static bool opened;

/* --- Ends --------------------------------------------------------------- */

static uint32_t hash(const struct endpoint *endpoint, uint32_t sum)
{
    for (size_t i = 0; i < sizeof endpoint->ip; i += 4) {
        uint32_t part;
        memcpy(&part, endpoint->ip + i, sizeof part);
        sum = sum * 31 + part;
    }
    return (sum * 31 + endpoint->port) * 2654435761U; /* Knuth's */
}

static struct end *end_at(const struct endpoint *local,
                          const struct endpoint *peer)
{
    static unsigned long clock;
    struct end *set = ends[hash(peer, hash(local, 0)) >> 20], *oldest = set;

    for (struct end *end = set; end < set + WAYS; end++) {
        if (endpoint_equal(&end->local, local) &&
            endpoint_equal(&end->peer, peer)) {
            end->used = ++clock;
            return end;
        }
        if (end->used < oldest->used)
            oldest = end;
    }
    *oldest = (struct end){.local = *local,
                           .peer = *peer,
                           .actor = WIRE,
                           .used = ++clock,
                           .listed = oldest->listed,
                           .next = oldest->next};
    return oldest;
}

static void begin_anew(struct end *end)
{
    end->state = UNKNOWN;
    end->asked = end->fin_sent = end->fin_got = false;
}

static void doubt(struct end *end)
{
    if (end->listed || end->actor == WIRE)
        return;
    end->listed = true;
    end->next = unsure[end->actor + 1];
    unsure[end->actor + 1] = end;
}

/* The last known owner stays, also when the socket is gone. */
static void find_owner(struct end *end, bool connects)
{
    struct word word = {0};
    int actor = WIRE;

    if (end->asked)
        return;
    end->asked = true;
    if (diag_one(IPPROTO_TCP, &end->local, &end->peer, &word))
        actor = owner_of(word.inode);
    if (actor == WIRE && listener_at(&end->local) != NULL)
        actor = listener_at(&end->local)->actor;
    if (actor == WIRE && connects)
        actor = connecting_to(&end->peer);
    if (actor != WIRE)
        end->actor = actor;
}

void sockets_assign(struct event *segment)
{
    const struct endpoint *from = &segment->from, *to = &segment->to;
    struct word word = {0};

    if (segment->udp) {
        if (diag_one(IPPROTO_UDP, from, to, &word))
            segment->from_actor = owner_of(word.inode);
        if (diag_one(IPPROTO_UDP, to, from, &word))
            segment->to_actor = owner_of(word.inode);
        return;
    }
    struct end *sender = end_at(from, to), *receiver = end_at(to, from);
    bool first = strcmp(segment->flags, "SYN") == 0;
    if (first && !segment->retransmission) {
        begin_anew(sender);
        if (receiver->state != TCP_SYN_SENT) /* else both call each other */
            begin_anew(receiver);
    }
    find_owner(sender, first);
    find_owner(receiver, false);
    segment->from_actor = sender->actor;
    segment->to_actor = receiver->actor;
}

/* --- Telling ------------------------------------------------------------ */

struct event change_of(const struct teller *teller, int actor, int state,
                       const struct endpoint *local)
{
    static const char *const names[] = {
        [TCP_ESTABLISHED] = "ESTABLISHED",
        [TCP_SYN_SENT] = "SYN-SENT",
        [TCP_SYN_RECV] = "SYN-RECEIVED",
        [TCP_FIN_WAIT1] = "FIN-WAIT-1",
        [TCP_FIN_WAIT2] = "FIN-WAIT-2",
        [TCP_TIME_WAIT] = "TIME-WAIT",
        [TCP_CLOSE] = "CLOSED",
        [TCP_CLOSE_WAIT] = "CLOSE-WAIT",
        [TCP_LAST_ACK] = "LAST-ACK",
        [TCP_LISTEN] = "LISTEN",
        [TCP_CLOSING] = "CLOSING",
    };
    struct event change = {.kind = EVENT_STATE,
                           .time = teller->cause->time,
                           .actor = actor,
                           .from = *local,
                           .from_actor = actor,
                           .to_actor = WIRE,
                           .waiting = -1,
                           .backlog = -1};

    snprintf(change.state, sizeof change.state, "%s", names[state]);
    return change;
}

/* Linux counts a FIN or a SYN in its queues like a byte. */
static void set_queues(struct event *change, const struct word *word)
{
    int state = word->state;
    bool fin_came = state == TCP_CLOSE_WAIT || state == TCP_CLOSING ||
                    state == TCP_LAST_ACK;
    bool unanswered = state == TCP_SYN_SENT || state == TCP_FIN_WAIT1 ||
                      state == TCP_CLOSING || state == TCP_LAST_ACK;

    change->unread = word->received - (fin_came && word->received > 0);
    change->unsent = word->sent - (unanswered && word->sent > 0);
}

/* `word` is the kernel's where we have it. Where not, it is asked for the
 * bytes once a close has begun, which is when they matter; they are told if
 * the socket is still in that state. */
static void move(struct end *end, int state, const struct word *word,
                 const struct teller *teller)
{
    struct word now = {0};

    if (end->state == state)
        return;
    end->state = state;
    if (end->actor == WIRE)
        return;
    struct event change = change_of(teller, end->actor, state, &end->local);
    change.to = end->peer;
    if (word == NULL && state != TCP_SYN_SENT && state != TCP_SYN_RECV &&
        state != TCP_ESTABLISHED && state != TCP_TIME_WAIT &&
        state != TCP_CLOSE &&
        diag_one(IPPROTO_TCP, &end->local, &end->peer, &now))
        word = &now;
    if (word != NULL && word->state == state && state != TCP_CLOSE)
        set_queues(&change, word);
    teller->emit(&change);
}

/* --- By segments -------------------------------------------------------- */

enum happening {
    SENT_SYN,
    SENT_SYN_ACK,
    SENT_FIN,
    SENT_FIN_CROSSING, /* one that does not acknowledge its peer's */
    GOT_SYN,
    GOT_SYN_ACK,
    GOT_ACK,
    GOT_ACK_OF_FIN,
    GOT_FIN,
};

/* RFC 9293, figure 5. Who sends a SYN-ACK has received the SYN: so it is not
 * said of a listener whose queue was full, and who dropped it. */
static const struct {
    enum happening what;
    int from, to;
} steps[] = {
    {SENT_SYN, UNKNOWN, TCP_SYN_SENT},
    {SENT_SYN, TCP_CLOSE, TCP_SYN_SENT},
    {SENT_SYN_ACK, UNKNOWN, TCP_SYN_RECV},
    {SENT_SYN_ACK, TCP_CLOSE, TCP_SYN_RECV},
    {GOT_SYN, TCP_SYN_SENT, TCP_SYN_RECV}, /* simultaneous open */
    {GOT_SYN_ACK, TCP_SYN_SENT, TCP_ESTABLISHED},
    {GOT_ACK, TCP_SYN_RECV, TCP_ESTABLISHED},
    {SENT_FIN, TCP_SYN_RECV, TCP_FIN_WAIT1},
    {SENT_FIN, TCP_ESTABLISHED, TCP_FIN_WAIT1},
    {SENT_FIN, TCP_CLOSE_WAIT, TCP_LAST_ACK},
    /* The other's FIN had arrived, and TCP had not come to it: both close. */
    {SENT_FIN_CROSSING, TCP_CLOSE_WAIT, TCP_CLOSING},
    {GOT_ACK_OF_FIN, TCP_FIN_WAIT1, TCP_FIN_WAIT2},
    {GOT_ACK_OF_FIN, TCP_CLOSING, TCP_TIME_WAIT},
    {GOT_ACK_OF_FIN, TCP_LAST_ACK, TCP_CLOSE},
    {GOT_FIN, TCP_ESTABLISHED, TCP_CLOSE_WAIT},
    {GOT_FIN, TCP_FIN_WAIT1, TCP_CLOSING},
    {GOT_FIN, TCP_FIN_WAIT2, TCP_TIME_WAIT},
};

static bool step(struct end *end, enum happening what,
                 const struct teller *teller)
{
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (steps[i].what == what && steps[i].from == end->state) {
            move(end, steps[i].to, NULL, teller);
            return true;
        }
    return false;
}

/* The handshake's last ACK: the connection joins the listener's queue. Linux
 * drops that ACK while the queue is full, and it holds backlog + 1. */
static void finish_handshake(struct end *end, const struct teller *teller)
{
    struct listener *listener = listener_at(&end->local);
    bool alive = listener != NULL && !listener->gone;

    if (alive && listener->waiting > listener->backlog)
        return;
    step(end, GOT_ACK, teller);
    if (alive) {
        listener->waiting++;
        tell_listener(listener, teller);
    }
}

static void reset(struct end *end, const struct teller *teller)
{
    if (end->state != UNKNOWN)
        move(end, TCP_CLOSE, NULL, teller);
}

static void sent(struct end *end, const struct event *segment,
                 const struct teller *teller)
{
    bool ack = strstr(segment->flags, "ACK") != NULL;

    if (strstr(segment->flags, "SYN") != NULL)
        step(end, ack ? SENT_SYN_ACK : SENT_SYN, teller);
    if (strstr(segment->flags, "FIN") != NULL) {
        end->fin_sent = true;
        end->fin = segment->seq + (uint32_t)segment->length + 1;
        bool crosses =
            end->fin_got && (int32_t)(segment->ack - end->peer_fin) < 0;
        if (!crosses || !step(end, SENT_FIN_CROSSING, teller))
            step(end, SENT_FIN, teller);
    }
    if (strstr(segment->flags, "RST") != NULL)
        reset(end, teller);
}

static void got(struct end *end, const struct event *segment,
                const struct teller *teller)
{
    bool ack = strstr(segment->flags, "ACK") != NULL;

    if (strstr(segment->flags, "RST") != NULL) {
        reset(end, teller);
        return;
    }
    if (ack && end->state == TCP_SYN_RECV && segment->ack != 0)
        finish_handshake(end, teller);
    if (strstr(segment->flags, "SYN") != NULL)
        step(end, ack ? GOT_SYN_ACK : GOT_SYN, teller);
    if (ack && end->fin_sent && (int32_t)(segment->ack - end->fin) >= 0)
        step(end, GOT_ACK_OF_FIN, teller);
    if (strstr(segment->flags, "FIN") != NULL) {
        end->fin_got = true;
        end->peer_fin = segment->seq + (uint32_t)segment->length + 1;
        step(end, GOT_FIN, teller);
    }
}

static void follow(const struct event *segment, const struct teller *teller)
{
    struct end *sender = end_at(&segment->from, &segment->to);
    struct end *receiver = end_at(&segment->to, &segment->from);

    sent(sender, segment, teller);
    got(receiver, segment, teller);
    sender->touched = receiver->touched = segment->time;
    doubt(sender);
    doubt(receiver);
}

/* --- By the kernel's word ----------------------------------------------- */

static bool wire_is_open(void)
{
    int fds[2];

    return wire_descriptors(fds) > 0;
}

bool segments_wait(void)
{
    int fds[2];
    struct pollfd inputs[2];
    size_t count = wire_descriptors(fds);

    for (size_t i = 0; i < count; i++)
        inputs[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
    return count > 0 && poll(inputs, count, 0) > 0;
}

/* How far a connection in that state has come. */
static int progress(int state)
{
    static const int far[] = {
        [TCP_SYN_SENT] = 1,  [TCP_SYN_RECV] = 2,    [TCP_ESTABLISHED] = 3,
        [TCP_FIN_WAIT1] = 4, [TCP_CLOSE_WAIT] = 4,  [TCP_FIN_WAIT2] = 5,
        [TCP_CLOSING] = 5,   [TCP_LAST_ACK] = 5,    [TCP_TIME_WAIT] = 6,
        [TCP_CLOSE] = 7,     [TCP_CLOSING + 1] = 0,
    };
    return state < TCP_CLOSING + 1 ? far[state] : 0;
}

/* See the top of this file. With SYN cookies (RFC 4987, 3.6) the kernel knows
 * nothing of a handshake, until it is done. */
static bool believable(const struct end *end, int state, long long time)
{
    bool cookie = end->state == TCP_SYN_RECV && state == TCP_CLOSE;

    return (progress(state) > progress(end->state) && !cookie) ||
           time - end->touched > SILENCE;
}

/* Gives false if it must be asked about again. */
static bool confirm(struct end *end, const struct teller *teller)
{
    struct word word = {0};

    if (end->state == TCP_CLOSE || end->state == TCP_TIME_WAIT)
        return true;
    if (!diag_one(IPPROTO_TCP, &end->local, &end->peer, &word) ||
        progress(word.state) == 0) /* a listener on that port, say */
        word = (struct word){.state = TCP_CLOSE};
    if (segments_wait())
        return false;
    if (owner_of(word.inode) != WIRE)
        end->actor = owner_of(word.inode);
    if (end->state == UNKNOWN && word.state == TCP_CLOSE)
        return true;
    if (word.state != end->state &&
        believable(end, word.state, teller->cause->time))
        move(end, word.state, &word, teller);
    /* Only these change by nothing but a segment, if all was acknowledged. */
    return wire_is_open() && word.state == end->state && word.sent == 0 &&
           (word.state == TCP_ESTABLISHED || word.state == TCP_CLOSE_WAIT ||
            word.state == TCP_FIN_WAIT2);
}

static void confirm_all(int actor, const struct teller *teller)
{
    struct end *list = unsure[actor + 1];
    int looks = 0;

    unsure[actor + 1] = NULL;
    while (list != NULL) {
        struct end *end = list;
        list = end->next;
        end->listed = false;
        if (looks++ >= LOOKS || !confirm(end, teller))
            doubt(end);
    }
}

/* Without the wire (no CAP_NET_RAW) all that is known is the kernel's word. */
static void note_connection(const struct word *word, void *context)
{
    const struct listener *listener = listener_at(&word->local);
    int actor = owner_of(word->inode);

    (void)context;
    if (actor == WIRE && listener != NULL)
        actor = listener->actor;
    if (actor == WIRE || word->peer.port == 0)
        return;
    struct end *end = end_at(&word->local, &word->peer);
    /* What nobody has open, and was never seen before, is of an earlier run. */
    if (end->actor == WIRE && word->inode == 0 &&
        word->state != TCP_ESTABLISHED && word->state != TCP_SYN_RECV)
        return;
    end->actor = actor;
    doubt(end);
}

/* --- Called from outside ------------------------------------------------ */

int sockets_open(void)
{
    opened = diag_open() == 0;
    return opened ? 0 : -1;
}

struct search {
    pid_t holder;
    unsigned long inode;
    struct word found;
};

static void match_inode(const struct word *word, void *context)
{
    struct search *search = context;

    if (word->inode == search->inode)
        search->found = *word;
}

static void match_holder(const struct word *word, void *context)
{
    struct search *search = context;

    if (search->holder == 0 || holds_socket(search->holder, word->inode))
        search->inode = word->inode;
}

bool sockets_find_listener(pid_t holder, unsigned long *inode)
{
    struct search search = {.holder = holder};

    if (!opened ||
        diag_all(IPPROTO_TCP, 1 << TCP_LISTEN, match_holder, &search) == -1 ||
        search.inode == 0)
        return false;
    *inode = search.inode;
    sockets_own(*inode, SERVER);
    return true;
}

bool sockets_addresses(unsigned long inode, struct endpoint *local,
                       struct endpoint *peer)
{
    struct search search = {.inode = inode};

    if (!opened || inode == 0)
        return false;
    if (listener_of(inode) != NULL) {
        *local = listener_of(inode)->local;
        *peer = (struct endpoint){0};
        return true;
    }
    /* Bit 13 stands for sockets that are bound and no more, since Linux 6.8. */
    (void)diag_all(IPPROTO_TCP, ~0U, match_inode, &search);
    if (search.found.inode == 0)
        (void)diag_all(IPPROTO_UDP, ~0U, match_inode, &search);
    *local = search.found.local;
    *peer = search.found.peer;
    return search.found.inode != 0;
}

bool is_success(const struct event *cause, const char *call)
{
    return cause->kind == EVENT_RETURN && cause->error == 0 &&
           strncmp(cause->call, call, strlen(call)) == 0;
}

/* May the call have changed the state of a socket without a segment, or more
 * than its segments tell? An error may: ETIMEDOUT, and what comes after. */
static bool may_change(const struct event *cause)
{
    static const char *const calls[] = {
        "listen",   "accept", "accept4", "connect", "close",   "close_range",
        "shutdown", "dup2",   "dup3",    "execve",  "execveat"};

    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (strcmp(cause->call, calls[i]) == 0)
            return true;
    return cause->error != 0 && cause->error != EAGAIN &&
           cause->error != EINTR && cause->error != EBADF;
}

void sockets_changes(const struct event *cause,
                     void (*emit)(const struct event *change))
{
    struct teller teller = {.cause = cause, .emit = emit};
    bool call = cause->kind == EVENT_CALL || cause->kind == EVENT_RETURN;

    if (!opened)
        return;
    if (cause->kind == EVENT_SEGMENT && !cause->udp)
        follow(cause, &teller);
    if (cause->kind == EVENT_EXIT ||
        (call && strcmp(cause->call, "connect") == 0))
        note_connect(cause);
    if (cause->kind != EVENT_EXIT &&
        (cause->kind != EVENT_RETURN || !may_change(cause)))
        return;
    if (listens(cause->actor) || is_success(cause, "listen"))
        look_at_listeners(&teller);
    if (wire_is_open()) {
        confirm_all(cause->actor, &teller);
        return;
    }
    (void)diag_all(IPPROTO_TCP, ~0U, note_connection, NULL);
    for (int actor = SERVER; actor < MOST_ACTORS; actor++)
        confirm_all(actor, &teller);
}
