/*
 * stage.h - a private network for the players.
 */
#ifndef LADDER_STAGE_H
#define LADDER_STAGE_H

#include <stdbool.h>

/* Moves this process, and whatever it starts from now on, into a network
 * namespace of its own with only `lo` in it, where every port is free for
 * everybody. As an ordinary user that takes a user namespace too, in which
 * nobody gains a right outside. Gives NULL, or the name of the step that the
 * system refused, with errno; nothing is changed then unless `lo` failed.
 * namespaces(7), user_namespaces(7), network_namespaces(7) */
const char *stage_enter(void);

/* Where nobody is traced, and so nobody tells of the players' children: from
 * here on all children live in a process namespace of their own, which ends
 * with the ladder. Gives false where that is forbidden too: then orphans come
 * to us, and only a ladder that is killed leaves them behind. */
bool stage_contain(void);

/* The end of all who are still in there. */
void stage_leave(void);

#endif
