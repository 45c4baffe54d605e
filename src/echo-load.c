/*
 * echo-load - how fast is an echo server (RFC 862), and is each byte right?
 *
 *     bin/echo-load                             one connection, 5 seconds
 *     bin/echo-load --connections 64            and how long each echo took
 *     bin/echo-load --mode stream --connections 16
 *     bin/echo-load --mode idle --connections 10000 --duration 60
 *
 * Its parts are in load/: a worker is a thread with an epoll(7) loop of its
 * own, so it is Linux's.
 *
 * Exit status: 0 all was echoed; 1 a byte was wrong or one too many, or a call
 * failed; 2 wrong usage; 3 a connection was refused or lost, or there are too
 * few descriptors for that many.
 */
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "load/pattern.h"
#include "load/report.h"
#include "toolkit.h"

enum {
    EXIT_LOST = 3,
    OTHER_DESCRIPTORS = 32, /* beside the connections; workers have 3 each */
    STREAM_SIZE = 65536,
    STREAM_DEPTH = 1024, /* more than the kernel's buffers hold */
};

static const char about[] =
    "Loads an echo server (RFC 862), compares every byte that comes back, and\n"
    "tells the rate and the latencies. --mode is one of\n"
    "  pingpong  each connection sends a request, and the next when it is "
    "back\n"
    "  stream    both directions as fast as they go\n"
    "  connect   connects, sends one request, closes; again and again\n"
    "  idle      connections stand still; at the end each must echo a request\n"
    "With --rate, a latency counts from when the request was due, not from "
    "when\n"
    "it could be sent: a server that stalls is not spared the questions\n"
    "meanwhile. Exit status: 1 a byte was wrong, 3 a connection was refused "
    "or\n"
    "lost.";

/* --- The command line --------------------------------------------------- */

static enum mode mode_of(const char *name)
{
    for (int mode = PINGPONG; mode <= IDLE; mode++)
        if (strcmp(name, mode_names[mode]) == 0)
            return (enum mode)mode;
    misuse("mode \"%s\": not pingpong, stream, connect or idle", name);
}

/* Seconds with decimals, in nanoseconds. */
static uint64_t duration_of(const char *option, const char *text)
{
    char *end;
    double seconds = strtod(text, &end);

    if (*text == '\0' || strspn(text, "0123456789.") != strlen(text) ||
        *end != '\0' || !(seconds >= 0 && seconds <= 86400))
        misuse("%s \"%s\": not a whole number, nor a decimal, from 0 to 86400",
               option, text);
    return (uint64_t)(seconds * 1e9);
}

/* The command line in other words than struct load's. */
struct request {
    const char *address, *port, *mode, *duration, *warmup, *svg;
    long patience, busy, reset, json, ascii;
};

static void read_command(int argc, char *argv[], struct load *load,
                         struct request *asked)
{
    const struct option_spec options[] = {
        {"mode", "MODE", &asked->mode, ANY_TEXT, "see above"},
        {"connections", "N", &load->connections, 1, 1000000, "at once"},
        {"size", "BYTES", &load->size, 0, 1L << 30,
         "of a request; 0: 64, for stream 65536"},
        {"depth", "N", &load->depth, 0, 65536,
         "requests on their way at once; 0: 1"},
        {"duration", "S", &asked->duration, ANY_TEXT,
         "seconds, also 0.5; 0: no limit"},
        {"warmup", "S", &asked->warmup, ANY_TEXT, "seconds not counted"},
        {"requests", "N", &load->requests, 0, 1000000000000,
         "end after so many; 0: no limit"},
        {"rate", "R", &load->rate, 0, 100000000,
         "requests a second in all; 0: no limit"},
        {"threads", "N", &load->threads, 1, 1024, "of this program"},
        {"timeout", "S", &asked->patience, 0, 86400,
         "longest wait for an echo; 0: no limit"},
        {"busy", NULL, &asked->busy, 0, 0, "look again instead of sleeping"},
        {"reset", NULL, &asked->reset, 0, 0,
         "connect: close by RST, which leaves no TIME-WAIT"},
        {"json", NULL, &asked->json, 0, 0, "one JSON object instead of text"},
        {"svg", "FILE", &asked->svg, ANY_TEXT, "draw the latencies"},
        {"ascii", NULL, &asked->ascii, 0, 0, "bars of ASCII characters"},
        {0},
    };
    parse_arguments(argc, argv, about, options, &asked->address, &asked->port);
}

/* What was not asked for follows from the mode. */
static void complete_load(struct load *load, const struct request *asked)
{
    bool stream;

    load->mode = mode_of(asked->mode);
    load->duration = duration_of("duration", asked->duration);
    load->warmup = duration_of("warmup", asked->warmup);
    load->patience = (uint64_t)asked->patience * 1000000000;
    load->busy = asked->busy != 0;
    load->reset = asked->reset != 0;
    stream = load->mode == STREAM;
    if (load->size == 0)
        load->size = stream ? STREAM_SIZE : 64;
    if (load->depth > 1 && (load->mode == CONNECT || load->mode == IDLE))
        misuse("--depth is for --mode pingpong and stream");
    if (load->depth == 0)
        load->depth = stream ? STREAM_DEPTH : 1;
    if (load->rate > 0 && (stream || load->mode == IDLE))
        misuse("--rate is for --mode pingpong and connect");
    if (load->reset && load->mode != CONNECT)
        misuse("--reset is for --mode connect");
    if (load->threads > load->connections)
        load->threads = load->connections;
    /* So many requests are all counted, however long they take. */
    if (load->requests > 0)
        load->duration = load->warmup = 0;
}

/* --- The server --------------------------------------------------------- */

/* Of several addresses, the first one that takes a connection. */
static const struct addrinfo *answering(const struct addrinfo *list)
{
    for (const struct addrinfo *a = list; list->ai_next != NULL && a != NULL;
         a = a->ai_next) {
        int fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
        int result =
            fd == -1 ? -1 : connect(fd, a->ai_addr, (socklen_t)a->ai_addrlen);
        if (fd != -1)
            close(fd);
        if (result == 0)
            return a;
    }
    return list;
}

static void find_server(const char *address, const char *port,
                        struct load *load)
{
    struct addrinfo *list = resolve(address, port, 0);
    const struct addrinfo *a = answering(list);

    memcpy(&load->peer, a->ai_addr, a->ai_addrlen);
    load->peer_size = a->ai_addrlen;
    address_text(a->ai_addr, load->peer_text);
    freeaddrinfo(list);
}

/* Raises the limit as far as the system lets us: an ordinary user up to the
 * hard limit, root beyond it. */
static void raise_limit(const struct load *load)
{
    struct rlimit limit;
    rlim_t need =
        (rlim_t)(load->connections + 3 * load->threads) + OTHER_DESCRIPTORS;

    if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
        die("getrlimit");
    if (limit.rlim_cur >= need)
        return;
    rlim_t most = limit.rlim_max > need ? limit.rlim_max : need;
    struct rlimit wanted = {need, most};
    if (setrlimit(RLIMIT_NOFILE, &wanted) == 0)
        return;
    errno = 0;
    report("%ld connections need %llu descriptors: %llu more than the limit of "
           "%llu ('ulimit -Hn')",
           load->connections, (unsigned long long)need,
           (unsigned long long)(need - limit.rlim_max),
           (unsigned long long)limit.rlim_max);
    exit(EXIT_LOST);
}

/* --- The results -------------------------------------------------------- */

static void show(const struct load *load, const struct request *asked,
                 const struct results *results)
{
    const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
    bool terminal = isatty(STDOUT_FILENO);
    bool plain = (no_colour != NULL && *no_colour != '\0') || term == NULL ||
                 strcmp(term, "dumb") == 0;

    setlocale(LC_CTYPE, "");
    bool utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    if (asked->json)
        report_json(load, results);
    else
        report_text(load, results, terminal && utf8 && !asked->ascii,
                    terminal && !plain);
    if (fflush(stdout) == EOF || ferror(stdout))
        die("standard output");
}

static int verdict(const struct counts *counts)
{
    if (counts->wrong > 0)
        return EXIT_FAILURE;
    return counts->refused + counts->lost > 0 ? EXIT_LOST : EXIT_SUCCESS;
}

int main(int argc, char *argv[])
{
    struct load load = {.connections = 1, .threads = 1};
    static struct results results;
    struct request asked = {.address = "127.0.0.1",
                            .port = "7007",
                            .mode = "pingpong",
                            .duration = "5",
                            .warmup = "0",
                            .patience = 10};
    FILE *svg = NULL;

    read_command(argc, argv, &load, &asked);
    complete_load(&load, &asked);
    find_server(asked.address, asked.port, &load);
    raise_limit(&load);
    /* A file that cannot be written is known before the run, not after it. */
    if (asked.svg != NULL && (svg = fopen(asked.svg, "we")) == NULL)
        die("fopen %s", asked.svg);
    pattern_make();
    run_load(&load, isatty(STDERR_FILENO) == 1, &results);
    show(&load, &asked, &results);
    if (svg != NULL && report_svg(svg, &load, &results) == -1)
        die("%s", asked.svg);
    return verdict(&results.counts);
}
