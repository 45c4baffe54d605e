/*
 * output.c - see output.h and actors.h.
 */
#include "output.h"

#include <errno.h>
#include <unistd.h>

#include "actors.h"

/* One player's, by descriptor: [1] standard output, [2] standard error. */
static struct output {
    pid_t pid;
    int pipe[3];        /* not above 0: none, or it has ended */
    char line[3][1024]; /* what has no newline yet */
    size_t used[3];
} outputs[MOST_ACTORS];

static void (*tell)(struct event *line);

void output_open(int actor, pid_t pid, const int pipes[2],
                 void (*emit)(struct event *line))
{
    outputs[actor] =
        (struct output){.pid = pid, .pipe = {-1, pipes[0], pipes[1]}};
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

static void add(int actor, int descriptor, const char *text, size_t size)
{
    struct output *output = &outputs[actor];

    for (size_t i = 0; i < size; i++) {
        if (text[i] != '\n')
            output->line[descriptor][output->used[descriptor]++] = text[i];
        if (text[i] == '\n' ||
            output->used[descriptor] == sizeof output->line[descriptor])
            emit_line(actor, descriptor);
    }
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
            if (n > 0)
                add(actor, descriptor, text, (size_t)n);
        }
        if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR)) {
            if (output->used[descriptor] > 0)
                emit_line(actor, descriptor);
            close(*pipe);
            *pipe = -1;
        }
    }
}

int actors_pipe(int actor, int descriptor)
{
    int pipe = outputs[actor].pipe[descriptor];
    return pipe > 0 ? pipe : -1;
}
