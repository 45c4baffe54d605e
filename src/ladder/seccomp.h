/*
 * seccomp.h - stops the calling program, and all that it starts, at the calls
 * of calls.h, and at no other.
 */
#ifndef LADDER_SECCOMP_H
#define LADDER_SECCOMP_H

#include <stdbool.h>

/* Gives false and errno where the kernel refuses. seccomp(2) */
bool seccomp_install(void);

#endif
