/*
 * step.h - --step and --predict: whose turn it is, as the lecturer says.
 */
#ifndef LADDER_STEP_H
#define LADDER_STEP_H

#include <stdbool.h>

#include "calls.h"
#include "event.h"

/* Keys are read line by line, from `descriptor`: the terminal stays as it is.
 */
void step_open(int descriptor, size_t clients, bool ask_first);

/* A call is about to begin: gives true if it has to wait for a key. */
bool step_hold(const struct event *event, const struct call_type *type,
               const struct call *call);

/* Do calls still wait for keys? Not after c. */
bool step_stops(void);

/* The descriptor to poll(2) for keys; -1 while nobody waits for one. */
int step_keys(void);

/* Asks, where somebody waits and nothing was asked yet. */
void step_ask(void);

/* Reads the keys that are there. */
void step_read(void);

/* Does what the next of them says. Gives false on q: end all. */
bool step_turn(void);

#endif
