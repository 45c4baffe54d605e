/*
 * row.h - events as rows of a picture: what the terminal and the SVG have in
 * common. A call with its return, and an event with the states it led to, are
 * one row where they follow each other at once and the lane has room.
 */
#ifndef LADDER_ROW_H
#define LADDER_ROW_H

#include "view.h"

enum row_kind {
    ROW_CALL,   /* a call that has returned in this row, or another event */
    ROW_BEGIN,  /* a call that has begun */
    ROW_RETURN, /* the return of a call that began in an earlier row */
    ROW_ARROW,  /* a segment from one side to the other */
    ROW_STATE,  /* states alone */
    ROW_OUTPUT, /* or a note; it may be longer than the lane: wrap it */
};

enum row_side { LEFT, RIGHT }; /* the clients' lane, the server's lane */

enum { CELL_TEXT = 512 };

/* What a row holds at one side. The text fits the lane, but for ROW_OUTPUT; of
 * a call it may be two lines, with a '\n' between them. */
struct cell {
    int actor; /* WIRE: nobody, the cell is empty */
    char text[CELL_TEXT];
    char states[128]; /* "[SYN-SENT] [ESTABLISHED]" */
};

struct row {
    enum row_kind kind;
    long long time; /* of its last call, return or segment */
    pid_t pid;
    bool alarm; /* an error, a reset, a retransmission: drawn in red */
    int actor;  /* who acts; of an arrow: WIRE */
    struct cell cells[2];

    /* ROW_ARROW */
    enum row_side head; /* the side to which it goes */
    char label[120];    /* "SYN ACK", "26 bytes, retransmission" */
    char numbers[64];   /* "seq 1 ack 1 win 65483", or nothing */
};

/* Children and threads are marked 'a to 'z, 'aa, 'ab, ...: none twice, since
 * the picture still shows the older one. Of so many it is known who has which.
 */
enum { ROW_MARKS = 1024 };

struct row_mark {
    pid_t child;
    unsigned number; /* from 1 */
};

struct row_style {
    size_t clients;
    bool ascii, seq;
    int lanes[2]; /* their columns: LEFT, RIGHT */
    int arrow; /* columns that an arrow takes of each lane, if labels are short
                */
    struct row_mark marks[ROW_MARKS]; /* the oldest makes room */
    unsigned marked;
};

/* Makes a new row of an event. Gives false if the event has none. */
bool row_begin(struct row *row, struct row_style *style,
               const struct event *event);

/* Adds an event to the row before it. Gives false if it asks for a new one. */
bool row_join(struct row *row, struct row_style *style,
              const struct event *event);

/* The lines of a cell's text, 1 or 2 (of a row: the most of its cells), and the
 * n-th from 0, written to `line`. The states stand behind the last one. */
int cell_lines(const struct cell *cell);
int row_lines(const struct row *row);
const char *cell_line(const struct cell *cell, int n, char line[CELL_TEXT]);

/* The columns of each lane that this arrow takes, for its label's sake. */
int row_arrow(const struct row *row, const struct row_style *style);

enum row_side actor_side(int actor);

#endif
