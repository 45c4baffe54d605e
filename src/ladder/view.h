/*
 * view.h - what draws events. A view never fails a run: where it cannot write,
 * it says so when it is closed.
 */
#ifndef LADDER_VIEW_H
#define LADDER_VIEW_H

#include <stdio.h>

#include "event.h"

struct view_options {
    const char *names[MOST_ACTORS]; /* "10-daytime-server", by actor */
    size_t actors;
    int columns;        /* of the terminal, 80 to 120 */
    bool ascii, colour; /* else UTF-8 lines, no colour */
    bool seq;           /* show sequence numbers, acks and windows */
    bool output;        /* show what the programs print */
};

/* The ladder on the terminal. A call that returns at once, with nothing in
 * between, is one line; terminal_event() may hold it back for that, and
 * terminal_flush() must then be called within 20 ms. */
void terminal_open(const struct view_options *given);
void terminal_event(const struct event *event);
void terminal_flush(void);
void terminal_show(void); /* what is drawn, but not what is held back */
bool terminal_pending(void);
/* A line across all lanes: a sentence, a question, an error. Flushes first. */
void terminal_note(int actor, const char *text);
int terminal_close(void); /* 0, or -1 and errno */

/* The SVG picture; it is written when it is closed. Both give 0, or -1 and
 * errno. */
int svg_open(const char *file, const struct view_options *given);
void svg_event(const struct event *event);
int svg_close(void);

/* JSON Lines, one event each. They are buffered: jsonl_flush(), once in a turn
 * of the caller's loop, shows them to who reads the file meanwhile. */
int jsonl_open(const char *file, const struct view_options *options);
void jsonl_event(const struct event *event);
void jsonl_flush(void);
int jsonl_close(void);

/* Shared by the views. Flushes; *error, 0 at first, keeps the first errno of
 * all times, for stdio(3) itself forgets why it failed. */
void flush_stream(FILE *stream, int *error);

/* "..." ends what is cut. */
void call_text(const struct event *event, char *text, size_t size);
const char *actor_name(int actor, char name[16]); /* "server", "client2" */
/* The same for people, as in the headings: "client 2", of several "client 1".
 */
const char *spoken_name(int actor, size_t clients, char name[16]);
const char *error_name(int error);   /* "ECONNREFUSED"; also ERESTARTSYS */
const char *signal_name(int number); /* "SIGINT" */

/* " = 3", " = -1 EPIPE": what a returned call gave. */
void result_text(const struct event *event, char *text, size_t size);

/* ", from 127.0.0.1:52278", if it is known and `shown` does not have it. */
void from_text(const struct event *event, const char *shown, char *text,
               size_t size);

/* "exit 0" or "killed by SIGKILL", from an EVENT_EXIT. */
void exit_text(const struct event *event, char *text, size_t size);

/* The length of the valid UTF-8 sequence at `bytes` (RFC 3629) and its code
 * point, or 0. */
size_t utf8_next(const char *bytes, size_t length, uint32_t *code);

/* How many columns of a terminal a code point takes: 0, 1 or 2. */
int code_columns(uint32_t code);

/* Copies bytes from outside so that a terminal and XML can bear them: what
 * steers a terminal or is not UTF-8 becomes "\033", a tab a space. "..." ends
 * what is cut. */
void clean_text(const char *bytes, size_t length, bool ascii, char *text,
                size_t size);

#endif
