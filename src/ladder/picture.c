/*
 * picture.c - see picture.h.
 */
#include "picture.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "view.h"

static const struct options *options;
static long long last_drawn; /* the newest event's time */
/* A note's time: when the loop came by, or later. What is drawn after it, a
 * segment say, is not of an earlier time. */
static long long latest;

static void draw_files(const struct event *event)
{
    if (options->svg != NULL)
        svg_event(event);
    if (options->events != NULL)
        jsonl_event(event);
}

void picture_draw(const struct event *event)
{
    if (event->kind == EVENT_OUTPUT && options->no_output)
        return;
    last_drawn = event->time;
    latest = event->time > latest ? event->time : latest;
    terminal_event(event);
    draw_files(event);
}

void picture_note(int actor, const char *format, ...)
{
    char text[700];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    terminal_note(actor, text);
    draw_files(&(struct event){.kind = EVENT_NOTE,
                               .time = latest,
                               .actor = actor,
                               .waiting = -1,
                               .backlog = -1,
                               .text = text,
                               .length = strlen(text)});
}

void picture_show(long long now)
{
    static long long flushed;

    latest = now;
    if (now - last_drawn >= 8 * SECOND / 1000)
        terminal_flush();
    if (now - flushed >= 8 * SECOND / 1000) {
        terminal_show();
        jsonl_flush();
        flushed = now;
    }
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static int terminal_columns(void)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    long width = columns != NULL ? strtol(columns, NULL, 10) : 0;

    if (width <= 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        width = size.ws_col;
    if (width < 80)
        width = 80;
    return width > 120 ? 120 : (int)width;
}

/* As the environment names the locale: locale(7). Where nobody has said, a
 * terminal of today is taken to know UTF-8. */
static bool locale_is_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && *value != '\0')
            return strcasestr(value, "UTF-8") != NULL ||
                   strcasestr(value, "UTF8") != NULL;
    }
    return true;
}

static _Noreturn void fail_open(const char *option, const char *file)
{
    fprintf(stderr, "ladder: %s %s: %s (%s)\n", option, file, strerror(errno),
            error_name(errno));
    exit(1);
}

void picture_open(const struct options *given)
{
    static struct view_options view;
    const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
    bool terminal = isatty(STDOUT_FILENO);

    options = given;
    view.actors = options->actors;
    for (size_t i = 0; i < options->actors; i++)
        view.names[i] = base_name(options->commands[i][0]);
    view.columns = terminal_columns();
    view.ascii = options->ascii || !terminal || !locale_is_utf8();
    view.colour = terminal && (no_colour == NULL || *no_colour == '\0') &&
                  (term == NULL || strcmp(term, "dumb") != 0);
    view.seq = options->seq;
    view.output = !options->no_output;
    if (options->svg != NULL && svg_open(options->svg, &view) == -1)
        fail_open("--svg", options->svg);
    if (options->events != NULL && jsonl_open(options->events, &view) == -1)
        fail_open("--events", options->events);
    terminal_open(&view);
}

static bool written(int result, const char *file)
{
    if (result == 0)
        return true;
    fprintf(stderr, "ladder: %s: %s (%s)\n", file, strerror(errno),
            error_name(errno));
    return false;
}

bool picture_close(void)
{
    bool whole = written(terminal_close(), "standard output");

    if (options->svg != NULL)
        whole = written(svg_close(), options->svg) && whole;
    if (options->events != NULL)
        whole = written(jsonl_close(), options->events) && whole;
    return whole;
}
