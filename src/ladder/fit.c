/*
 * fit.c - see fit.h.
 */
#include "fit.h"

#include <stdio.h>
#include <string.h>

#include "view.h"

int text_columns(const char *text)
{
    int columns = 0;
    size_t length = strlen(text);
    uint32_t code = 0;

    for (size_t i = 0, count; i < length; i += count) {
        count = utf8_next(text + i, length - i, &code);
        columns += count == 0 ? 1 : code_columns(code);
        if (count == 0)
            count = 1;
    }
    return columns;
}

size_t line_length(const char *text, int columns)
{
    size_t length = strlen(text), word = 0, i = 0;
    uint32_t code = 0;

    while (i < length) {
        size_t count = utf8_next(text + i, length - i, &code);
        columns -= count == 0 ? 1 : code_columns(code);
        if (columns < 0)
            break;
        if (text[i] == ' ')
            word = i;
        i += count == 0 ? 1 : count;
    }
    if (i < length && text[i] != ' ' && word > i / 2)
        return word;
    return i > 0 ? i : 1;
}

static size_t parts_length(const struct call_parts *parts)
{
    return strlen(parts->head) + strlen(parts->args) + strlen(parts->tail) +
           strlen(parts->from) + strlen(parts->changed);
}

/* Takes bytes out of the quoted data, as long as three or more stay. */
static void shorten_data(struct call_parts *parts, size_t excess)
{
    char *open = strchr(parts->args, '"'), *close = open;
    char end[sizeof parts->args];

    if (open == NULL)
        return;
    while (*++close != '"')
        if (*close == '\0' || (*close == '\\' && *++close == '\0'))
            return;
    bool whole = strncmp(close + 1, "...", 3) != 0;
    snprintf(end, sizeof end, "%s%s", whole ? "\"..." : "\"", close + 1);
    excess += whole ? 3 : 0;
    if ((size_t)(close - open) < 1 + 3 + excess)
        return;

    char *cut = open + 1;
    for (size_t step = 0; cut + step <= close - excess;) {
        cut += step; /* "\n" and "\033" stay whole */
        size_t digits = strspn(cut + 1, "01234567");
        step = *cut != '\\'  ? 1
               : digits == 0 ? 2
                             : 1 + (digits > 3 ? 3 : digits);
    }
    memcpy(cut, end, strlen(end) + 1);
}

/* setsockopt's level is told by the option's name: SO_, TCP_, IP_, IPV6_. It
 * becomes "..."; and, done once more, nothing. */
static void shorten_level(struct call_parts *parts)
{
    char *level = strchr(parts->args, ' ');

    if (strstr(parts->head, "sockopt") == NULL || level == NULL)
        return;
    char *end = strchr(++level, ',');
    if (end == NULL)
        return;
    if (strncmp(level, "...,", 4) == 0) {
        memmove(level, end + 2, strlen(end + 1));
    } else if (end - level > 3) {
        memcpy(level, "...", 3);
        memmove(level + 3, end, strlen(end) + 1);
    }
}

/* Of poll's descriptors only those that are ready. Which it asked about stands
 * above, where it was seen to wait: "... poll(=> [{3, POLLIN}], 2, -1)"; on one
 * line "..." stands for them. */
static void shorten_polled(struct call_parts *parts)
{
    bool told = strncmp(parts->head, "... ", 4) == 0;
    char *ready = strstr(parts->args, "] => ["), rest[sizeof parts->args + 8];

    if (strstr(parts->head, "poll(") == NULL || ready == NULL)
        return;
    snprintf(rest, sizeof rest, "%s%s", told ? "" : "... ", ready + 2);
    if (strlen(rest) < strlen(parts->args))
        memcpy(parts->args, rest, strlen(rest) + 1);
}

/* What fcntl is about are the flags behind the access mode, which it cannot
 * change, and which of a socket is always the same. */
static void shorten_flags(struct call_parts *parts)
{
    static const char *const modes[] = {"O_RDONLY|", "O_RDWR|"};

    if (strstr(parts->head, "fcntl") == NULL)
        return;
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        char *mode = strstr(parts->args, modes[i]);
        if (mode != NULL) {
            const char *flags = mode + strlen(modes[i]);
            memmove(mode, flags, strlen(flags) + 1);
        }
    }
}

/* Cuts the arguments, after a whole one unless that would cost too much. */
static void cut_args(struct call_parts *parts, size_t room)
{
    enum { MUCH = 8 };
    bool in_quotes = false;
    size_t cut = 0;

    if (room < 3 || strlen(parts->args) <= room)
        room = strlen(parts->args) <= room ? strlen(parts->args) : 3;
    if (strlen(parts->args) == room)
        return;
    for (size_t i = 0; i + 3 <= room; i++) {
        if (!in_quotes && i >= 2 && strncmp(parts->args + i - 2, ", ", 2) == 0)
            cut = i;
        if (parts->args[i] == '"' && (i == 0 || parts->args[i - 1] != '\\'))
            in_quotes = !in_quotes;
    }
    if (cut + MUCH < room) {
        cut = room - 3;
        while (cut > 0 && strchr(" ,.", parts->args[cut - 1]) != NULL)
            cut--;
    }
    memcpy(parts->args + cut, "...", sizeof "...");
}

/* The whole call, in ASCII: a byte is a column. */
static void write_call(const struct call_parts *parts, char *text, size_t size)
{
    char whole[sizeof *parts];

    snprintf(whole, sizeof whole, "%s%s%s%s%s", parts->head, parts->args,
             parts->tail, parts->from, parts->changed);
    clean_text(whole, strlen(whole), true, text, size);
}

/* The first argument, in most calls a descriptor, and "..." for the others. */
static size_t least_args(const struct call_parts *parts)
{
    size_t first = strcspn(parts->args, ",");

    return parts->args[first] == '\0' ? first : first + strlen(", ...");
}

/* Where the first of two lines ends: behind an argument or in front of the
 * result; or, if need be, in front of a mark. */
static size_t first_line(const char *text, size_t columns, bool at_mark)
{
    size_t end = 0;

    for (size_t i = 1; i <= columns && text[i] != '\0'; i++)
        if (text[i] == ' ' && (text[i - 1] == ',' || text[i - 1] == ')' ||
                               (text[i + 1] == '*' && (at_mark || end == 0))))
            end = i;
    return end > 0 ? end : columns;
}

static void fit_two_lines(struct call_parts *parts, size_t columns, char *text,
                          size_t size)
{
    enum { HANG = 3 }; /* and the space at which the lines part */
    const size_t most = columns - HANG;
    char line[sizeof *parts];

    for (;;) {
        write_call(parts, line, sizeof line);
        size_t first = first_line(line, columns, false);
        if (strlen(line + first) > most)
            first = first_line(line, columns, true);
        size_t second = strlen(line + first), room = strlen(parts->args);
        size_t least = least_args(parts);
        if (second <= most || room <= least) {
            snprintf(text, size, "%.*s\n%*s%.*s", (int)first, line, HANG, "",
                     (int)most, line + first);
            return;
        }
        size_t excess = second - most;
        cut_args(parts, room > least + excess ? room - excess : least);
    }
}

void fit_call(struct call_parts *parts, size_t columns, char *text, size_t size)
{
    if (parts_length(parts) > columns)
        shorten_data(parts, parts_length(parts) - columns);
    for (int i = 0; i < 2 && parts_length(parts) > columns; i++)
        shorten_level(parts);
    if (parts_length(parts) > columns) {
        shorten_polled(parts);
        shorten_flags(parts);
    }
    size_t rest = parts_length(parts) - strlen(parts->args);
    if (parts_length(parts) > columns &&
        (parts->whole || rest + least_args(parts) > columns)) {
        fit_two_lines(parts, columns, text, size);
        return;
    }
    cut_args(parts, columns > rest ? columns - rest : 0);
    write_call(parts, text, columns + 1 < size ? columns + 1 : size);
}
