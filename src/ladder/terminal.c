/*
 * terminal.c - the ladder on the terminal: one line for each row, the clients'
 * lane at the left, the server's at the right, the wire in the middle.
 */
#include "row.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fit.h"

/* Where things stand on 80 columns: lanes of 39, the wire's line between them
 * and a space behind it; wider terminals have wider lanes. */
enum {
    LEAST_COLUMNS = 60,
    LEAST_MIDDLE = 39,
    ARROW_HALF = 14,
    NUMBERS_HALF = 22, /* with sequence numbers */
};

static struct view_options options;
static struct row_style style;
static struct row last; /* the row that may still grow */
static bool pending;    /* it is not on the terminal yet */
static int write_error; /* flush_stream()'s */
/* Rows go out where they are flushed, whatever stdio(3) thinks of newlines. */
static char buffer[1 << 16];
static int middle; /* the column of the wire's line */
static int column;

/* --- A line -----------------------------------------------------------------
 */

static const char BOLD[] = "1", DIM[] = "2", RED[] = "1;31", GREEN[] = "32",
                  STATE[] = "1;33", NOTE[] = "3";

static const char *actor_colour(int actor)
{
    static const char *const clients[] = {"36", "35", "94", "33"};

    return actor < CLIENT ? "" : clients[(actor - CLIENT) % 4];
}

static void put(const char *colour, const char *text)
{
    if (text[0] == '\0')
        return;
    if (options.colour && colour[0] != '\0')
        printf("\033[%sm%s\033[0m", colour, text);
    else
        fputs(text, stdout);
    column += text_columns(text);
}

static void pad(int to)
{
    if (to > column)
        printf("%*s", to - column, "");
    column = to > column ? to : column;
}

static void put_wire(void)
{
    pad(middle);
    put(DIM, options.ascii ? ":" : "┊");
}

/* Cuts a text that is too long for its place. */
static void cut(char *text, int columns)
{
    if (text_columns(text) > columns)
        memcpy(text + line_length(text, columns - 3), "...", 4);
}

static void end_line(void)
{
    putchar('\n');
    column = 0;
}

/* A text in a lane, as many lines as it needs; the first begins with `lead`.
 */
static void put_wrapped(enum row_side side, int columns, const char *colour,
                        const char *lead, const char *text)
{
    int hang = text_columns(lead);

    for (bool first = true; first || *text != '\0'; first = false) {
        char line[512];
        size_t length = *text == '\0' ? 0 : line_length(text, columns - hang);

        snprintf(line, sizeof line, "%.*s", (int)length, text);
        if (side == RIGHT) {
            put_wire();
            pad(middle + 2);
        }
        int start = column;
        if (first)
            put(colour, lead);
        pad(start + hang);
        put(colour, line);
        if (side == LEFT && columns < options.columns)
            put_wire();
        end_line();
        text += length;
        text += strspn(text, " ");
    }
}

/* --- Rows -------------------------------------------------------------------
 */

/* The n-th line of a cell. */
static void put_cell(const struct cell *cell, int n, const char *colour)
{
    char line[CELL_TEXT] = "";

    if (n < cell_lines(cell))
        put(colour, cell_line(cell, n, line));
    if (n != cell_lines(cell) - 1 || cell->states[0] == '\0')
        return;
    if (line[0] != '\0' && line[strlen(line) - 1] != ' ')
        put("", "  ");
    put(STATE, cell->states);
}

static void draw_arrow(const struct row *row)
{
    char text[200], arrow[4 * 120] = "";
    int half = row_arrow(row, &style);
    const char *line = options.ascii ? "-" : "─";
    const char *head = options.ascii ? (row->head == RIGHT ? ">" : "<")
                                     : (row->head == RIGHT ? "►" : "◄");
    const char *colour =
        row->alarm ? RED : actor_colour(row->cells[LEFT].actor);

    snprintf(text, sizeof text, "%s%s%s", row->label,
             row->numbers[0] == '\0' ? "" : ", ", row->numbers);
    cut(text, 2 * middle - 8);
    int length = 2 * half - text_columns(text) - 1;
    size_t used = 0;
    arrow[0] = '\0';
    for (int i = 0; i < length && used + 4 < sizeof arrow; i++)
        used += (size_t)snprintf(arrow + used, sizeof arrow - used, "%s", line);

    put_cell(&row->cells[LEFT], 0, actor_colour(row->cells[LEFT].actor));
    pad(middle - half);
    if (row->head == RIGHT) {
        put(colour, text);
        put("", " ");
    } else {
        put(colour, head);
    }
    put(colour, arrow);
    if (row->head == RIGHT) {
        put(colour, head);
    } else {
        put("", " ");
        put(colour, text);
    }
    if (row->cells[RIGHT].states[0] != '\0')
        put("", " ");
    put_cell(&row->cells[RIGHT], 0, "");
    end_line();
}

static void draw_output(const struct row *row)
{
    enum row_side side = actor_side(row->actor);
    const char *text = row->cells[side].text;
    const char *mark = strpbrk(text, "|!"); /* never in a prefix */
    char lead[32];

    snprintf(lead, sizeof lead, "%.*s", (int)(mark + 2 - text), text);
    put_wrapped(side, style.lanes[side], *mark == '!' ? RED : GREEN, lead,
                mark + 2);
}

static void draw_line(const struct row *row, int n)
{
    for (enum row_side side = LEFT; side <= RIGHT; side++) {
        const struct cell *cell = &row->cells[side];
        bool acts = cell->actor == row->actor;
        if (side == RIGHT) {
            put_wire();
            if (cell->actor == WIRE || n >= cell_lines(cell))
                break;
            pad(middle + 2);
        }
        put_cell(cell, n, row->alarm && acts ? RED : actor_colour(cell->actor));
    }
    end_line();
}

static void draw(const struct row *row)
{
    if (row->kind == ROW_ARROW) {
        draw_arrow(row);
        return;
    }
    if (row->kind == ROW_OUTPUT) {
        draw_output(row);
        return;
    }
    draw_line(row, 0);
    if (row_lines(row) > 1)
        draw_line(row, 1);
}

static void draw_last(void)
{
    if (pending)
        draw(&last);
    pending = false;
}

/* --- What view.h declares ----------------------------------------------------
 */

/* "CLIENT 09-daytime-client", "CLIENT 2 curl". */
static void put_heading(int actor, int columns)
{
    const char *name = options.names[actor] == NULL ? "" : options.names[actor];
    char clean[64], text[100], number[8] = "", colour[16] = "1";

    if (actor >= CLIENT && style.clients > 1) {
        snprintf(number, sizeof number, "%hhu ", (unsigned char)actor);
        snprintf(colour, sizeof colour, "1;%s", actor_colour(actor));
    }
    clean_text(name, strlen(name), options.ascii, clean, sizeof clean);
    snprintf(text, sizeof text, "%s %s%s",
             actor >= CLIENT      ? "CLIENT"
             : style.clients == 0 ? "PROGRAM"
                                  : "SERVER",
             number, clean);
    cut(text, columns);
    put(colour, text);
}

/* Each client has a line of its own, in its colour. */
static void put_headings(void)
{
    if (style.clients > 0)
        put_heading(CLIENT, middle - 4);
    pad(middle - 3);
    put(BOLD, "WIRE ");
    pad(middle + 2);
    put_heading(SERVER, middle);
    end_line();
    for (int actor = CLIENT + 1; actor <= (int)style.clients; actor++) {
        put_heading(actor, middle - 4);
        end_line();
    }
}

void terminal_open(const struct view_options *given)
{
    options = *given;
    if (options.columns < LEAST_COLUMNS)
        options.columns = LEAST_COLUMNS;
    style = (struct row_style){
        .clients = options.actors > 0 ? options.actors - 1 : 0,
        .ascii = options.ascii,
        .seq = options.seq,
        .arrow = options.seq ? NUMBERS_HALF : ARROW_HALF,
    };
    middle = (options.columns - 2) / 2;
    style.lanes[LEFT] = middle - 1; /* a space stays free at the line */
    style.lanes[RIGHT] = middle;
    if (middle > LEAST_MIDDLE)
        style.arrow += (middle - LEAST_MIDDLE) / 2;
    column = 0;
    pending = false;

    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    put_headings();
    flush_stream(stdout, &write_error);
}

void terminal_event(const struct event *event)
{
    struct row row;

    if (event->kind == EVENT_OUTPUT && !options.output)
        return;
    if (pending && row_join(&last, &style, event))
        return;
    if (!row_begin(&row, &style, event))
        return;
    draw_last();
    last = row;
    pending = true;
}

void terminal_flush(void)
{
    draw_last();
    flush_stream(stdout, &write_error);
}

void terminal_show(void)
{
    flush_stream(stdout, &write_error);
}

bool terminal_pending(void)
{
    return pending;
}

void terminal_note(int actor, const char *text)
{
    char clean[1024];

    draw_last();
    clean_text(text, strlen(text), options.ascii, clean, sizeof clean);
    enum row_side side = actor_side(actor);
    put_wrapped(side, actor == WIRE ? options.columns : style.lanes[side], NOTE,
                "# ", clean);
    flush_stream(stdout, &write_error);
}

int terminal_close(void)
{
    terminal_flush();
    errno = write_error;
    return errno == 0 ? 0 : -1;
}
