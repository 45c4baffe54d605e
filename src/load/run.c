/*
 * run.c - see run.h.
 */
#include "run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define SECOND UINT64_C(1000000000)

/* What the main thread knows. */
struct conductor {
    const struct load *load;
    struct run run;
    struct worker *workers;
    int signals; /* a signalfd(2) */
    bool interrupted, progress;
    uint64_t next_line, shown_at;
    uint64_t requests_shown, echoed_shown;
};

/* --- Progress ----------------------------------------------------------- */

static void show_progress(struct conductor *all, uint64_t now)
{
    static const char *const phases[] = {"opening", "running", "ending", ""};
    uint64_t requests = 0, echoed = 0;
    double seconds = (double)(now - all->shown_at) / SECOND;

    for (long i = 0; i < all->load->threads; i++) {
        requests += atomic_load(&all->workers[i].requests);
        echoed += atomic_load(&all->workers[i].echoed);
    }
    /* The cursor goes back: an error that is told takes the line's place. */
    fprintf(stderr, "\033[K%s: %.0f requests/s, %.1f MiB/s\r",
            phases[atomic_load(&all->run.phase)],
            (double)(requests - all->requests_shown) / seconds,
            (double)(echoed - all->echoed_shown) / seconds / 1048576);
    all->requests_shown = requests;
    all->echoed_shown = echoed;
    all->shown_at = now;
}

/* --- Waiting ------------------------------------------------------------ */

/* Waits until there is news, a signal, or it is `until` (0: no limit); shows
 * the progress meanwhile. */
static void wait_for_news(struct conductor *all, uint64_t until)
{
    struct pollfd ready[] = {
        {.fd = all->run.news, .events = POLLIN},
        {.fd = all->signals, .events = POLLIN},
    };
    struct signalfd_siginfo info;
    uint64_t now = now_ns(), wake = all->progress ? all->next_line : until, sum;

    if (until != 0 && until < wake)
        wake = until;
    int wait = wake == 0    ? -1
               : wake > now ? (int)((wake - now + 999999) / 1000000)
                            : 0;
    if (poll(ready, 2, wait) == -1 && errno != EINTR)
        die("poll");
    if (ready[0].revents != 0 && read(all->run.news, &sum, sizeof sum) == -1)
        die("read from an eventfd");
    if (ready[1].revents != 0) {
        if (read(all->signals, &info, sizeof info) == -1)
            die("read from a signalfd");
        if (all->interrupted)
            atomic_store(&all->run.phase, STOPPED);
        all->interrupted = true;
    }
    now = now_ns();
    if (all->progress && now >= all->next_line) {
        show_progress(all, now);
        all->next_line += SECOND;
    }
}

static void set_phase(struct conductor *all, enum phase phase)
{
    if (atomic_load(&all->run.phase) < phase)
        atomic_store(&all->run.phase, phase);
    for (long i = 0; i < all->load->threads; i++)
        worker_wake(&all->workers[i]);
}

/* --- A run -------------------------------------------------------------- */

/* Blocked before the threads are started, signals come to nobody but us. */
static int catch_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    int error = pthread_sigmask(SIG_BLOCK, &set, NULL);
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (error != 0 || fd == -1)
        die("signalfd");
    /* Who writes to a connection that is gone gets EPIPE. */
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        die("signal");
    return fd;
}

static void start_workers(struct conductor *all)
{
    long threads = all->load->threads, connections = all->load->connections;

    all->workers = calloc((size_t)threads, sizeof *all->workers);
    if (all->workers == NULL)
        die("calloc");
    for (int i = 0; i < threads; i++)
        worker_init(&all->workers[i], &all->run, i,
                    (size_t)(connections / threads) +
                        (i < connections % threads ? 1 : 0));
    for (long i = 0; i < threads; i++) {
        errno = pthread_create(&all->workers[i].thread, NULL, worker_run,
                               &all->workers[i]);
        if (errno != 0)
            die("pthread_create");
    }
}

static void add_counts(struct counts *into, const struct counts *from)
{
    into->requests += from->requests;
    into->sent += from->sent;
    into->echoed += from->echoed;
    into->opened += from->opened;
    into->stood += from->stood;
    into->refused += from->refused;
    into->lost += from->lost;
    into->wrong += from->wrong;
    into->unsent += from->unsent;
}

static void join_workers(struct conductor *all, struct results *results)
{
    for (long i = 0; i < all->load->threads; i++) {
        struct worker *worker = &all->workers[i];
        errno = pthread_join(worker->thread, NULL);
        if (errno != 0)
            die("pthread_join");
        add_counts(&results->counts, &worker->counts);
        histogram_merge(&results->latency, &worker->latency);
        worker_free(worker);
    }
    free(all->workers);
}

void run_load(const struct load *load, bool progress, struct results *results)
{
    struct conductor all = {.load = load, .progress = progress};
    struct run *run = &all.run;
    uint64_t end = 0;

    run->load = load;
    run->news = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (run->news == -1)
        die("eventfd");
    all.signals = catch_signals();
    all.shown_at = now_ns();
    all.next_line = all.shown_at + SECOND;
    start_workers(&all);

    while (!all.interrupted && atomic_load(&run->opened) < load->threads)
        wait_for_news(&all, 0);
    run->begun = now_ns();
    run->measured_from = run->begun + load->warmup;
    if (load->duration > 0)
        end = run->measured_from + load->duration;
    set_phase(&all, RUNNING);
    while (!all.interrupted && atomic_load(&run->finished) < load->threads &&
           (end == 0 || now_ns() < end))
        wait_for_news(&all, end);
    end = now_ns();
    if (end > run->measured_from)
        results->seconds = (double)(end - run->measured_from) / SECOND;
    set_phase(&all, ENDING);
    while (atomic_load(&run->gone) < load->threads) {
        wait_for_news(&all, 0);
        if (atomic_load(&run->phase) == STOPPED)
            set_phase(&all, STOPPED);
    }
    join_workers(&all, results);
    close(run->news);
    close(all.signals);
    if (progress)
        fputs("\033[K", stderr);
}
