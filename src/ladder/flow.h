/*
 * flow.h - what of a segment only the segments before it can tell: numbers that
 * count from a connection's beginning, and whether it was seen before.
 */
#ifndef LADDER_FLOW_H
#define LADDER_FLOW_H

#include "event.h"

/* The flags of a TCP header: RFC 9293, 3.1. */
enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32 };

/* Sets seq, ack and retransmission of a segment, and scales its window; `shift`
 * is the window scale that a SYN offers, or -1. A connection that we did not
 * see begin is counted from its first segment as if that held its first byte.
 */
void flow_follow(struct event *event, unsigned flags, uint32_t seq,
                 uint32_t ack, int shift);

#endif
