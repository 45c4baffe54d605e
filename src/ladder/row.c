/*
 * row.c - see row.h.
 */
#include "row.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fit.h"

/* A call that takes longer has been shown to wait, whatever came meanwhile. */
enum { AT_ONCE = 20 * 1000 * 1000 /* nanoseconds */ };

enum { LEAST_ARROW = 6 }; /* columns of an arrow beside its label */

enum row_side actor_side(int actor)
{
    return actor == SERVER ? RIGHT : LEFT;
}

/* --- Rows ----------------------------------------------------------------- */

/* A child's number, a new one if it has none. */
static unsigned mark_of(struct row_style *style, pid_t child)
{
    for (size_t i = 0; i < ROW_MARKS; i++)
        if (style->marks[i].child == child)
            return style->marks[i].number;
    struct row_mark *mark = &style->marks[style->marked % ROW_MARKS];
    *mark = (struct row_mark){child, ++style->marked};
    return mark->number;
}

/* A number can be given to another process when its own is gone. */
static void forget_mark(struct row_style *style, pid_t child)
{
    for (size_t i = 0; i < ROW_MARKS; i++)
        if (style->marks[i].child == child)
            style->marks[i].child = 0;
}

/* "'a", "'z", "'aa": gives text. */
static const char *mark_text(unsigned number, char text[16])
{
    char *at = text + 15;

    *at = '\0';
    for (; number > 0; number = (number - 1) / 26)
        *--at = (char)('a' + (number - 1) % 26);
    *--at = '\'';
    memmove(text, at, strlen(at) + 1);
    return text;
}

/* What stands in front of a line: "2 " of several clients, "'a " of a child. */
static void prefix(struct row_style *style, int actor, pid_t child, char *text,
                   size_t size)
{
    size_t used = 0;
    char mark[16];

    text[0] = '\0';
    if (actor >= CLIENT && style->clients > 1)
        used = (size_t)snprintf(text, size, "%d ", actor - CLIENT + 1);
    if (child != 0)
        snprintf(text + used, size - used, "%s ",
                 mark_text(mark_of(style, child), mark));
}

/* Begins the cell of whoever acts; gives where its text goes on. */
static char *begin_cell(struct row *row, struct row_style *style, int actor,
                        pid_t child)
{
    struct cell *cell = &row->cells[actor_side(actor)];

    cell->actor = actor;
    prefix(style, actor, child, cell->text, sizeof cell->text);
    return cell->text + strlen(cell->text);
}

static bool is_accept(const struct event *event)
{
    return strncmp(event->call, "accept", 6) == 0;
}

/* Does it give an address, whose length is a value-result argument? */
static bool gives_length(const struct event *event)
{
    return event->error == 0 &&
           (is_accept(event) || strcmp(event->call, "getsockname") == 0 ||
            strcmp(event->call, "getpeername") == 0);
}

/* getsockopt's value is what it was called for. */
static bool gives_option(const struct event *event)
{
    return event->error == 0 && strcmp(event->call, "getsockopt") == 0;
}

/* An error that means harm. */
static bool is_failure(const struct event *event)
{
    return event->error != 0 && event->error < 512 && event->error != EAGAIN &&
           event->error != EINPROGRESS;
}

/* Why a call failed, its arguments tell; not why it was interrupted. */
static bool has_reason(const struct event *event)
{
    return is_failure(event) && event->error != EINTR;
}

/* Does a return tell more than its entry did, so that it is worth all its
 * arguments? accept's address comes as from_text, unless its length is worth to
 * be seen: [128 => 16]. */
static bool gives_arguments(const struct event *event)
{
    static const char *const giving[] = {
        "read",    "recv",    "poll",    "ppoll", "select",
        "pselect", "epoll_w", "epoll_p", "get",   "ioctl",
    };

    if (gives_length(event) && is_accept(event))
        return strstr(event->args, " => ") != NULL;
    for (size_t i = 0; i < sizeof giving / sizeof *giving; i++)
        if (event->error == 0 &&
            strncmp(event->call, giving[i], strlen(giving[i])) == 0)
            return true;
    return false;
}

static void call_row(struct row *row, const struct event *event,
                     struct row_style *style)
{
    struct call_parts parts = {.head = ""};
    char *text =
        begin_cell(row, style, event->actor, event->child ? event->pid : 0);
    size_t used = strlen(row->cells[actor_side(event->actor)].text);
    const char *dots = row->kind == ROW_RETURN ? "... " : "";

    if (row->kind == ROW_RETURN && !gives_arguments(event)) {
        snprintf(parts.head, sizeof parts.head, "... %.40s", event->call);
    } else {
        snprintf(parts.head, sizeof parts.head, "%s%.40s(", dots, event->call);
        snprintf(parts.args, sizeof parts.args, "%s", event->args);
    }
    if (row->kind == ROW_BEGIN) {
        size_t length = strlen(parts.args);
        snprintf(parts.args + length, sizeof parts.args - length, "%s...",
                 length > 0 ? ", " : "");
    } else {
        bool closed = strchr(parts.head, '(') != NULL;
        parts.whole = closed && (gives_length(event) || gives_option(event) ||
                                 has_reason(event));
        parts.tail[0] = ')';
        result_text(event, parts.tail + closed, sizeof parts.tail - 1);
        from_text(event, parts.args, parts.from, sizeof parts.from);
        if (event->changed != NULL)
            snprintf(parts.changed, sizeof parts.changed, " *%.40s*",
                     event->changed);
    }
    fit_call(&parts, (size_t)style->lanes[actor_side(event->actor)] - used,
             text, sizeof row->cells[0].text - used);
    row->alarm = is_failure(event);
}

/* "26 bytes FIN": ACK and PSH only where there is nothing else to tell. */
static void segment_label(struct row *row, const struct event *event,
                          const char *stranger)
{
    char flags[sizeof event->flags + 1] = "";
    bool plain = strstr(event->flags, "SYN") == NULL && event->length > 0;
    const char *word = event->flags;

    while (*word != '\0') {
        size_t length = strcspn(word, " ");
        bool skip = strncmp(word, "PSH", 3) == 0 ||
                    (plain && strncmp(word, "ACK", 3) == 0);
        if (!skip)
            snprintf(flags + strlen(flags), sizeof flags - strlen(flags),
                     " %.*s", (int)length, word);
        word += length + (word[length] == ' ');
    }
    char data[40] = "";
    if (event->udp || event->length > 0)
        snprintf(data, sizeof data, "%s%zu byte%s",
                 event->udp ? "datagram " : "", event->length,
                 event->length == 1 ? "" : "s");
    snprintf(row->label, sizeof row->label, "%s%s%s%s", data,
             flags + (data[0] == '\0' && flags[0] == ' '),
             event->retransmission ? ", retransmission" : "", stranger);
    row->alarm = event->retransmission || strstr(event->flags, "RST") != NULL;
}

/* A segment between two of one lane is drawn as text: "SYN -> 2". */
static void segment_within(struct row *row, const struct event *event,
                           struct row_style *style)
{
    char *text = begin_cell(row, style, event->from_actor, 0);
    const char *arrow = style->ascii ? "->" : "→";

    row->kind = ROW_CALL;
    if (event->from_actor == event->to_actor)
        snprintf(text, 200, "%s %s itself", row->label, arrow);
    else
        snprintf(text, 200, "%s %s %d", row->label, arrow,
                 event->to_actor - CLIENT + 1);
}

static void segment_row(struct row *row, const struct event *event,
                        struct row_style *style)
{
    bool from_known = event->from_actor != WIRE;
    bool to_known = event->to_actor != WIRE;
    char from[80] = "", to[80] = "", stranger[180] = "";

    if (!from_known && event->from.family != 0)
        endpoint_text(&event->from, from);
    if (!to_known && event->to.family != 0)
        endpoint_text(&event->to, to);
    snprintf(stranger, sizeof stranger, "%s%s%s%s",
             from[0] == '\0' ? "" : " from ", from, to[0] == '\0' ? "" : " to ",
             to);
    segment_label(row, event, stranger);
    if (style->seq && !event->udp) {
        char ack[20] = "";
        if (strstr(event->flags, "ACK") != NULL)
            snprintf(ack, sizeof ack, " ack %u", event->ack);
        snprintf(row->numbers, sizeof row->numbers, "seq %u%s win %u",
                 event->seq, ack, event->window);
    }
    if (from_known && to_known &&
        actor_side(event->from_actor) == actor_side(event->to_actor)) {
        segment_within(row, event, style);
        return;
    }
    /* Strangers: the higher port is most likely the client's. */
    if (from_known)
        row->head = actor_side(event->from_actor) == LEFT ? RIGHT : LEFT;
    else if (to_known)
        row->head = actor_side(event->to_actor);
    else
        row->head = event->from.port < event->to.port ? LEFT : RIGHT;
    if (from_known)
        begin_cell(row, style, event->from_actor, 0);
    if (to_known)
        begin_cell(row, style, event->to_actor, 0);
}

int row_arrow(const struct row *row, const struct row_style *style)
{
    int label = text_columns(row->label) + LEAST_ARROW + 1;

    if (style->arrow == 0)
        return 0;
    if (row->numbers[0] != '\0')
        label += text_columns(row->numbers) + 2;
    label = (label + 1) / 2;
    if (label > style->lanes[LEFT])
        label = style->lanes[LEFT];
    return label > style->arrow ? label : style->arrow;
}

int cell_lines(const struct cell *cell)
{
    return strchr(cell->text, '\n') == NULL ? 1 : 2;
}

int row_lines(const struct row *row)
{
    return cell_lines(&row->cells[LEFT]) > 1 ? 2
                                             : cell_lines(&row->cells[RIGHT]);
}

const char *cell_line(const struct cell *cell, int n, char line[CELL_TEXT])
{
    const char *text = n == 0 ? cell->text : strchr(cell->text, '\n') + 1;

    snprintf(line, CELL_TEXT, "%.*s", (int)strcspn(text, "\n"), text);
    return line;
}

/* A queue is told with LISTEN, always: beside an accept() it would pass for
 * the new descriptor's. */
static void state_text(const struct event *event, char *text, size_t size)
{
    if (event->waiting >= 0) /* Linux takes one more than the backlog */
        snprintf(text, size, "[%s, %ld of %ld waiting]", event->state,
                 event->waiting, event->backlog + 1);
    else if (event->unread > 0 && event->unsent > 0)
        snprintf(text, size, "[%s, %ld unread, %ld unsent]", event->state,
                 event->unread, event->unsent);
    else if (event->unread > 0)
        snprintf(text, size, "[%s, %ld byte%s unread]", event->state,
                 event->unread, event->unread == 1 ? "" : "s");
    else if (event->unsent > 0)
        snprintf(text, size, "[%s, %ld byte%s unsent]", event->state,
                 event->unsent, event->unsent == 1 ? "" : "s");
    else
        snprintf(text, size, "[%s]", event->state);
}

/* Adds a state to its owner's cell, if there is room. A row of states alone
 * has room for its first, however long it is. */
static bool add_state(struct row *row, struct row_style *style,
                      const struct event *event)
{
    struct cell *cell = &row->cells[actor_side(event->actor)];
    struct cell old = *cell;
    int room = style->lanes[actor_side(event->actor)];
    char state[sizeof cell->states], line[CELL_TEXT];

    if (cell->actor != WIRE && cell->actor != event->actor)
        return false;
    if (row->kind == ROW_ARROW && style->arrow > 0)
        room -= row_arrow(row, style) + 1;
    if (cell->actor == WIRE)
        begin_cell(row, style, event->actor, 0);
    room -= text_columns(cell_line(cell, cell_lines(cell) - 1, line)) +
            text_columns(cell->states);
    if (row->kind != ROW_ARROW && row->kind != ROW_STATE)
        room -= 2;
    if (cell->states[0] != '\0')
        room--;

    state_text(event, state, sizeof state);
    /* An empty queue is no news when listen() has just made it. */
    if (event->waiting == 0 && strstr(cell->text, "listen") != NULL)
        snprintf(state, sizeof state, "[%s]", event->state);
    bool first = row->kind == ROW_STATE && old.states[0] == '\0';
    size_t length = strlen(cell->states);
    if ((text_columns(state) > room && !first) ||
        length + 1 + strlen(state) >= sizeof cell->states) {
        *cell = old;
        return false;
    }
    snprintf(cell->states + length, sizeof cell->states - length, "%s%s",
             length > 0 ? " " : "", state);
    return true;
}

static void other_row(struct row *row, const struct event *event,
                      struct row_style *style)
{
    char *text =
        begin_cell(row, style, event->actor, event->child ? event->pid : 0);
    size_t size = sizeof row->cells[0].text / 2;
    char mark[16], what[64];

    switch (event->kind) {
    case EVENT_OUTPUT:
    case EVENT_NOTE:
        row->kind = ROW_OUTPUT;
        memcpy(text,
               event->kind == EVENT_NOTE ? "# "
               : event->descriptor == 2  ? "! "
                                         : "| ",
               3);
        clean_text(event->text, event->length, style->ascii, text + 2,
                   size - 2);
        break;
    case EVENT_SIGNAL:
        snprintf(text, size, "-- %s --", signal_name(event->number));
        break;
    case EVENT_FORK:
        forget_mark(style, (pid_t)event->result);
        mark_text(mark_of(style, (pid_t)event->result), mark);
        snprintf(text, size, "%.16s = %lld  (%s)%s", event->call, event->result,
                 mark, event->changed == NULL ? "" : " *late*");
        break;
    default:
        exit_text(event, what, sizeof what);
        snprintf(text, size, "%s", what);
    }
}

bool row_begin(struct row *row, struct row_style *style,
               const struct event *event)
{
    memset(row, 0, sizeof *row);
    row->time = event->time;
    row->pid = event->pid;
    row->actor = event->actor;
    row->cells[LEFT].actor = row->cells[RIGHT].actor = WIRE;
    if (event->kind != EVENT_SEGMENT && event->kind != EVENT_NOTE &&
        (event->actor < SERVER || event->actor >= MOST_ACTORS))
        return false;

    switch (event->kind) {
    case EVENT_CALL:
    case EVENT_RETURN:
        row->kind = event->kind == EVENT_CALL ? ROW_BEGIN : ROW_RETURN;
        call_row(row, event, style);
        break;
    case EVENT_SEGMENT:
        row->kind = ROW_ARROW;
        segment_row(row, event, style);
        break;
    case EVENT_STATE:
        row->kind = ROW_STATE;
        return add_state(row, style, event);
    default:
        row->kind = ROW_CALL;
        other_row(row, event, style);
    }
    return true;
}

bool row_join(struct row *row, struct row_style *style,
              const struct event *event)
{
    bool bare = row->cells[LEFT].states[0] == '\0' &&
                row->cells[RIGHT].states[0] == '\0';

    if (event->kind == EVENT_RETURN && row->kind == ROW_BEGIN &&
        event->pid == row->pid && event->time - row->time <= AT_ONCE && bare) {
        row->kind = ROW_CALL;
        row->time = event->time;
        call_row(row, event, style);
        return true;
    }
    return event->kind == EVENT_STATE && event->time == row->time &&
           row->kind != ROW_OUTPUT && event->actor >= SERVER &&
           event->actor < MOST_ACTORS && add_state(row, style, event);
}
