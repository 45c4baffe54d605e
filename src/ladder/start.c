/*
 * start.c - see start.h.
 */
#include "start.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "seccomp.h"

/* Told from child to parent, which are one program: the pointer holds. */
struct failure {
    const char *step;
    int error;
};

enum { OUTPUT, ERRORS, GO, REPORT, PIPES };

static rlim_t most_cpu;

void start_limit_cpu(unsigned long seconds)
{
    most_cpu = seconds;
}

/* A second later the kernel kills who has not heard. */
static bool limit_cpu(void)
{
    struct rlimit limit = {most_cpu, most_cpu + 1};

    return most_cpu == 0 || setrlimit(RLIMIT_CPU, &limit) == 0;
}

/* In a process group of its own a player that calls kill(0, ...) reaches
 * neither the ladder nor whoever has called that. Who reads the terminal has to
 * stay in the foreground. */
static bool leave_group(void)
{
    return isatty(STDIN_FILENO) || setpgid(0, 0) == 0;
}

/* In the child: waits until it is traced, and becomes the program. What fails
 * is told through the last pipe, which a successful exec closes. */
static _Noreturn void become(char *const argv[], int input, int pipes[PIPES][2])
{
    struct failure failure = {"seccomp", 0};
    char byte;
    sigset_t none;

    sigemptyset(&none);
    close(pipes[GO][1]); /* or a ladder that was killed would go unnoticed */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
        read(pipes[GO][0], &byte, 1) != 1 || dup2(input, 0) == -1 ||
        dup2(pipes[OUTPUT][1], 1) == -1 || dup2(pipes[ERRORS][1], 2) == -1 ||
        sigprocmask(SIG_SETMASK, &none, NULL) || !leave_group() ||
        !limit_cpu() || (byte == 't' && !seccomp_install())) {
        failure.error = errno;
    } else {
        signal(SIGPIPE, SIG_DFL);
        execvp(argv[0], argv);
        failure.step = "exec";
        failure.error = errno;
    }
    if (write(pipes[REPORT][1], &failure, sizeof failure) == -1)
        _exit(126);
    _exit(127);
}

static void close_pipes(int pipes[PIPES][2], size_t count)
{
    int error = errno;

    for (size_t i = 0; i < count; i++) {
        close(pipes[i][0]);
        close(pipes[i][1]);
    }
    errno = error;
}

static bool make_pipes(int pipes[PIPES][2])
{
    for (size_t i = 0; i < PIPES; i++)
        if (pipe2(pipes[i], O_CLOEXEC) == -1) {
            close_pipes(pipes, i);
            return false;
        }
    if (fcntl(pipes[OUTPUT][0], F_SETFL, O_NONBLOCK) == 0 &&
        fcntl(pipes[ERRORS][0], F_SETFL, O_NONBLOCK) == 0)
        return true;
    close_pipes(pipes, PIPES);
    return false;
}

const char *start_fork(char *const argv[], int input, struct start *start)
{
    int pipes[PIPES][2];

    if (!make_pipes(pipes))
        return "pipe";
    start->pid = fork();
    if (start->pid == 0)
        become(argv, input, pipes);
    if (start->pid == -1) {
        close_pipes(pipes, PIPES);
        return "fork";
    }
    close(pipes[OUTPUT][1]);
    close(pipes[ERRORS][1]);
    close(pipes[GO][0]);
    close(pipes[REPORT][1]);
    start->output[0] = pipes[OUTPUT][0];
    start->output[1] = pipes[ERRORS][0];
    start->go = pipes[GO][1];
    start->report = pipes[REPORT][0];
    return NULL;
}

/* Until the program runs, or what failed has been told. Its write of that is a
 * traced call, and needs an answer. */
static const char *wait_for_exec(int report, bool (*turn)(void))
{
    struct failure failure;
    struct pollfd ready = {.fd = report, .events = POLLIN};

    while (poll(&ready, 1, 2) <= 0)
        turn();
    ssize_t n = read(report, &failure, sizeof failure);
    if (n != (ssize_t)sizeof failure)
        return NULL;
    errno = failure.error;
    return failure.step;
}

const char *start_exec(struct start *start, bool traced, bool (*turn)(void))
{
    const char *failed = write(start->go, traced ? "t" : "u", 1) == 1
                             ? wait_for_exec(start->report, turn)
                             : "write";
    int error = errno;

    close(start->go);
    close(start->report);
    errno = error;
    return failed;
}
