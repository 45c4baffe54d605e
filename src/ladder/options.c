/*
 * options.c - see options.h.
 */
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "view.h"

static const char usage[] =
    "Usage: ladder [OPTION]... SERVER [ARG]... -- CLIENT [ARG]... [-- ...]\n"
    "       ladder [OPTION]... CAST-FILE [OPTION]...\n"
    "Runs the programs in a private network, and draws their network calls,\n"
    "the segments between them and the states of their sockets, in true "
    "order.\n"
    "The clients start when the server listens (or, with UDP, waits); "
    "{address}\n"
    "and {port} in their words stand for where. Standard input goes to the\n"
    "first client. A program alone, without --, is watched too.\n"
    "\n"
    "  --step            stop before every call; Enter goes on, ? and Enter\n"
    "                    lists the other keys\n"
    "  --predict         the same, and ask first what will happen\n"
    "  --explain         say what each call asks of the kernel\n"
    "  --seq             show sequence numbers, acknowledgements and windows\n"
    "  --no-output       do not show what the programs print\n"
    "  --ascii           no lines and arrows of Unicode\n"
    "  --svg FILE        draw the picture into a file as well\n"
    "  --events FILE     write the events as JSON Lines\n"
    "  --save-output DIR keep what each prints there, in client.out, ...\n"
    "  --host-net        use this machine's own network\n"
    "  --timeout SECONDS end all after so long (default 30)\n"
    "  --stall SECONDS   end all when nothing has happened for so long\n"
    "  --calls N         end all after so many calls\n"
    "  --spin N          end all when so many calls in a row move nothing\n"
    "  --processes N     end all when there are more processes and threads\n"
    "  --cpu SECONDS     end what uses a processor for longer (whole seconds)\n"
    "\n"
    "Adversity; SIDE is 'server:' or 'client:', and both without:\n"
    "  --short-reads[=[SIDE]N]   no read moves more than N bytes (default 1)\n"
    "  --short-writes[=[SIDE]N]  no write moves more than N bytes (default 1)\n"
    "  --eintr[=[SIDE]K]         interrupt every K-th blocking call (default "
    "2)\n"
    "  --fail=[SIDE]CALL=ERRNO[@K]  make every such call fail, or the K-th\n"
    "  --late[=[SIDE]MS]         new threads and children begin when nothing "
    "has\n"
    "                            happened for MS milliseconds (default 100)\n"
    "  -h, --help        show this\n"
    "\n"
    "Exit status: 0 if all programs ended with 0 (or, of a server that served\n"
    "for ever, by the SIGTERM it was sent), 1 if not, 2 for wrong usage, 3 "
    "where\n"
    "the system forbids what was asked.\n";

void misuse(const char *format, ...)
{
    va_list arguments;

    fflush(stdout);
    fputs("ladder: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputs("\n'ladder -h' shows the usage.\n", stderr);
    exit(2);
}

/* --- Values ------------------------------------------------------------- */

static unsigned long number(const char *option, const char *text)
{
    char *end;

    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (!isdigit((unsigned char)*text) || *end != '\0' || errno != 0 ||
        value == 0 || value > 1000000000)
        misuse("%s \"%s\": not a whole number from 1", option, text);
    return value;
}

/* Takes "server:" or "client:" from the front of a value. */
static const char *take_side(const char *text, bool side[SIDES])
{
    side[0] = strncmp(text, "client:", 7) != 0;
    side[1] = strncmp(text, "server:", 7) != 0;
    return side[0] && side[1] ? text : text + 7;
}

static void set_sides(const char *option, const char *text,
                      unsigned long fallback, unsigned long values[SIDES])
{
    bool side[SIDES] = {true, true};
    unsigned long value = fallback;

    if (text != NULL)
        text = take_side(text, side);
    if (text != NULL && *text != '\0')
        value = number(option, text);
    for (int i = 0; i < SIDES; i++)
        if (side[i])
            values[i] = value;
}

static int error_number(const char *name, size_t length)
{
    for (int error = 1; error < 140; error++) {
        const char *known = error_name(error);
        if (strlen(known) == length && strncmp(known, name, length) == 0)
            return error;
    }
    misuse("--fail: no error is named %.*s", (int)length, name);
}

/* [SIDE]CALL=ERRNO[@K] */
static void add_failure(const char *text, struct adversity *adversity)
{
    size_t count;
    const struct call_type *table = calls_table(&count);

    if (adversity->failure_count == MOST_FAILURES)
        misuse("--fail: no more than %d", MOST_FAILURES);
    struct failure *failure = &adversity->failures[adversity->failure_count++];
    const char *call = take_side(text, failure->side);
    const char *equals = strchr(call, '=');
    if (equals == NULL)
        misuse("--fail \"%s\": not CALL=ERRNO", text);
    for (size_t i = 0; i < count; i++)
        if (strlen(table[i].name) == (size_t)(equals - call) &&
            strncmp(table[i].name, call, (size_t)(equals - call)) == 0)
            failure->call = table[i].name;
    if (failure->call == NULL)
        misuse("--fail: no call that is watched is named %.*s",
               (int)(equals - call), call);
    const char *at = strchr(equals, '@');
    size_t length = at != NULL ? (size_t)(at - equals - 1) : strlen(equals + 1);
    failure->error = error_number(equals + 1, length);
    failure->at = at != NULL ? number("--fail", at + 1) : 0;
}

static double seconds(const char *option, const char *text)
{
    char *end;
    double value = strtod(text, &end);

    if (end == text || *end != '\0' || !(value > 0 && value <= 86400))
        misuse("%s \"%s\": not a number of seconds", option, text);
    return value;
}

/* --- Options ---------------------------------------------------------- */

void options_take(char *word, char *value, struct options *options)
{
    const struct {
        const char *name;
        bool *set;
    } switches[] = {
        {"--step", &options->step},
        {"--predict", &options->predict},
        {"--explain", &options->explain},
        {"--seq", &options->seq},
        {"--ascii", &options->ascii},
        {"--host-net", &options->host_net},
        {"--no-output", &options->no_output},
    };
    struct adversity *adversity = &options->adversity;

    if (value == NULL && (value = strchr(word, '=')) != NULL)
        *value++ = '\0';
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
        if (strcmp(word, switches[i].name) == 0) {
            if (value != NULL)
                misuse("%s takes no value", word);
            *switches[i].set = true;
            return;
        }
    }
    if (strcmp(word, "--short-reads") == 0)
        set_sides(word, value, 1, adversity->short_reads);
    else if (strcmp(word, "--short-writes") == 0)
        set_sides(word, value, 1, adversity->short_writes);
    else if (strcmp(word, "--eintr") == 0)
        set_sides(word, value, 2, adversity->eintr);
    else if (strcmp(word, "--late") == 0)
        set_sides(word, value, 100, adversity->late);
    else if (value == NULL)
        misuse("unknown option %s, or its value is missing", word);
    else if (strcmp(word, "--svg") == 0)
        options->svg = value;
    else if (strcmp(word, "--events") == 0)
        options->events = value;
    else if (strcmp(word, "--save-output") == 0)
        options->save_output = value;
    else if (strcmp(word, "--timeout") == 0)
        options->timeout = seconds(word, value);
    else if (strcmp(word, "--stall") == 0)
        options->stall = seconds(word, value);
    else if (strcmp(word, "--calls") == 0)
        options->most_calls = number(word, value);
    else if (strcmp(word, "--spin") == 0)
        options->most_vain = number(word, value);
    else if (strcmp(word, "--processes") == 0)
        options->most_processes = number(word, value);
    else if (strcmp(word, "--cpu") == 0)
        options->most_cpu = number(word, value);
    else if (strcmp(word, "--fail") == 0)
        add_failure(value, adversity);
    else
        misuse("unknown option %s", word);
}

/* Options whose value may be the next word. */
static bool wants_word(const char *word)
{
    static const char *const names[] = {
        "--svg",   "--events", "--save-output", "--timeout", "--stall",
        "--calls", "--spin",   "--processes",   "--cpu",     "--fail"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(word, names[i]) == 0)
            return true;
    return false;
}

/* Reads options up to the first other word, and gives that one. */
static char **read_options(char *words[], struct options *options)
{
    for (; *words != NULL && (*words)[0] == '-'; words++) {
        if (strcmp(*words, "--") == 0)
            misuse("no server is named in front of --");
        if (strcmp(*words, "-h") == 0 || strcmp(*words, "--help") == 0) {
            fputs(usage, stdout);
            exit(fflush(stdout) == 0 ? 0 : 1);
        }
        if (wants_word(*words) && words[1] != NULL) {
            options_take(words[0], words[1], options);
            words++;
        } else {
            options_take(*words, NULL, options);
        }
    }
    return words;
}

/* --- Players ------------------------------------------------------------ */

void options_add_player(struct options *options, char **words,
                        const char *where)
{
    if (options->actors == MOST_ACTORS)
        misuse("%s: more than %d programs", where, MOST_ACTORS);
    if (words[0] == NULL)
        misuse("%s: a program is missing", where);
    options->commands[options->actors++] = words;
}

/* A file that nobody may run, and no program's first word. */
static bool is_cast(char *words[])
{
    struct stat status;

    return stat(words[0], &status) == 0 && S_ISREG(status.st_mode) &&
           (status.st_mode & 0111) == 0 &&
           (words[1] == NULL ||
            (words[1][0] == '-' && strcmp(words[1], "--") != 0));
}

static void read_commands(char *words[], struct options *options)
{
    char **first = words;

    for (;; words++) {
        bool end = *words == NULL;
        if (!end && strcmp(*words, "--") != 0)
            continue;
        *words = NULL;
        options_add_player(options, first, "after --");
        if (end)
            break;
        first = words + 1;
    }
}

void options_read(int argc, char *argv[], struct options *options)
{
    (void)argc; /* a NULL ends argv */
    options->timeout = 30;
    char **words = read_options(argv + 1, options);
    if (words[0] == NULL)
        misuse("no server is named");
    if (is_cast(words)) {
        cast_read(words[0], options);
        char **rest = read_options(words + 1, options);
        if (rest[0] != NULL)
            misuse("%s: a cast names all players; what is \"%s\"?", words[0],
                   rest[0]);
    } else {
        read_commands(words, options);
    }
    if (options->actors == 0)
        misuse("%s: no server is named", words[0]);
    options->step = options->step || options->predict;
}
