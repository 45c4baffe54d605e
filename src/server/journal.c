/*
 * journal.c - the lines of --log, and the counters: see engine.h.
 *
 * Nobody may stop the service by not reading what it writes: where poll(2) does
 * not promise room, which for a pipe is more than a line takes, a line is lost,
 * and the next one that is not says how many were.
 */
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "server/engine.h"

static bool write_promptly(int fd, const char *text, size_t size)
{
    struct pollfd room = {.fd = fd, .events = POLLOUT};

    return poll(&room, 1, 0) == 1 && write(fd, text, size) == (ssize_t)size;
}

/* Loops take turns: between one's poll() and its write() there is no other's.
 */
static void write_line(const char *line, size_t size)
{
    static pthread_mutex_t turns = PTHREAD_MUTEX_INITIALIZER;
    static unsigned long lost;
    char note[64];

    pthread_mutex_lock(&turns);
    if (lost > 0) {
        int n = snprintf(note, sizeof note, "%lu lines were lost\n", lost);
        if (write_promptly(STDOUT_FILENO, note, (size_t)n))
            lost = 0;
    }
    if (lost > 0 || !write_promptly(STDOUT_FILENO, line, size))
        lost++;
    pthread_mutex_unlock(&turns);
}

void journal_line(const char *format, ...)
{
    char line[256];
    time_t now = time(NULL);
    struct tm utc;
    va_list arguments;

    if (now == -1 || gmtime_r(&now, &utc) == NULL)
        die("time");
    size_t used = strftime(line, sizeof line, "%Y-%m-%dT%H:%M:%SZ ", &utc);
    va_start(arguments, format);
    vsnprintf(line + used, sizeof line - used - 1, format, arguments);
    va_end(arguments);
    used = strlen(line);
    line[used++] = '\n';
    write_line(line, used);
}

void report_counters(const struct server *server)
{
    struct counters sum = {0};
    char text[512];

    for (size_t i = 0; i < server->loop_count; i++) {
        const struct counters *one = &server->loops[i]->counters;
        add_to(&sum.accepted, value_of(&one->accepted));
        add_to(&sum.gone, value_of(&one->gone));
        add_to(&sum.bytes_in, value_of(&one->bytes_in));
        add_to(&sum.bytes_out, value_of(&one->bytes_out));
    }
    int n = snprintf(
        text, sizeof text,
        "%.200s: connections %llu, open %llu, refused %llu; "
        "bytes in %llu, out %llu; "
        "datagrams in %llu, out %llu, dropped %llu\n",
        program_name, value_of(&sum.accepted), clients_open(server),
        value_of(&server->refused), value_of(&sum.bytes_in),
        value_of(&sum.bytes_out), value_of(&server->datagrams_in),
        value_of(&server->datagrams_out), value_of(&server->datagrams_dropped));
    write_promptly(STDERR_FILENO, text, (size_t)n);
}
