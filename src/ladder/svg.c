/*
 * svg.c - the ladder as a picture for slides and pages (SVG 1.1, and CSS for
 * light and dark): the clients' calls at the left, the server's at the right,
 * each beside its lifeline; a call that waits is a bar on it.
 *
 * Each row is written to memory when the next one begins; the height, which
 * stands in front of all, is known at the end.
 */
#include "row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fit.h"

enum { MOST_ROWS = 5000, MOST_BARS = 256, MOST_LINES = 6 };

/* In user units. A character of the text is 9 wide. */
enum {
    WIDTH = 960,
    MARGIN = 10,
    HEADING = 32,     /* the headings' base line */
    HEADING_ROW = 21, /* between two clients' headings */
    ROW = 26,         /* a row of one line */
    LINE = 20,        /* ...and each further one */
    BASE = 18,        /* from a row's top to its text's base line */
    CHARACTER = 9,
    STATE_CHARACTER = 8,
    SMALL_CHARACTER = 7,
    LEFT_LINE = 374,  /* the last client's lifeline */
    RIGHT_LINE = 582, /* the server's */
    GAP = 12,         /* between a lifeline and what stands beside it */
    BAR = 8,
};

/* A call that waits: the bar from `top` to the row where it returns. */
struct bar {
    pid_t pid; /* 0: free */
    int actor, x, top;
};

static struct view_options options;
static struct row_style style;
static char *file_name;
static FILE *body;
static char *body_text;
static size_t body_size;
static struct row last;
static bool pending;
static char last_title[1600]; /* of the last row: all that happened in it */
static struct bar bars[MOST_BARS];
static unsigned long rows, left_out;
static int bottom;   /* where the next row begins */
static bool crossed; /* an arrow was drawn: there is a wire to be seen */

/* --- Writing
 * ------------------------------------------------------------------ */

static void put_escaped(FILE *out, const char *text)
{
    size_t length = strlen(text), count;
    uint32_t code = 0;

    for (size_t i = 0; i < length; i += count) {
        count = utf8_next(text + i, length - i, &code);
        if (count == 0 || (code < ' ' && code != '\n')) {
            count = 1; /* a character that was cut */
            putc('?', out);
        } else if (code == '<') {
            fputs("&lt;", out);
        } else if (code == '>') {
            fputs("&gt;", out);
        } else if (code == '&') {
            fputs("&amp;", out);
        } else {
            fwrite(text + i, 1, count, out);
        }
    }
}

static void put_text(FILE *out, int x, int y, const char *class,
                     const char *text)
{
    fprintf(out, "<text x=\"%d\" y=\"%d\" class=\"%s\">", x, y, class);
    put_escaped(out, text);
    fputs("</text>\n", out);
}

/* --- Places
 * ------------------------------------------------------------------- */

/* The clients' lifelines stand side by side, the last one next to the wire. */
static int lifeline(int actor)
{
    if (actor == SERVER)
        return RIGHT_LINE;
    int distance = style.clients > 6 ? 6 : 14;
    return LEFT_LINE - ((int)style.clients - actor) * distance;
}

/* Where the first row begins: under the headings. */
static int top(void)
{
    int clients = style.clients > 0 ? (int)style.clients : 1;

    return HEADING + (clients - 1) * HEADING_ROW + 32;
}

static int lane_start(int actor)
{
    return actor == SERVER ? RIGHT_LINE + BAR / 2 + GAP : MARGIN;
}

static const char *actor_class(int actor, char class[16])
{
    snprintf(class, 16, actor == SERVER ? "s" : "c%d", (actor - CLIENT) % 4);
    return class;
}

/* --- Bars
 * --------------------------------------------------------------------- */

static void open_bar(const struct row *row)
{
    struct bar *bar = NULL;
    int beside = 0;

    for (size_t i = 0; i < MOST_BARS; i++) {
        if (bars[i].pid == 0)
            bar = bar == NULL ? &bars[i] : bar;
        else if (bars[i].actor == row->actor)
            beside++; /* another thread waits: the bars overlap in part */
    }
    if (bar == NULL)
        return;
    int x = lifeline(row->actor) - BAR / 2 + beside % 3 * BAR / 2;
    *bar = (struct bar){row->pid, row->actor, x, bottom + ROW / 2};
}

static void put_bar(struct bar *bar, int end)
{
    char class[16];

    fprintf(body,
            "<rect class=\"bar %s\" x=\"%d\" y=\"%d\" width=\"%d\" "
            "height=\"%d\" rx=\"2\"/>\n",
            actor_class(bar->actor, class), bar->x, bar->top, BAR,
            end - bar->top);
    bar->pid = 0;
}

static void close_bar(pid_t pid, int end)
{
    for (size_t i = 0; i < MOST_BARS; i++)
        if (bars[i].pid == pid && pid != 0)
            put_bar(&bars[i], end);
}

/* --- Rows
 * --------------------------------------------------------------------- */

/* The states of a cell, each in a box; `x` is the first one's left, or the
 * last one's right edge, `y` the line's top. */
static void put_states(const char *states, int x, int y, bool from_right)
{
    char text[sizeof last.cells[0].states];
    int width = 0;

    snprintf(text, sizeof text, "%s", states);
    for (const char *c = text; *c != '\0'; c++) {
        bool between = *c == '[' || (*c == ' ' && c[1] == '[');
        width += *c == ']' ? GAP + 4 : between ? 0 : STATE_CHARACTER;
    }
    x -= from_right ? width - 4 : 0;
    for (char *state = strtok(text, "[]"); state != NULL;
         state = strtok(NULL, "[]")) {
        if (*state == ' ')
            continue;
        width = (int)strlen(state) * STATE_CHARACTER + GAP;
        fprintf(body,
                "<rect class=\"state\" x=\"%d\" y=\"%d\" width=\"%d\" "
                "height=\"%d\" rx=\"6\"/>\n",
                x, y + 3, width, ROW - 6);
        put_text(body, x + width / 2, y + BASE - 1, "st", state);
        x += width + 4;
    }
}

static void put_cell(const struct row *row, enum row_side side)
{
    const struct cell *cell = &row->cells[side];
    char class[24], actor[16], line[CELL_TEXT] = "";
    int x = lane_start(cell->actor), y = bottom;

    if (cell->actor == WIRE)
        return;
    snprintf(class, sizeof class, "%s%s", actor_class(cell->actor, actor),
             row->alarm && row->actor == cell->actor ? " alarm" : "");
    for (int n = 0; n < cell_lines(cell); n++) {
        y = bottom + n * LINE;
        if (cell_line(cell, n, line)[0] != '\0')
            put_text(body, x, y + BASE, class, line);
    }
    if (side == LEFT)
        put_states(cell->states, lifeline(CLIENT) - GAP, y, true);
    else
        put_states(cell->states,
                   x + (line[0] == '\0' || row->kind == ROW_ARROW
                            ? 0
                            : (text_columns(line) + 1) * CHARACTER),
                   y, false);
}

/* The arrow's ends, its line, its head, its label above it. */
static void put_arrow(const struct row *row)
{
    const struct cell *left = &row->cells[LEFT], *right = &row->cells[RIGHT];
    int middle = (LEFT_LINE + RIGHT_LINE) / 2;
    int x1 = left->actor == WIRE ? LEFT_LINE + GAP : lifeline(left->actor);
    int x2 = right->actor == WIRE ? RIGHT_LINE - GAP : RIGHT_LINE;
    int from = row->head == RIGHT ? x1 + 2 : x2 - 2;
    int to = row->head == RIGHT ? x2 - 2 : x1 + 2;
    int y = bottom + ROW - 3, back = row->head == RIGHT ? -9 : 9;
    char class[24], actor[16];

    snprintf(class, sizeof class, "%s",
             row->alarm            ? "alarm"
             : left->actor == WIRE ? "s"
                                   : actor_class(left->actor, actor));
    fprintf(body, "<path class=\"arrow %s\" d=\"M%d %dH%d\"/>\n", class, from,
            y, to + back / 2);
    fprintf(body, "<path class=\"head %s\" d=\"M%d %dl%d -5v10z\"/>\n", class,
            to, y, back);
    /* A label that is too long for the gap is in smaller letters, or cut. */
    bool small = text_columns(row->label) * CHARACTER > RIGHT_LINE - LEFT_LINE;
    int columns =
        (RIGHT_LINE - LEFT_LINE) / (small ? SMALL_CHARACTER : CHARACTER);
    char label[sizeof row->label], classes[40];
    clean_text(row->label, strlen(row->label), true, label,
               (size_t)columns + 1);
    snprintf(classes, sizeof classes, "%s %s", small ? "small" : "label",
             class);
    put_text(body, middle, y - 6, classes, label);
    if (row->numbers[0] != '\0')
        put_text(body, middle, y + 14, "small", row->numbers);
}

/* A program's output, or a note, in as many lines as it needs; gives how many.
 */
static int put_output(const struct row *row)
{
    const struct cell *cell = &row->cells[actor_side(row->actor)];
    const char *text = cell->text, *mark = strpbrk(text, "|!#");
    int lead = (int)(mark + 2 - text), lines = 0, x = lane_start(row->actor);

    while (*text != '\0' && lines < MOST_LINES) {
        int hang = lines == 0 ? 0 : lead;
        size_t length =
            line_length(text, style.lanes[actor_side(row->actor)] - hang);
        char line[sizeof cell->text];

        snprintf(line, sizeof line, "%.*s", (int)length, text);
        text += length;
        text += strspn(text, " ");
        if (lines == MOST_LINES - 1 && *text != '\0')
            snprintf(line, sizeof line, "...");
        put_text(body, x + hang * CHARACTER, bottom + BASE + lines * LINE,
                 *mark == '!' ? "out alarm" : "out", line);
        lines++;
    }
    return lines;
}

static void put_row(void)
{
    const struct row *row = &last;
    int height = ROW;

    if (!pending)
        return;
    pending = false;
    rows++;
    fputs("<g><title>", body);
    put_escaped(body, last_title);
    fputs("</title>\n", body);
    if (row->kind == ROW_ARROW)
        height += 4 + (row->numbers[0] != '\0' ? 14 : 0);
    else if (row->kind != ROW_OUTPUT)
        height += (row_lines(row) - 1) * LINE;
    fprintf(body, "<rect class=\"row\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n",
            bottom, WIDTH, height);
    if (row->kind == ROW_OUTPUT) {
        height += (put_output(row) - 1) * LINE;
    } else {
        put_cell(row, LEFT);
        put_cell(row, RIGHT);
    }
    if (row->kind == ROW_ARROW)
        put_arrow(row);
    crossed = crossed || row->kind == ROW_ARROW;
    fputs("</g>\n", body);
    if (row->kind == ROW_BEGIN)
        open_bar(row);
    else if (row->kind == ROW_RETURN)
        close_bar(row->pid, bottom + ROW / 2);
    bottom += height;
}

/* --- Titles
 * ------------------------------------------------------------------- */

static void segment_title(const struct event *event, char *text, size_t size)
{
    char from[80] = "?", to[80] = "?", numbers[64] = "";

    if (event->from.family != 0)
        endpoint_text(&event->from, from);
    if (event->to.family != 0)
        endpoint_text(&event->to, to);
    if (!event->udp)
        snprintf(numbers, sizeof numbers, ", seq %u ack %u window %u",
                 event->seq, event->ack, event->window);
    snprintf(text, size, "%s > %s: %s%s%zu bytes%s%s", from, to,
             event->udp ? "datagram, " : event->flags, event->udp ? "" : ", ",
             event->length, numbers,
             event->retransmission ? ", retransmission" : "");
}

static void state_title(const struct event *event, char *text, size_t size)
{
    char from[80] = "?", to[80] = "", queue[64] = "";

    if (event->from.family != 0)
        endpoint_text(&event->from, from);
    if (event->to.family != 0 && event->to.port != 0)
        endpoint_text(&event->to, to);
    if (event->waiting >= 0)
        snprintf(queue, sizeof queue, ", %ld of %ld waiting", event->waiting,
                 event->backlog + 1);
    else if (event->unread > 0 || event->unsent > 0)
        snprintf(queue, sizeof queue, ", %ld unread, %ld unsent", event->unread,
                 event->unsent);
    snprintf(text, size, "%s%s%s is %s%s", from, to[0] == '\0' ? "" : " to ",
             to, event->state, queue);
}

static void detail_title(const struct event *event, char *text, size_t size)
{
    switch (event->kind) {
    case EVENT_CALL:
    case EVENT_RETURN:
        call_text(event, text, size);
        break;
    case EVENT_SEGMENT:
        segment_title(event, text, size);
        break;
    case EVENT_STATE:
        state_title(event, text, size);
        break;
    case EVENT_OUTPUT:
    case EVENT_NOTE:
        clean_text(event->text, event->length, false, text, size);
        break;
    case EVENT_SIGNAL:
        snprintf(text, size, "gets %s", signal_name(event->number));
        break;
    case EVENT_FORK:
        snprintf(text, size, "starts %s %lld",
                 strcmp(event->call, "clone") == 0 ? "thread" : "process",
                 event->result);
        break;
    case EVENT_EXIT:
        exit_text(event, text, size);
    }
}

/* "client, pid 4711", "client 2, pid 4711" of several: the heading's words. */
static void who_acts(const struct event *event, char *text, size_t size)
{
    char name[16], pid[24] = "";

    if (event->pid != 0 && event->kind != EVENT_STATE)
        snprintf(pid, sizeof pid, ", pid %d", (int)event->pid);
    snprintf(text, size, "%s%s", spoken_name(event->actor, style.clients, name),
             pid);
}

/* "0.001234 s  client, pid 4711: connect(3, 127.0.0.1:13) = 0"; a line each. */
static void add_title(const struct event *event)
{
    char detail[600], who[40];
    size_t used = strlen(last_title);

    detail_title(event, detail, sizeof detail);
    who_acts(event, who, sizeof who);
    snprintf(last_title + used, sizeof last_title - used, "%s%.6f s  %s: %s",
             used > 0 ? "\n" : "", (double)event->time / 1e9, who, detail);
}

/* --- The file
 * ----------------------------------------------------------------- */

static const char css[] =
    "<style>\n"
    "text{font:15px ui-monospace,\"DejaVu Sans Mono\",Menlo,Consolas,monospace;"
    "fill:#1b1f24;white-space:pre}\n"
    ".paper{fill:#fff}.row{fill:#fff;fill-opacity:0}.row:hover{fill:#888;"
    "fill-opacity:.12}\n"
    ".heading{font-weight:bold;font-size:17px}.wire{text-anchor:middle}\n"
    ".label{text-anchor:middle}.small{font-size:12px;text-anchor:middle}\n"
    ".line{stroke:#8c959f;stroke-width:2}.arrow{stroke-width:2;fill:none}\n"
    ".bar{fill-opacity:.85}.st{font-size:13px;font-weight:bold;fill:#5c3c00;"
    "text-anchor:"
    "middle}\n"
    ".state{fill:#fff3cd;stroke:#b58100}.out{fill:#57606a;font-style:italic}\n"
    "text.c0,.head.c0,.bar.c0{fill:#0550ae}.arrow.c0{stroke:#0550ae}\n"
    "text.c1,.head.c1,.bar.c1{fill:#8e1f9e}.arrow.c1{stroke:#8e1f9e}\n"
    "text.c2,.head.c2,.bar.c2{fill:#0a6b50}.arrow.c2{stroke:#0a6b50}\n"
    "text.c3,.head.c3,.bar.c3{fill:#8a4600}.arrow.c3{stroke:#8a4600}\n"
    ".head.s,.bar.s{fill:#424a53}.arrow.s{stroke:#424a53}\n"
    "text.alarm,.head.alarm{fill:#c4161c}.arrow.alarm{stroke:#c4161c}\n"
    "@media(prefers-color-scheme:dark){\n"
    "text{fill:#e6edf3}.paper{fill:#0d1117}.line{stroke:#6e7681}\n"
    ".st{fill:#ffdf8f}.state{fill:#3a2d00;stroke:#bb8009}.out{fill:#a5b0bb}\n"
    "text.c0,.head.c0,.bar.c0{fill:#79c0ff}.arrow.c0{stroke:#79c0ff}\n"
    "text.c1,.head.c1,.bar.c1{fill:#e3a0f5}.arrow.c1{stroke:#e3a0f5}\n"
    "text.c2,.head.c2,.bar.c2{fill:#5fd3ab}.arrow.c2{stroke:#5fd3ab}\n"
    "text.c3,.head.c3,.bar.c3{fill:#ffb26b}.arrow.c3{stroke:#ffb26b}\n"
    ".head.s,.bar.s{fill:#b1bac4}.arrow.s{stroke:#b1bac4}\n"
    "text.alarm,.head.alarm{fill:#ff8b85}.arrow.alarm{stroke:#ff8b85}\n"
    "}\n</style>\n";

int svg_open(const char *file, const struct view_options *given)
{
    options = *given;
    style = (struct row_style){
        .clients = options.actors > 0 ? options.actors - 1 : 0,
        .seq = options.seq,
    };
    style.lanes[LEFT] = (lifeline(CLIENT) - GAP - MARGIN) / CHARACTER - 1;
    style.lanes[RIGHT] = (WIDTH - lane_start(SERVER)) / CHARACTER - 1;
    rows = left_out = 0;
    pending = crossed = false;
    bottom = top();
    memset(bars, 0, sizeof bars);

    /* A file that cannot be written is known before the run, not after it. */
    FILE *out = fopen(file, "we");
    if (out == NULL || fclose(out) == EOF)
        return -1;
    file_name = strdup(file);
    body = file_name == NULL ? NULL : open_memstream(&body_text, &body_size);
    if (body == NULL) {
        free(file_name);
        return -1;
    }
    return 0;
}

void svg_event(const struct event *event)
{
    struct row row;

    if (body == NULL || (event->kind == EVENT_OUTPUT && !options.output))
        return;
    if (left_out == 0 && pending && row_join(&last, &style, event)) {
        if (event->kind == EVENT_RETURN)
            last_title[0] = '\0'; /* it tells what its entry told */
        add_title(event);
        return;
    }
    if (rows + pending == MOST_ROWS) {
        left_out++;
        return;
    }
    if (!row_begin(&row, &style, event))
        return;
    put_row();
    last = row;
    pending = true;
    last_title[0] = '\0';
    add_title(event);
    if (event->kind == EVENT_EXIT)
        close_bar(event->pid, bottom + ROW / 2);
}

static const char *name_of(int actor)
{
    return options.names[actor] == NULL ? "" : options.names[actor];
}

static void put_heading(FILE *out, int actor)
{
    char class[32], kind[16], name[64], text[96], number[8] = "";
    const char *given = name_of(actor);

    if (actor >= CLIENT && style.clients > 1)
        snprintf(number, sizeof number, "%hhu ", (unsigned char)actor);
    clean_text(given, strlen(given), false, name, 36);
    snprintf(text, sizeof text, "%s %s%s",
             actor >= CLIENT      ? "CLIENT"
             : style.clients == 0 ? "PROGRAM"
                                  : "SERVER",
             number, name);
    snprintf(class, sizeof class, "heading %s", actor_class(actor, kind));
    put_text(out, lane_start(actor),
             HEADING + (actor == SERVER ? 0 : (actor - CLIENT) * HEADING_ROW),
             class, text);
}

static void put_lifeline(FILE *out, int actor)
{
    fprintf(out, "<path class=\"line\" d=\"M%d %dV%d\"/>\n", lifeline(actor),
            top() - GAP, bottom);
}

/* "10-daytime-server, 09-daytime-client" */
static void put_names(FILE *out)
{
    char name[64];

    for (size_t actor = SERVER; actor <= style.clients; actor++) {
        clean_text(name_of((int)actor), strlen(name_of((int)actor)), false,
                   name, sizeof name);
        put_escaped(out, actor > SERVER ? ", " : "");
        put_escaped(out, name);
    }
}

/* All that stands before the rows. */
static void put_head(FILE *out, int height)
{
    /* Of a program alone that sent nothing, there is its own lane to be seen.
     */
    bool wire = crossed || style.clients > 0;
    int left = wire ? 0 : RIGHT_LINE - MARGIN;

    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" xml:space=\"preserve\" "
            "role=\"img\" width=\"%d\" height=\"%d\" viewBox=\"%d 0 %d %d\">\n"
            "<title>",
            WIDTH - left, height, left, WIDTH - left, height);
    put_names(out);
    fprintf(out,
            "</title>\n%s<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n",
            css, WIDTH, height);
    if (wire)
        put_text(out, (LEFT_LINE + RIGHT_LINE) / 2, HEADING, "heading wire",
                 "WIRE");
    for (int actor = SERVER; actor <= (int)style.clients; actor++) {
        put_heading(out, actor);
        put_lifeline(out, actor);
    }
}

int svg_close(void)
{
    char more[80];

    if (body == NULL)
        return 0;
    put_row();
    for (size_t i = 0; i < MOST_BARS; i++)
        if (bars[i].pid != 0)
            put_bar(&bars[i], bottom);
    if (left_out > 0) {
        snprintf(more, sizeof more, "%lu more events were left out", left_out);
        put_text(body, (LEFT_LINE + RIGHT_LINE) / 2, bottom + ROW + BASE,
                 "label alarm", more);
    }
    bool failed = fclose(body) == EOF; /* memory: ENOMEM */
    FILE *out = failed ? NULL : fopen(file_name, "we");
    if (out != NULL) {
        put_head(out, bottom + (left_out > 0 ? 3 : 1) * ROW);
        fwrite(body_text, 1, body_size, out);
        fputs("</svg>\n", out);
        failed = ferror(out) != 0;
        failed = fclose(out) == EOF || failed;
    }
    free(body_text);
    free(file_name);
    body = NULL;
    return out == NULL || failed ? -1 : 0;
}
