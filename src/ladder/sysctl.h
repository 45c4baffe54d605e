/*
 * sysctl.h - a cast's own settings of the kernel, in the private network:
 * sysctl(8), "net.ipv4.tcp_wmem=4096 16384 32768".
 */
#ifndef LADDER_SYSCTL_H
#define LADDER_SYSCTL_H

#include <stdbool.h>

struct sysctl {
    const char *name, *value;
};

/* Splits NAME=VALUE, in place. Gives false if it is none, or if its name does
 * not begin with "net.", which is all that a network has for itself. */
bool sysctl_read(char *text, struct sysctl *sysctl);

/* Sets it in this process's network. Gives false and errno if the kernel has no
 * such name there, or does not take the value. proc_sys_net(5) */
bool sysctl_set(const struct sysctl *sysctl);

#endif
