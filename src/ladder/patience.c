/*
 * patience.c - see patience.h.
 */
#include "patience.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "actors.h"

static const struct options *limits;
static unsigned long calls;
static long long begun, patience;

/* What the scheduler has counted of all threads, and of those that have ended,
 * in nanoseconds. */
static struct counts {
    long long busy;   /* on a processor, or waiting for one */
    long long waited; /* for one */
} counted, gone;

/* proc(5), /proc/PID/schedstat: the time on a processor, and waiting for one.
 * Where the kernel keeps no such file, nobody was busy. */
static struct times {
    long long ran, waited;
} times_of(pid_t pid)
{
    struct times times = {0};
    char path[48], line[100] = "", *end;

    snprintf(path, sizeof path, "/proc/%d/schedstat", (int)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return times;
    if (fgets(line, sizeof line, file) != NULL) {
        times.ran = strtoll(line, &end, 10);
        times.waited = strtoll(end, NULL, 10);
    }
    fclose(file);
    return times;
}

static void add_thread(struct counts *counts, pid_t pid)
{
    struct times times = times_of(pid);

    counts->busy += times.ran + times.waited;
    counts->waited += times.waited;
}

static void count_thread(pid_t pid)
{
    add_thread(&counted, pid);
}

void patience_exit(pid_t pid)
{
    add_thread(&gone, pid);
}

static void count_players(void)
{
    counted = gone;
    actors_each(count_thread);
}

void patience_open(const struct options *options)
{
    limits = options;
}

void patience_begin(long long now)
{
    begun = now;
    patience = (long long)(limits->timeout * SECOND);
}

static bool too_many_calls(void)
{
    return limits->most_calls != 0 && calls > limits->most_calls;
}

bool patience_call(void)
{
    calls++;
    return too_many_calls();
}

/* Some interpreters never sleep for long: less than an eighth is quiet, of a
 * tenth of a second, as one that wakes may wait some milliseconds for a
 * processor. We come here fifty times a second; where a fifth went by, we had
 * none ourselves, and what happened meanwhile is not known yet. */
long long patience_quiet_since(long long now, long long last_event)
{
    static long long looked, asked, was_busy, active;

    if (now - looked > SECOND / 5)
        active = now;
    looked = now;
    if (now - last_event > SECOND / 10 && now - asked >= SECOND / 10) {
        count_players();
        if ((counted.busy - was_busy) * 8 > now - asked)
            active = now;
        asked = now;
        was_busy = counted.busy;
    }
    return active > last_event ? active : last_event;
}

/* A machine that is busy with other things takes the players' time, and ours:
 * what they waited for a processor is given back, up to three times the
 * patience. They may have waited side by side, but as often one after the
 * other: a server, its newest child, a client. */
static bool time_is_over(long long now)
{
    if (now - begun <= patience)
        return false;
    count_players();
    count_thread(getpid());
    long long given = counted.waited;
    long long most = (long long)(limits->timeout * SECOND) * 3;
    if (given > most)
        given = most;
    patience = (long long)(limits->timeout * SECOND) + given;
    return now - begun > patience;
}

const char *patience_ended(long long now, long long quiet_since)
{
    static char why[80];

    if (too_many_calls())
        snprintf(why, sizeof why, "There were %lu calls.", limits->most_calls);
    else if (actors_too_many())
        snprintf(why, sizeof why, "There were more than %lu processes.",
                 limits->most_processes);
    else if (limits->stall > 0 &&
             now - quiet_since > (long long)(limits->stall * SECOND))
        snprintf(why, sizeof why, "Nothing has happened for %g seconds.",
                 limits->stall);
    else if (time_is_over(now))
        snprintf(why, sizeof why, "The time is over: %g seconds.",
                 limits->timeout);
    else
        return NULL;
    return why;
}
