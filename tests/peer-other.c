/*
 * peer-other.c - see peer-other.h. All of it is from proc(5).
 */
#include "peer-other.h"

#ifdef __linux__

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum { MOST_PROCESSES = 512, MOST_SECONDS = 3, MIB = 1 << 20 };

static pid_t processes[MOST_PROCESSES];
static size_t process_count;

/* --- Reading ------------------------------------------------------------ */

/* Of a process that is gone it is "". */
static const char *read_proc(pid_t pid, const char *name)
{
    static char text[16384];
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd == -1 ? -1 : read(fd, text, sizeof text - 1);
    if (fd != -1)
        close(fd);
    text[length > 0 ? length : 0] = '\0';
    return text;
}

/* Calls `look`, if there is one, for each entry of a folder that is a number;
 * gives how many there are. */
static long each_number(pid_t pid, const char *folder,
                        void (*look)(pid_t pid, int number))
{
    char path[64];
    const struct dirent *entry;
    long count = 0;

    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, folder);
    DIR *all = opendir(path);
    while (all != NULL && (entry = readdir(all)) != NULL) {
        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        count++;
        if (look != NULL)
            look(pid, (int)strtol(entry->d_name, NULL, 10));
    }
    if (all != NULL)
        closedir(all);
    return count;
}

static void add_children(pid_t pid)
{
    char name[64], *end;

    snprintf(name, sizeof name, "task/%d/children", (int)pid);
    const char *place = read_proc(pid, name);
    for (;;) {
        pid_t child = (pid_t)strtol(place, &end, 10);
        if (end == place || process_count == MOST_PROCESSES)
            return;
        processes[process_count++] = child;
        place = end;
    }
}

/* Fills in its processes, the first one in front. */
static const char *find_other(void)
{
    process_count = 0;
    add_children(getppid());
    pid_t first = process_count > 0 && processes[0] != getpid() ? processes[0]
                  : process_count > 1                           ? processes[1]
                                                                : 0;
    if (first == 0)
        return "there is no other program beside it";
    processes[0] = first;
    process_count = 1;
    for (size_t i = 0; i < process_count; i++)
        add_children(processes[i]);
    return NULL;
}

/* --- Waiting ------------------------------------------------------------ */

/* In stat, the state comes behind the name, which may have brackets too. Who is
 * gone is in any. */
static bool is_in_state(const char *stat, const char *states)
{
    const char *behind = strrchr(stat, ')');

    return behind == NULL || strchr(states, behind[2]) != NULL;
}

static bool sleeps(const char *stat)
{
    return is_in_state(stat, "SZX");
}

static bool all_sleep;
static uint32_t sum; /* of all that the kernel tells of them */

static void look_at_thread(pid_t pid, int thread)
{
    char name[64];

    snprintf(name, sizeof name, "task/%d/stat", thread);
    const char *stat = read_proc(pid, name);
    all_sleep = all_sleep && sleeps(stat);
    for (; *stat != '\0'; stat++)
        sum = (sum ^ (unsigned char)*stat) * 16777619U; /* FNV-1a */
}

static bool has_ended(void)
{
    return is_in_state(read_proc(processes[0], "stat"), "ZX");
}

static bool is_idle(void)
{
    return sleeps(read_proc(processes[0], "stat"));
}

/* Who has run since the last look, even if it sleeps again, has other numbers.
 */
static bool is_quiet(void)
{
    uint32_t before = sum;

    all_sleep = true;
    sum = 2166136261U;
    for (size_t i = 0; i < process_count; i++)
        each_number(processes[i], "task", look_at_thread);
    return all_sleep && sum == before;
}

/* The ladder ends who works for long and makes no network call: so it looks
 * more and more seldom. */
static const char *wait_until(bool (*holds)(void))
{
    struct timespec moment = {.tv_nsec = 2000000};
    time_t until = time(NULL) + MOST_SECONDS;
    const char *wrong;

    while ((wrong = find_other()) == NULL && !holds() && time(NULL) <= until) {
        nanosleep(&moment, NULL);
        if (moment.tv_nsec < 10000000)
            moment.tv_nsec += 500000;
    }
    return wrong;
}

/* For as long as it takes. */
static const char *wait_for_good(bool (*holds)(void))
{
    const char *wrong;

    do
        wrong = wait_until(holds);
    while (wrong == NULL && !holds());
    return wrong;
}

/* --- Steps -------------------------------------------------------------- */

static const char *signal_first(int number)
{
    return kill(processes[0], number) == 0 ? NULL : strerror(errno);
}

/* Until then it goes on in its call, which the signal is to interrupt. */
static bool has_taken_stop(void)
{
    const char *pending = strstr(read_proc(processes[0], "status"), "ShdPnd:");

    return pending == NULL ||
           (strtoull(pending + 7, NULL, 16) >> (SIGSTOP - 1) & 1) == 0;
}

static const char *stop_first(void)
{
    const char *wrong = signal_first(SIGSTOP);

    return wrong != NULL ? wrong : wait_until(has_taken_stop);
}

/* Or until it has ended, without a wait. */
static const char *wait_until_idle(void)
{
    (void)wait_until(is_idle);
    return NULL;
}

static const char *wait_until_ended(void)
{
    (void)wait_for_good(has_ended);
    return NULL;
}

static const char *wait_until_quiet(void)
{
    return wait_until(is_quiet);
}

static const char *stop(void)
{
    const char *wrong = wait_until(is_idle);

    return wrong != NULL ? wrong : stop_first();
}

static const char *wait_until_it_waits(void)
{
    return wait_for_good(is_quiet);
}

/* When it has let go what it gave its children: that is theirs to close. */
static const char *stop_parent(void)
{
    const char *wrong = find_other();

    if (wrong != NULL || process_count == 1)
        return wrong;
    wrong = wait_until_quiet();
    return wrong != NULL ? wrong : stop_first();
}

static const char *go_on(void)
{
    const char *wrong = find_other();

    return wrong != NULL ? wrong : signal_first(SIGCONT);
}

/* In pages: what it can write to, and nobody else sees (VmData). Room that an
 * allocator has only reserved is none. */
static long memory_of(pid_t pid)
{
    const char *place = read_proc(pid, "statm");
    long pages = 0;

    for (int field = 1; field <= 6; field++) {
        char *end;
        pages = strtol(place, &end, 10);
        place = end;
    }
    return pages;
}

static const char *tell_left(void)
{
    const char *wrong = wait_until_quiet();
    long descriptors = 0, pages = 0;

    for (size_t i = 0; i < process_count; i++) {
        long count = each_number(processes[i], "fd", NULL);
        long size = memory_of(processes[i]);
        descriptors = count > descriptors ? count : descriptors;
        pages = size > pages ? size : pages;
    }
    if (wrong == NULL)
        printf("%zu %ld %ld\n", process_count, descriptors,
               pages * sysconf(_SC_PAGESIZE) / MIB);
    return wrong;
}

const char *peer_other(const char *what)
{
    static const struct {
        const char *name;
        const char *(*take)(void);
    } steps[] = {
        {"idle", wait_until_idle},
        {"ended", wait_until_ended},
        {"quiet", wait_until_quiet},
        {"waits", wait_until_it_waits},
        {"left", tell_left},
        {"stop", stop},
        {"go", go_on},
        {"stop-parent", stop_parent},
    };

    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (strcmp(steps[i].name, what) == 0)
            return steps[i].take();
    return "no such step";
}

#else

const char *peer_other(const char *what)
{
    (void)what;
    return "needs Linux";
}

#endif
