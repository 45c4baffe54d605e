/*
 * stage.c - see stage.h.
 */
#include "stage.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static bool write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd == -1)
        return false;
    ssize_t n = write(fd, text, strlen(text));
    return close(fd) == 0 && n == (ssize_t)strlen(text);
}

/* The same user and group inside as outside. A user other than 0 loses the
 * namespace's rights at execve(2), so the players are as ordinary as before;
 * the ladder itself keeps what it needs to watch the wire. */
static bool map_ids(uid_t uid, gid_t gid)
{
    char text[64];

    if (!write_file("/proc/self/setgroups", "deny"))
        return false;
    snprintf(text, sizeof text, "%u %u 1", uid, uid);
    if (!write_file("/proc/self/uid_map", text))
        return false;
    snprintf(text, sizeof text, "%u %u 1", gid, gid);
    return write_file("/proc/self/gid_map", text);
}

static bool raise_loopback(void)
{
    struct ifreq request = {.ifr_name = "lo"};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd == -1)
        return false;
    bool up = ioctl(fd, SIOCGIFFLAGS, &request) == 0;
    request.ifr_flags = (short)(request.ifr_flags | IFF_UP | IFF_RUNNING);
    up = up && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    return close(fd) == 0 && up;
}

const char *stage_enter(void)
{
    uid_t uid = geteuid();
    gid_t gid = getegid();

    /* Root may have the one without the other, and stays who it is. */
    if (unshare(CLONE_NEWNET) == -1) {
        if (unshare(CLONE_NEWUSER | CLONE_NEWNET) == -1)
            return "unshare";
        if (!map_ids(uid, gid))
            return "uid_map";
    }
    if (!raise_loopback())
        return "lo";
    /* Ports 7 and 13, for everybody; a kernel before 4.11 has no such file. */
    write_file("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0");
    return NULL;
}

static pid_t keeper = -1;

/* pid_namespaces(7): when the first process of such a namespace ends, the
 * kernel kills all others. Ours ends with the ladder: it waits for the end of a
 * pipe that the ladder alone holds open. */
static _Noreturn void keep(int alive)
{
    char byte;

    signal(SIGCHLD, SIG_IGN); /* orphans become its children */
    while (read(alive, &byte, 1) == -1 && errno == EINTR) {
    }
    _exit(0);
}

bool stage_contain(void)
{
    int pipes[2];

    if (pipe2(pipes, O_CLOEXEC) == -1)
        return false;
    pid_t pid = unshare(CLONE_NEWPID) == 0 ? fork() : -1;
    if (pid == 0) {
        close(pipes[1]);
        keep(pipes[0]);
    }
    close(pipes[0]);
    if (pid == -1)
        close(pipes[1]);
    keeper = pid;
    if (pid == -1)
        prctl(PR_SET_CHILD_SUBREAPER, 1);
    return pid != -1;
}

/* Orphans became our children: proc(5) names them. */
static void kill_children(void)
{
    char path[64];
    int pid;

    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    for (;;) {
        FILE *children = fopen(path, "re");
        while (children != NULL && fscanf(children, "%d", &pid) == 1)
            kill(pid, SIGKILL);
        if (children != NULL)
            fclose(children);
        if (waitpid(-1, NULL, 0) == -1 && errno != EINTR)
            return; /* the last one has gone */
    }
}

void stage_leave(void)
{
    if (keeper != -1)
        kill(keeper, SIGKILL);
    /* A keeper ends when everybody in there has, and was waited for. */
    kill_children();
}
