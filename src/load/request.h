/*
 * request.h - when a request begins, when it has come back, and what it counts.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include "connection.h"

/* When the next request is due, in the whole worker, by --rate. */
uint64_t requests_next_due(const struct worker *worker);

/* May this connection begin a request, if it is open? */
bool request_may_begin(const struct worker *worker, const struct connection *c);

void request_begin(struct worker *worker, struct connection *c);

/* Bytes came back: takes account of the requests that they complete. */
void requests_complete(struct worker *worker, struct connection *c);

/* What was due and will not be sent counts with the time it has waited: that
 * is the least that it would have taken. */
void requests_forget(struct worker *worker, struct connection *c);

#endif
