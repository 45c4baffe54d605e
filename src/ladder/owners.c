/*
 * owners.c - see sockets-parts.h: which player a socket belongs to.
 */
#include "sockets-parts.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* What we keep is bounded; what was used least lately makes room. */
enum { OWNERS = 1 << 16, CONNECTS = 64 };

static struct {
    unsigned long inode;
    int actor;
} owners[OWNERS]; /* the kernel numbers inodes in order: few ever collide */
static struct {
    pid_t pid;
    int actor;
    char args[100];
} connecting[CONNECTS]; /* threads inside connect(2) */

int owner_of(unsigned long inode)
{
    return inode != 0 && owners[inode % OWNERS].inode == inode
               ? owners[inode % OWNERS].actor
               : WIRE;
}

void sockets_own(unsigned long inode, int actor)
{
    owners[inode % OWNERS].inode = inode;
    owners[inode % OWNERS].actor = actor;
}

/* A refused connect(2) is over before the kernel can be asked whose it was:
 * then it was that of a thread inside such a call, best with that address. */
int connecting_to(const struct endpoint *peer)
{
    char text[80];
    size_t size = strlen(endpoint_text(peer, text));
    int found = WIRE, calls = 0;

    for (size_t i = 0; i < CONNECTS; i++) {
        if (connecting[i].pid == 0)
            continue;
        const char *at = strstr(connecting[i].args, text);
        if (at != NULL && !isdigit((unsigned char)at[size]))
            return connecting[i].actor;
        found = connecting[i].actor;
        calls++;
    }
    return calls == 1 ? found : WIRE;
}

void note_connect(const struct event *cause)
{
    static size_t oldest;
    size_t place = CONNECTS;

    for (size_t i = 0; i < CONNECTS; i++)
        if (connecting[i].pid == cause->pid)
            place = i;
    if (cause->kind != EVENT_CALL) {
        if (place < CONNECTS)
            connecting[place].pid = 0;
        return;
    }
    for (size_t i = 0; i < CONNECTS && place == CONNECTS; i++)
        if (connecting[i].pid == 0)
            place = i;
    if (place == CONNECTS)
        place = oldest++ % CONNECTS;
    connecting[place].pid = cause->pid;
    connecting[place].actor = cause->actor;
    snprintf(connecting[place].args, sizeof connecting[place].args, "%.*s",
             (int)sizeof connecting[place].args - 1, cause->args);
}
