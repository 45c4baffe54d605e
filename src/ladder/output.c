/*
 * output.c - see output.h and actors.h.
 */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "actors.h"
#include "view.h"

/* One player's, by descriptor: [1] standard output, [2] standard error. */
static struct output {
    pid_t pid;
    int pipe[3];        /* not above 0: none, or it has ended */
    int file[3];        /* the same, for --save-output */
    char line[3][1024]; /* what has no newline yet */
    size_t used[3];
    long long since[3]; /* when some of it came last */
} outputs[MOST_ACTORS];

static void (*tell)(struct event *line);

static int folder = -1;
static int save_error; /* the first errno */

bool output_save(const char *directory)
{
    if (mkdir(directory, 0777) == -1 && errno != EEXIST)
        return false;
    folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return folder != -1;
}

int output_saved(void)
{
    return save_error;
}

static int open_file(int actor, int descriptor)
{
    char name[32], of[16];

    if (folder == -1)
        return -1;
    snprintf(name, sizeof name, "%s.%s", actor_name(actor, of),
             descriptor == 1 ? "out" : "err");
    int fd =
        openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd == -1 && save_error == 0)
        save_error = errno;
    return fd;
}

static void save(int fd, const char *text, size_t size)
{
    while (fd > 0 && size > 0) {
        ssize_t n = write(fd, text, size);
        if (n == -1 && errno != EINTR) {
            if (save_error == 0)
                save_error = errno;
            return;
        }
        if (n > 0) {
            text += n;
            size -= (size_t)n;
        }
    }
}

void output_open(int actor, pid_t pid, const int pipes[2],
                 void (*emit)(struct event *line))
{
    outputs[actor] =
        (struct output){.pid = pid,
                        .pipe = {-1, pipes[0], pipes[1]},
                        .file = {-1, open_file(actor, 1), open_file(actor, 2)}};
    tell = emit;
}

static void emit_line(int actor, int descriptor)
{
    struct output *output = &outputs[actor];
    struct event event = {.kind = EVENT_OUTPUT,
                          .actor = actor,
                          .pid = output->pid,
                          .descriptor = descriptor,
                          .text = output->line[descriptor],
                          .length = output->used[descriptor],
                          .waiting = -1,
                          .backlog = -1};

    tell(&event);
    output->used[descriptor] = 0;
}

static long long clock_time(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (long long)time.tv_sec * SECOND + time.tv_nsec;
}

static void add(int actor, int descriptor, const char *text, size_t size)
{
    struct output *output = &outputs[actor];

    output->since[descriptor] = clock_time();
    for (size_t i = 0; i < size; i++) {
        if (text[i] != '\n')
            output->line[descriptor][output->used[descriptor]++] = text[i];
        if (text[i] == '\n' ||
            output->used[descriptor] == sizeof output->line[descriptor])
            emit_line(actor, descriptor);
    }
}

void actors_end_lines(int actor)
{
    for (int descriptor = 1; descriptor <= 2; descriptor++)
        if (outputs[actor].used[descriptor] > 0)
            emit_line(actor, descriptor);
}

/* "Your name? " is never ended: who waits behind it is waited for. */
static void end_old_line(int actor, int descriptor)
{
    const struct output *output = &outputs[actor];

    if (output->used[descriptor] > 0 &&
        clock_time() - output->since[descriptor] > SECOND / 2)
        emit_line(actor, descriptor);
}

void actors_read_output(int actor)
{
    char text[4096];

    if (actor < 0)
        return;
    struct output *output = &outputs[actor];
    for (int descriptor = 1; descriptor <= 2; descriptor++) {
        int *pipe = &output->pipe[descriptor];
        ssize_t n = 1;
        while (*pipe > 0 && n > 0) {
            n = read(*pipe, text, sizeof text);
            if (n > 0) {
                save(output->file[descriptor], text, (size_t)n);
                add(actor, descriptor, text, (size_t)n);
            }
        }
        if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR)) {
            if (output->used[descriptor] > 0)
                emit_line(actor, descriptor);
            close(*pipe);
            *pipe = -1;
        }
        end_old_line(actor, descriptor);
    }
}

int actors_pipe(int actor, int descriptor)
{
    int pipe = outputs[actor].pipe[descriptor];
    return pipe > 0 ? pipe : -1;
}
