/*
 * sysctl.c - see sysctl.h.
 */
#include "sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool sysctl_read(char *text, struct sysctl *sysctl)
{
    char *equals = text + strspn(text, "abcdefghijklmnopqrstuvwxyz"
                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789_-.");

    if (*equals != '=' || strncmp(text, "net.", 4) != 0)
        return false;
    *equals = '\0';
    *sysctl = (struct sysctl){.name = text, .value = equals + 1};
    return *sysctl->value != '\0';
}

/* A name without '/' leads nowhere else: its dots become slashes. */
bool sysctl_set(const struct sysctl *sysctl)
{
    char path[256];
    int length = snprintf(path, sizeof path, "/proc/sys/%s", sysctl->name);

    if (length < 0 || (size_t)length >= sizeof path) {
        errno = ENAMETOOLONG;
        return false;
    }
    for (char *dot = path; (dot = strchr(dot, '.')) != NULL;)
        *dot = '/';
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd == -1)
        return false;
    ssize_t n = write(fd, sysctl->value, strlen(sysctl->value));
    int error = errno;
    close(fd);
    errno = error;
    return n != -1;
}
