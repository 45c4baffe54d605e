/*
 * worker.c - see worker.h: one thread's loop.
 */
#include "worker.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "connection.h"
#include "request.h"

#define MILLISECOND UINT64_C(1000000)

enum {
    EVENTS = 256,  /* of one epoll_wait() */
    LOOK_MS = 100, /* how often it is looked who has waited too long */

    /* Who opens many connections at once overflows the listening socket's
     * queue, and a SYN that is dropped comes again only after a second. So no
     * more than this are opened before the server has echoed a byte; one that
     * serves its clients in turn never does: then time goes on too. */
    MOST_GREETING = 4,
    OPEN_MS = 10,
    GREETING_MS = 500,
};

uint64_t now_ns(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_MONOTONIC, &now) == -1)
        die("clock_gettime");
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Edge-triggered: what rings need not be read from to be quiet again. */
static void add_bell(const struct worker *worker, int fd)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};

    if (epoll_ctl(worker->epoll, EPOLL_CTL_ADD, fd, &event) == -1)
        die("epoll_ctl");
}

void worker_init(struct worker *worker, struct run *run, int number,
                 size_t count)
{
    const struct load *load = run->load;

    *worker = (struct worker){.run = run, .load = load, .number = number};
    worker->count = count;
    worker->connections = calloc(count, sizeof *worker->connections);
    worker->begun = calloc(count * (size_t)load->depth, sizeof *worker->begun);
    worker->buffer = malloc(READ_SIZE);
    if (worker->connections == NULL || worker->begun == NULL ||
        worker->buffer == NULL)
        die("malloc");
    for (size_t i = 0; i < count; i++) {
        worker->connections[i].fd = -1;
        worker->connections[i].number =
            i * (uint64_t)load->threads + (uint64_t)number + 1;
    }
    worker->budget = -1;
    if (load->requests > 0) {
        worker->budget = load->requests / load->threads;
        worker->budget += number < load->requests % load->threads ? 1 : 0;
    }
    worker->epoll = epoll_create1(EPOLL_CLOEXEC);
    worker->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    worker->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (worker->epoll == -1 || worker->wake == -1 || worker->timer == -1)
        die("epoll_create1");
    add_bell(worker, worker->wake);
    add_bell(worker, worker->timer);
}

void worker_free(struct worker *worker)
{
    close(worker->timer);
    close(worker->wake);
    close(worker->epoll);
    free(worker->connections);
    free(worker->begun);
    free(worker->buffer);
}

static void ring(int fd)
{
    uint64_t one = 1;

    if (write(fd, &one, sizeof one) == -1 && errno != EAGAIN)
        die("write to an eventfd");
}

void worker_wake(const struct worker *worker)
{
    ring(worker->wake);
}

/* --- Phases ------------------------------------------------------------- */

static void open_more(struct worker *worker)
{
    uint64_t pause = OPEN_MS * MILLISECOND;

    if (worker->load->mode == CONNECT)
        worker->created = worker->count; /* they open when they have work */
    while (worker->created < worker->count &&
           (worker->greeting < MOST_GREETING ||
            worker->now - worker->last_open >= pause)) {
        worker->last_open = worker->now;
        connection_open(worker, &worker->connections[worker->created++]);
    }
    if (worker->told_opened || worker->created < worker->count)
        return;
    if (worker->greeting > 0 &&
        worker->now - worker->last_open < GREETING_MS * MILLISECOND)
        return;
    worker->told_opened = true;
    atomic_fetch_add(&worker->run->opened, 1);
    ring(worker->run->news);
}

static void pump_all(struct worker *worker)
{
    for (size_t i = 0; i < worker->created; i++) {
        worker->now = now_ns(); /* the first requests take their time */
        connection_pump(worker, &worker->connections[i]);
    }
}

static void take_phase(struct worker *worker)
{
    enum phase phase =
        atomic_load_explicit(&worker->run->phase, memory_order_acquire);

    if (phase == worker->phase)
        return;
    worker->phase = phase;
    if (phase == RUNNING)
        pump_all(worker);
    if (phase != ENDING)
        return;
    for (size_t i = 0; i < worker->created; i++) {
        requests_forget(worker, &worker->connections[i]);
        connection_finish(worker, &worker->connections[i]);
    }
}

/* --- Time --------------------------------------------------------------- */

/* Hands out the requests that are due by now, and sets the timer to the next
 * one. */
static void keep_schedule(struct worker *worker)
{
    if (worker->load->rate == 0 || worker->phase != RUNNING)
        return;
    uint64_t due = requests_next_due(worker);
    while (due <= worker->now && worker->budget != 0) {
        struct connection *c =
            &worker->connections[worker->scheduled++ % worker->count];
        worker->budget -= worker->budget > 0 ? 1 : 0;
        due = requests_next_due(worker);
        if (c->state == CLOSED && worker->load->mode != CONNECT) {
            worker->counts.unsent++;
            continue;
        }
        c->overdue++;
        worker->overdue++;
        connection_pump(worker, c);
    }
    struct itimerspec at = {
        .it_value = {(time_t)(due / 1000000000), (long)(due % 1000000000)}};
    if (due == worker->timer_due || worker->budget == 0)
        return;
    worker->timer_due = due;
    if (timerfd_settime(worker->timer, TFD_TIMER_ABSTIME, &at, NULL) == -1)
        die("timerfd_settime");
}

/* Gives up who has waited too long; slots that failed try again. */
static void look(struct worker *worker)
{
    uint64_t patience = worker->load->patience;

    if (worker->now - worker->last_look < LOOK_MS * MILLISECOND)
        return;
    worker->last_look = worker->now;
    for (size_t i = 0; i < worker->created; i++) {
        struct connection *c = &worker->connections[i];
        if (patience > 0 && connection_waits(c) &&
            worker->now > c->progress + patience)
            connection_expire(worker, c);
        else if (c->state == CLOSED)
            connection_pump(worker, c);
    }
}

/* Tells the main thread how it goes. */
static void tell_news(struct worker *worker)
{
    bool idle = worker->outstanding == 0 && worker->overdue == 0;
    bool alone = worker->load->mode != CONNECT && worker->live == 0;

    atomic_store_explicit(&worker->requests, worker->counts.requests,
                          memory_order_relaxed);
    atomic_store_explicit(&worker->echoed, worker->counts.echoed,
                          memory_order_relaxed);
    if (worker->phase != RUNNING || worker->told_finished)
        return;
    if (alone || (worker->budget == 0 && idle)) {
        worker->told_finished = true;
        atomic_fetch_add(&worker->run->finished, 1);
        ring(worker->run->news);
    }
}

/* --- The loop ----------------------------------------------------------- */

static void turn(struct worker *worker)
{
    struct epoll_event events[EVENTS];
    int wait = worker->phase == OPENING ? OPEN_MS : LOOK_MS;
    int count = epoll_wait(worker->epoll, events, EVENTS,
                           worker->load->busy ? 0 : wait);

    if (count == -1 && errno != EINTR)
        die("epoll_wait");
    worker->now = now_ns();
    for (int i = 0; i < count; i++)
        if (events[i].data.ptr != NULL) /* no bell */
            connection_event(worker, events[i].data.ptr, events[i].events);
    if (worker->phase == OPENING)
        open_more(worker);
    take_phase(worker);
    keep_schedule(worker);
    look(worker);
    tell_news(worker);
}

void *worker_run(void *argument)
{
    struct worker *worker = argument;

    /* A timer may come 50 microseconds late by default, to save power. */
    if (worker->load->rate > 0 && prctl(PR_SET_TIMERSLACK, 1UL) == -1)
        report("prctl");
    worker->now = worker->last_look = now_ns();
    open_more(worker);
    while (worker->phase < ENDING ||
           (worker->phase == ENDING && worker->live > 0))
        turn(worker);
    for (size_t i = 0; i < worker->created; i++)
        if (worker->connections[i].state != CLOSED)
            close(worker->connections[i].fd);
    atomic_fetch_add(&worker->run->gone, 1);
    ring(worker->run->news);
    return NULL;
}
