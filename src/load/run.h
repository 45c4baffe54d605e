/*
 * run.h - one run of the load: the workers from their start to their end.
 */
#ifndef RUN_H
#define RUN_H

#include "worker.h"

struct results {
    double seconds;           /* in which the requests were due */
    struct counts counts;     /* of the whole run */
    struct histogram latency; /* of what was measured, and of what was late */
};

/* Runs it all; SIGINT or SIGTERM ends it early, a second one at once. With
 * `progress`, a line on standard error is rewritten each second. */
void run_load(const struct load *load, bool progress, struct results *results);

#endif
