/*
 * request.c - see request.h.
 */
#include "request.h"

bool connection_waits(const struct connection *c)
{
    return c->state != CLOSED &&
           (c->state != OPEN || c->echoed < c->end || c->sent < c->end);
}

/* When a worker's nth request is due: those of --rate go to the workers in
 * turn, and there to the connections in turn. */
static uint64_t due_time(const struct worker *worker, uint64_t nth)
{
    uint64_t all = nth * (uint64_t)worker->load->threads;
    uint64_t rate = (uint64_t)worker->load->rate, second = 1000000000;

    all += (uint64_t)worker->number;
    return worker->run->begun + all / rate * second +
           all % rate * second / rate;
}

uint64_t requests_next_due(const struct worker *worker)
{
    return due_time(worker, worker->scheduled);
}

/* A request that was due at `begun` has taken until now. Gives false if that
 * was before anything was measured. */
static bool record(struct worker *worker, uint64_t begun)
{
    if (begun < worker->run->measured_from)
        return false;
    histogram_add(&worker->latency,
                  worker->now > begun ? worker->now - begun : 0);
    return true;
}

/* When the request was due that this connection sends next. */
static uint64_t own_due(const struct worker *worker, const struct connection *c)
{
    return due_time(worker, c->scheduled * worker->count +
                                (size_t)(c - worker->connections));
}

void requests_forget(struct worker *worker, struct connection *c)
{
    for (; c->overdue > 0; c->overdue--, c->scheduled++) {
        worker->counts.unsent += record(worker, own_due(worker, c)) ? 1 : 0;
        worker->overdue--;
    }
}

/* A stream begins its next message when the last one is on its way. */
bool request_may_begin(const struct worker *worker, const struct connection *c)
{
    const struct load *load = worker->load;

    return worker->phase == RUNNING && load->mode != IDLE &&
           c->requests - c->returned < (uint64_t)load->depth &&
           (load->mode != STREAM || c->sent == c->end) &&
           (load->rate > 0 ? c->overdue > 0 : worker->budget != 0);
}

/* What is measured begins when the request was due, sent or not: a server that
 * stalls must not delay the questions that would have found it stalled. */
void request_begin(struct worker *worker, struct connection *c)
{
    size_t place = (size_t)(c - worker->connections);
    size_t depth = (size_t)worker->load->depth;
    uint64_t begun = worker->now;

    if (worker->load->rate > 0 && c->overdue > 0) {
        begun = own_due(worker, c);
        c->scheduled++;
        c->overdue--;
        worker->overdue--;
    } else if (worker->budget > 0) {
        worker->budget--;
    }
    if (!connection_waits(c))
        c->progress = worker->now;
    worker->begun[place * depth + c->requests++ % depth] = begun;
    worker->outstanding++;
    c->end += (uint64_t)worker->load->size;
}

/* Bytes came back: which requests do they complete? */
void requests_complete(struct worker *worker, struct connection *c)
{
    size_t place = (size_t)(c - worker->connections);
    size_t depth = (size_t)worker->load->depth;

    while (c->echoed >= c->next) {
        c->next += (uint64_t)worker->load->size;
        if (!c->greeted) {
            c->greeted = true;
            worker->greeting--;
            continue;
        }
        uint64_t begun = worker->begun[place * depth + c->returned++ % depth];
        worker->outstanding--;
        worker->counts.requests += record(worker, begun) ? 1 : 0;
    }
}
