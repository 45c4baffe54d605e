/*
 * proc.h - what the kernel tells of a process: proc(5).
 */
#ifndef LADDER_PROC_H
#define LADDER_PROC_H

#include <sys/types.h>

/* The first line of /proc/PID/NAME, or, where it cannot be read, "". It stays
 * until the next call. */
const char *proc_line(pid_t pid, const char *name);

/* Of its stat, what stands behind its name, from the third field on: the state.
 * Where it cannot be read, "?". */
const char *proc_stat(pid_t pid);

#endif
