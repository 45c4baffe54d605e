/*
 * patience.c - see patience.h.
 */
#include "patience.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actors.h"
#include "proc.h"

static const struct options *limits;
static unsigned long calls;
static unsigned long in_vain; /* of them, since one that moved something */
static long long begun, patience;
static long long missed; /* of our own time: a stopped process, or machine */

/* What the scheduler has counted of all threads, and of those that have ended,
 * in nanoseconds. */
static struct counts {
    long long busy;   /* on a processor, or waiting for one */
    long long waited; /* for one */
} counted, gone;

/* What is seen of all threads. */
static bool one_is_ready;    /* to run, or when a disk is */
static unsigned long faults; /* pages that they did not have */

/* proc(5), schedstat: the time on a processor, and the time waited for one
 * until it was had. Where the kernel keeps no such file, nobody was busy. */
static void add_thread(struct counts *counts, pid_t pid)
{
    char *end;
    long long ran = strtoll(proc_line(pid, "schedstat"), &end, 10);
    long long waited = strtoll(end, NULL, 10);

    counts->busy += ran + waited;
    counts->waited += waited;
}

/* The field of that number, as proc(5) counts. */
static unsigned long field(const char *stat, int number)
{
    for (int i = 3; stat != NULL && i < number; i++)
        stat = strchr(stat + 1, ' ');
    return stat != NULL ? strtoul(stat, NULL, 10) : 0;
}

/* Who waits for the network is in state S; in D it waits for a disk, as for a
 * page of a program that has just begun. */
static void look_at_thread(pid_t pid)
{
    const char *stat = proc_stat(pid);

    one_is_ready |= *stat == 'R' || *stat == 'D';
    faults += field(stat, 10) + field(stat, 12);
}

/* Who makes calls that have to do with no socket may be stopped at one: t. */
static void end_loop(pid_t pid)
{
    if (strchr("Rt", *proc_stat(pid)) != NULL)
        kill(pid, SIGXCPU);
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
    missed = 0;
    patience = (long long)(limits->timeout * SECOND);
}

static bool too_many_calls(void)
{
    return limits->most_calls != 0 && calls > limits->most_calls;
}

static bool spins(void)
{
    return limits->most_vain != 0 && in_vain > limits->most_vain;
}

bool patience_call(void)
{
    calls++;
    in_vain++;
    return too_many_calls() || spins();
}

void patience_moved(void)
{
    if (!spins())
        in_vain = 0;
}

/* Who computes something takes new memory at times, or tells somebody. */
static void end_loops(void)
{
    static unsigned long had_calls, had_faults;
    static long long had_run;
    long long ran = counted.busy - counted.waited;

    if (calls != had_calls || faults != had_faults)
        had_run = ran;
    had_calls = calls;
    had_faults = faults;
    if (ran - had_run > (long long)limits->most_cpu * SECOND / 5) {
        had_run = ran;
        actors_each(end_loop);
    }
}

/* Some interpreters never sleep for long: less than an eighth is quiet, of a
 * tenth of a second, as one that wakes may wait some milliseconds for a
 * processor. Of who still waits for one nothing is counted yet: it is ready. */
static bool players_work(long long past)
{
    static long long was_busy;

    count_players();
    bool busy = (counted.busy - was_busy) * 8 > past;
    was_busy = counted.busy;
    one_is_ready = false;
    faults = 0;
    if (!busy || limits->most_cpu != 0)
        actors_each(look_at_thread);
    if (limits->most_cpu != 0)
        end_loops();
    return busy || one_is_ready;
}

/* We come here fifty times a second; where a fifth went by, we were held up
 * ourselves, and what happened meanwhile is not known yet. */
long long patience_quiet_since(long long now, long long last_event)
{
    static long long looked, asked, active;

    if (now - looked > SECOND / 5) {
        active = now;
        missed += now - looked;
    }
    looked = now;
    if (now - last_event > SECOND / 10 && now - asked >= SECOND / 10) {
        if (players_work(now - asked))
            active = now;
        asked = now;
    }
    return active > last_event ? active : last_event;
}

/* A machine that is busy with other things takes the players' time, and ours:
 * what they waited for a processor, and we were held up, is given back, up to
 * six times the patience. They may have waited side by side, but as often one
 * after the other: a server, its newest child, a client. */
static bool time_is_over(long long now)
{
    if (now - begun <= patience)
        return false;
    count_players();
    count_thread(getpid());
    long long given = counted.waited + missed;
    long long most = (long long)(limits->timeout * SECOND) * 6;
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
    else if (spins())
        snprintf(why, sizeof why,
                 "There were %lu calls in a row that moved nothing.",
                 limits->most_vain);
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
