/*
 * pattern.h - what the load is made of: bytes that tell where they belong.
 *
 * Every connection sends another part of one ring of bytes without order, so
 * that a byte that is lost, doubled, out of its place or of another connection
 * shows at once. The ring is made once: sending is a pointer, checking memcmp.
 */
#ifndef PATTERN_H
#define PATTERN_H

#include <stddef.h>
#include <stdint.h>

enum { PATTERN_RUN = 262144 }; /* bytes that can be had in one piece */

/* To be called once, before the threads are started. */
void pattern_make(void);

/* Gives PATTERN_RUN bytes of a connection's stream, from `offset` on. */
const unsigned char *pattern_at(uint64_t connection, uint64_t offset);

/* Compares `count` bytes (PATTERN_RUN at most) with the stream from `offset`
 * on. Gives how many are right before the first that is not; `count` if none
 * is wrong. */
size_t pattern_right(uint64_t connection, uint64_t offset,
                     const unsigned char *bytes, size_t count);

#endif
