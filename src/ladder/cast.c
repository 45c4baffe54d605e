/*
 * cast.c - see options.h: a cast file, the players of a scene.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "options.h"

static void *need(void *memory)
{
    if (memory != NULL)
        return memory;
    perror("ladder: malloc");
    exit(1);
}

/* Splits a line into words, in place; "..." and '...' hold words together. */
static char **split(char *line, const char *where)
{
    char **words = need(calloc(strlen(line) / 2 + 2, sizeof *words));
    size_t count = 0;
    char *to;

    for (;;) {
        line += strspn(line, " \t");
        if (*line == '\0')
            return words;
        words[count++] = to = line;
        char quote = '\0';
        for (; *line != '\0'; line++) {
            if (quote == '\0' && (*line == ' ' || *line == '\t'))
                break;
            if (*line == quote)
                quote = '\0';
            else if (quote == '\0' && (*line == '"' || *line == '\''))
                quote = *line;
            else
                *to++ = *line;
        }
        if (quote != '\0')
            misuse("%s: a %c is missing at the end", where, quote);
        if (*line != '\0')
            line++;
        *to = '\0';
    }
}

/* The folder above the one in which the ladder lies: of bin/ladder, where bin/
 * and lessons/ stand. */
static const char *home(void)
{
    static char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);

    path[length > 0 ? length : 0] = '\0';
    for (int i = 0; i < 2; i++) {
        char *slash = strrchr(path, '/');
        if (slash != NULL)
            *slash = '\0';
    }
    return path;
}

/* "bin/12-echo-server" is wherever the reader of the cast stands, or in the
 * ladder's own house: so that a lesson can be played from everywhere. */
static char *find_program(char *name)
{
    size_t size = strlen(home()) + strlen(name) + 2;

    if (name[0] == '/' || strchr(name, '/') == NULL || access(name, F_OK) == 0)
        return name;
    char *path = need(malloc(size));
    snprintf(path, size, "%s/%s", home(), name);
    if (access(path, F_OK) == 0)
        return path;
    free(path);
    return name;
}

static char *unescape(char *text)
{
    char *to = text;

    for (const char *from = text; *from != '\0'; from++) {
        if (from[0] == '\\' && from[1] == 'n') {
            *to++ = '\n';
            from++;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
    return text;
}

static void add_sysctl(char *text, struct options *options, const char *where)
{
    struct sysctl *next = &options->sysctls[options->sysctl_count];

    if (options->sysctl_count == MOST_SYSCTLS)
        misuse("%s: more than %d sysctl lines", where, MOST_SYSCTLS);
    if (!sysctl_read(text, next))
        misuse("%s: not net.NAME=VALUE: %s", where, text);
    options->sysctl_count++;
}

/* One line: "server: ...", "client: ...", "input: ...", "option: --..." or
 * "sysctl: net...". What is taken points into it. */
static void read_line(const char *where, char *line, struct options *options)
{
    line += strspn(line, " \t");
    if (*line == '#' || *line == '\0')
        return;
    char *rest = line + strcspn(line, ":");
    if (*rest == '\0')
        misuse("%s: not 'server: ...', 'client: ...', 'input: ...', "
               "'option: ...' or 'sysctl: ...': %s",
               where, line);
    *rest++ = '\0';
    rest += strspn(rest, " \t");
    if (strcmp(line, "server") == 0 || strcmp(line, "client") == 0) {
        if ((strcmp(line, "server") == 0) != (options->actors == 0))
            misuse("%s: one server, then its clients", where);
        char **words = split(rest, where);
        if (words[0] != NULL)
            words[0] = find_program(words[0]);
        options_add_player(options, words, where);
    } else if (strcmp(line, "input") == 0) {
        options->input = unescape(rest);
    } else if (strcmp(line, "option") == 0) {
        options_take(rest, NULL, options);
    } else if (strcmp(line, "sysctl") == 0) {
        add_sysctl(rest, options, where);
    } else {
        misuse("%s: unknown word '%s:'", where, line);
    }
}

void cast_read(const char *file, struct options *options)
{
    static char text[16384]; /* kept: the players' words stand in it */
    char where[300];
    FILE *cast = fopen(file, "re");
    int number = 0;

    if (cast == NULL)
        misuse("%s: %s", file, strerror(errno));
    size_t length = fread(text, 1, sizeof text, cast);
    if (length == sizeof text)
        misuse("%s: too long for a cast", file);
    fclose(cast);
    for (char *line = text, *end; *line != '\0'; line = end) {
        end = line + strcspn(line, "\n");
        if (*end != '\0')
            *end++ = '\0';
        snprintf(where, sizeof where, "%s, line %d", file, ++number);
        read_line(where, line, options);
    }
}
