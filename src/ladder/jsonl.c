/*
 * jsonl.c - events as JSON Lines (RFC 8259, one object a line). The keys are
 * documented in README.md, beside this file.
 */
#include "view.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

static char buffer[1 << 16]; /* a C library may not make one that large */

static FILE *out;
static int write_error;

/* --- Values --------------------------------------------------------------- */

/* Text from outside; what is not UTF-8 becomes U+FFFD. */
static void put_string(const char *text, size_t length)
{
    uint32_t code = 0;

    putc_unlocked('"', out);
    for (size_t i = 0, count; i < length; i += count) {
        count = utf8_next(text + i, length - i, &code);
        if (count == 0) {
            fputs("\\ufffd", out);
            count = 1;
        } else if (code < 0x20 || code == 0x7f) {
            fprintf(out, "\\u%04x", (unsigned)code);
        } else {
            if (code == '"' || code == '\\')
                putc_unlocked('\\', out);
            for (size_t j = 0; j < count; j++)
                putc_unlocked(text[i + j], out);
        }
    }
    putc_unlocked('"', out);
}

/* Every key but the first of an object, "time". */
static void put_key(const char *key)
{
    fputs(",\"", out);
    fputs(key, out);
    fputs("\":", out);
}

static void put_text(const char *key, const char *text)
{
    put_key(key);
    put_string(text, strlen(text));
}

static void put_number(const char *key, long long number)
{
    put_key(key);
    fprintf(out, "%lld", number);
}

static void put_true(const char *key)
{
    put_key(key);
    fputs("true", out);
}

static void put_endpoint(const char *key, const struct endpoint *endpoint)
{
    char text[80];

    if (endpoint->family != 0)
        put_text(key, endpoint_text(endpoint, text));
}

/* --- Events --------------------------------------------------------------- */

static void put_call(const struct event *event)
{
    put_text("call", event->call);
    put_text("args", event->args);
    if (event->kind == EVENT_CALL)
        return;
    put_number("result", event->result);
    if (event->error != 0)
        put_text("errno", error_name(event->error));
    if (event->from_text[0] != '\0')
        put_text("from", event->from_text);
    if (event->changed != NULL)
        put_text("changed", event->changed);
}

static void put_segment(const struct event *event)
{
    char name[16];

    put_endpoint("from", &event->from);
    put_endpoint("to", &event->to);
    if (event->from_actor != WIRE)
        put_text("from_actor", actor_name(event->from_actor, name));
    if (event->to_actor != WIRE)
        put_text("to_actor", actor_name(event->to_actor, name));
    put_text("protocol", event->udp ? "udp" : "tcp");
    put_number("length", (long long)event->length);
    if (event->udp)
        return;
    put_text("flags", event->flags);
    put_number("seq", event->seq);
    if (strstr(event->flags, "ACK") != NULL)
        put_number("ack", event->ack);
    put_number("window", event->window);
    if (event->retransmission)
        put_true("retransmission");
}

static void put_state(const struct event *event)
{
    put_endpoint("from", &event->from);
    put_endpoint("to", &event->to);
    put_text("state", event->state);
    if (event->waiting >= 0) {
        put_number("waiting", event->waiting);
        put_number("backlog", event->backlog);
        return;
    }
    put_number("unread", event->unread);
    put_number("unsent", event->unsent);
}

static void put_output(const struct event *event)
{
    put_text("stream", event->descriptor == 2 ? "stderr" : "stdout");
    put_key("text");
    put_string(event->text, event->length);
    put_number("length", (long long)event->length);
}

static void put_note(const struct event *event)
{
    put_key("text");
    put_string(event->text, event->length);
}

static void put_exit(const struct event *event)
{
    if (WIFSIGNALED(event->number))
        put_text("signal", signal_name(WTERMSIG(event->number)));
    else
        put_number("status", WEXITSTATUS(event->number));
}

static void put_details(const struct event *event)
{
    switch (event->kind) {
    case EVENT_CALL:
    case EVENT_RETURN:
        put_call(event);
        break;
    case EVENT_SEGMENT:
        put_segment(event);
        break;
    case EVENT_STATE:
        put_state(event);
        break;
    case EVENT_OUTPUT:
        put_output(event);
        break;
    case EVENT_SIGNAL:
        put_text("signal", signal_name(event->number));
        break;
    case EVENT_FORK:
        put_text("call", event->call);
        put_number("result", event->result);
        if (event->changed != NULL)
            put_text("changed", event->changed);
        break;
    case EVENT_EXIT:
        put_exit(event);
        break;
    case EVENT_NOTE:
        put_note(event);
        break;
    }
}

void jsonl_event(const struct event *event)
{
    static const char *const kinds[] = {"call",  "return", "segment",
                                        "state", "output", "signal",
                                        "fork",  "exit",   "note"};
    char name[16];
    bool early = event->time < 0; /* a wall clock may have been set back */
    long long us = (early ? -event->time : event->time) / 1000;

    if (out == NULL)
        return;
    fprintf(out, "{\"time\":%s%lld.%06lld", early ? "-" : "", us / 1000000,
            us % 1000000);
    put_text("actor", actor_name(event->actor, name));
    if (event->pid != 0)
        put_number("pid", event->pid);
    put_text("event", kinds[event->kind]);
    if (event->child)
        put_true("child");
    put_details(event);
    fputs("}\n", out);
    if (ferror(out) && write_error == 0)
        write_error = errno; /* the buffer was full, and so is the disk */
}

/* --- The file ------------------------------------------------------------- */

int jsonl_open(const char *file, const struct view_options *options)
{
    (void)options;
    out = fopen(file, "we");
    if (out == NULL)
        return -1;
    setvbuf(out, buffer, _IOFBF, sizeof buffer);
    return 0;
}

void jsonl_flush(void)
{
    if (out != NULL)
        flush_stream(out, &write_error);
}

int jsonl_close(void)
{
    if (out == NULL)
        return 0;
    jsonl_flush();
    if (fclose(out) == EOF && write_error == 0)
        write_error = errno;
    out = NULL;
    errno = write_error;
    return errno == 0 ? 0 : -1;
}
