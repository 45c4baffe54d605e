/*
 * actors.c - see actors.h. The life of a traced call: the seccomp filter stops
 * the thread before the kernel acts (entry), PTRACE_SYSCALL stops it again
 * before the program sees the result (return).
 */
#include "actors.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

#include "registers.h"
#include "seccomp.h"
#include "sockets.h"

struct thread {
    pid_t pid;
    int actor;        /* WIRE: it stopped before its parent told of it */
    bool child, held; /* held: at a call's entry, until actors_release() */
    bool shown;       /* its fork was, or a call: so will be its end */
    bool wrote;       /* perhaps something to its pipes since the last event */
    bool stopped;     /* with WIRE: at its first stop */
    const struct call_type *type; /* the call it is in, or NULL */
    struct call call;
    struct event entry;
    struct registers saved; /* as they were before `changed` */
    bool forced;            /* the call is skipped, `forced_error` its result */
    int forced_error;
    unsigned long limit; /* of the bytes that the call may move */
};

struct program {
    pid_t first;
    int status, threads; /* status -1: it runs */
    bool spoke;   /* has made a call that is shown: a shell in front has not */
    int pipes[3]; /* [1] standard output, [2] standard error */
    char line[3][1024]; /* what has no newline yet */
    size_t used[3];
};

static const struct actors_hooks *hooks;
static struct adversity *hard;
static struct thread *threads;
static size_t thread_count, thread_room;
static bool untraced; /* ptrace(2) is forbidden: programs run unseen */
static struct program programs[MOST_ACTORS];

/* --- Threads ------------------------------------------------------------ */

static struct thread *find(pid_t pid)
{
    for (size_t i = 0; i < thread_count; i++)
        if (threads[i].pid == pid)
            return &threads[i];
    return NULL;
}

static struct thread *add(pid_t pid, int actor, bool child)
{
    if (thread_count == thread_room) {
        size_t room = thread_room * 2 + 16;
        struct thread *more = realloc(threads, room * sizeof *threads);
        if (more == NULL)
            return NULL;
        threads = more;
        thread_room = room;
    }
    if (actor != WIRE)
        programs[actor].threads++;
    struct thread *thread = &threads[thread_count++];
    *thread = (struct thread){.pid = pid, .actor = actor, .child = child};
    return thread;
}

static void forget(struct thread *thread)
{
    if (thread->actor != WIRE)
        programs[thread->actor].threads--;
    *thread = threads[--thread_count];
}

static struct event event_of(const struct thread *thread, enum event_kind kind)
{
    return (struct event){.kind = kind,
                          .actor = thread->actor,
                          .pid = thread->pid,
                          .child = thread->child,
                          .waiting = -1,
                          .backlog = -1};
}

/* Emits it, after all that came before: the program's own output, the wire. */
static void emit(struct thread *thread, struct event *event)
{
    if (thread->wrote)
        actors_read_output(event->actor);
    thread->wrote = false;
    event->time = hooks->now();
    hooks->catch_up(event->time);
    hooks->emit(event);
}

enum resume { RUN, RUN_TO_RETURN, STAY_STOPPED };

static void resume(pid_t pid, enum resume how, int signal_number)
{
    void *number = (void *)(intptr_t)signal_number;
    long done = how == RUN             ? ptrace(PTRACE_CONT, pid, NULL, number)
                : how == RUN_TO_RETURN ? ptrace(PTRACE_SYSCALL, pid, NULL, 0)
                                       : ptrace(PTRACE_LISTEN, pid, NULL, 0);

    /* ESRCH: the thread was killed meanwhile; wait(2) will tell. */
    if (done == -1 && errno != ESRCH)
        perror("ladder: ptrace");
}

/* --- Adversity ---------------------------------------------------------- */

static int side_of(const struct thread *thread)
{
    return thread->actor == SERVER ? 0 : 1;
}

static void force_error(struct thread *thread, int error, const char *why)
{
    thread->forced = true;
    thread->forced_error = error;
    thread->entry.changed = why;
}

static void force_failures(struct thread *thread, int side)
{
    for (size_t i = 0; i < hard->failure_count; i++) {
        struct failure *failure = &hard->failures[i];
        if (!failure->side[side] ||
            strcmp(failure->call, thread->type->name) != 0)
            continue;
        if (++failure->seen[side] == failure->at || failure->at == 0)
            force_error(thread, failure->error, "made to fail");
    }
}

static void limit_count(struct thread *thread, int side)
{
    unsigned long most = 0;
    int which = thread->type->count_arg;

    if (thread->type->traits & CALL_READS)
        most = hard->short_reads[side];
    else if (thread->type->traits & CALL_WRITES)
        most = hard->short_writes[side];
    thread->limit = most;
    if (most == 0 || which < 0 || thread->call.args[which] <= most)
        return;
    if (!registers_read(thread->pid, &thread->saved))
        return;
    struct registers changed = thread->saved;
    registers_set_argument(&changed, which, most);
    if (registers_write(thread->pid, &changed))
        thread->entry.changed =
            thread->type->traits & CALL_READS ? "short read" : "short write";
}

/* connect(2) is left alone: interrupted, it goes on being made, and a call that
 * was never made would not. */
static void interrupt(struct thread *thread, int side)
{
    if (hard->eintr[side] == 0 || hard->eintr_rests[side] ||
        !(thread->type->traits & CALL_BLOCKS) ||
        strcmp(thread->type->name, "connect") == 0)
        return;
    if (++hard->blocking_seen[side] % hard->eintr[side] == 0) {
        hard->eintr_rests[side] = true;
        force_error(thread, EINTR, "interrupted");
    }
}

/* A loop of K calls would meet the interruption at the same one for ever: so
 * there is none before bytes were moved, or a connection accepted. */
static void progress(const struct thread *thread)
{
    bool accepts = strncmp(thread->type->name, "accept", 6) == 0;

    if (thread->call.result >= 0 &&
        (accepts || thread->type->traits & (CALL_READS | CALL_WRITES)))
        hard->eintr_rests[side_of(thread)] = false;
}

static void hinder(struct thread *thread)
{
    int side = side_of(thread);

    interrupt(thread, side);
    force_failures(thread, side);
    if (!thread->forced)
        limit_count(thread, side);
    else if (!registers_read(thread->pid, &thread->saved) ||
             !registers_skip_call(thread->pid, &thread->saved))
        thread->forced = false;
}

/* The program's registers as they would be, and the result it is to see. */
static void undo(struct thread *thread)
{
    if (thread->entry.changed == NULL)
        return;
    struct registers now;
    if (!registers_read(thread->pid, &now))
        return;
    registers_restore(&now, &thread->saved);
    if (thread->forced) {
        registers_set_result(&now, -thread->forced_error);
        thread->call.result = -thread->forced_error;
    }
    registers_write(thread->pid, &now);
}

/* --- Calls -------------------------------------------------------------- */

static void begin_call(struct thread *thread)
{
    thread->shown = programs[thread->actor].spoke = true;
    emit(thread, &thread->entry);
    resume(thread->pid, RUN_TO_RETURN, 0);
}

static void call_begins(struct thread *thread)
{
    struct ptrace_syscall_info info;

    if (ptrace(PTRACE_GET_SYSCALL_INFO, thread->pid, sizeof info, &info) <= 0 ||
        info.op != PTRACE_SYSCALL_INFO_SECCOMP) {
        resume(thread->pid, RUN, 0);
        return;
    }
    struct call *call = &thread->call;
    *call = (struct call){.pid = thread->pid, .number = (long)info.seccomp.nr};
    for (int i = 0; i < CALL_ARGS; i++)
        call->args[i] = info.seccomp.args[i];
    const struct call_type *type = call_type(call->number);
    if (type == NULL || !call_concerns_socket(type, call)) {
        thread->wrote = true;
        resume(thread->pid, RUN, 0);
        return;
    }
    thread->type = type;
    thread->forced = false;
    thread->limit = 0;
    thread->entry = event_of(thread, EVENT_CALL);
    describe_entry(type, call, &thread->entry);
    hinder(thread);
    thread->held = hooks->hold(&thread->entry, type, call);
    if (!thread->held)
        begin_call(thread);
}

static bool makes_socket(const char *name)
{
    return strncmp(name, "socket", 6) == 0 || strncmp(name, "accept", 6) == 0;
}

static void call_returns(struct thread *thread)
{
    struct ptrace_syscall_info info;
    struct event event = event_of(thread, EVENT_RETURN);
    const struct call_type *type = thread->type;

    if (ptrace(PTRACE_GET_SYSCALL_INFO, thread->pid, sizeof info, &info) <= 0 ||
        info.op != PTRACE_SYSCALL_INFO_EXIT || type == NULL) {
        resume(thread->pid, RUN, 0);
        return;
    }
    thread->call.result = info.exit.rval;
    undo(thread);
    progress(thread);
    /* A copy: a hook may start a program, and threads[] may move. */
    struct call call = thread->call;
    if (makes_socket(type->name) && call.result >= 0)
        sockets_own(socket_inode(call.pid, (int)call.result), event.actor);
    describe_return(type, &call, &event);
    /* A call that would have given no more anyway was not cut short. */
    if (thread->forced || call.result >= (long long)thread->limit)
        event.changed = thread->entry.changed;
    thread->type = NULL;
    emit(thread, &event);
    if (strcmp(type->name, "listen") == 0 && call.result == 0)
        hooks->listening(event.actor,
                         socket_inode(call.pid, (int)call.args[0]));
    resume(call.pid, RUN, 0);
}

void actors_release(pid_t pid)
{
    struct thread *thread = find(pid);
    if (thread == NULL || !thread->held)
        return;
    thread->held = false;
    begin_call(thread);
}

/* --- Stops -------------------------------------------------------------- */

static void thread_forked(struct thread *thread)
{
    unsigned long message;
    struct event event = event_of(thread, EVENT_FORK);

    if (ptrace(PTRACE_GETEVENTMSG, thread->pid, NULL, &message) == -1)
        return;
    event.result = (long long)message;
    event.call = "fork";
    int actor = thread->actor;
    bool shown = programs[actor].spoke;
    if (shown)
        emit(thread, &event);
    struct thread *child = find((pid_t)message);
    if (child == NULL) {
        child = add((pid_t)message, actor, true);
    } else {
        child->actor = actor;
        programs[actor].threads++;
        if (child->stopped)
            resume(child->pid, RUN, 0);
    }
    if (child != NULL)
        child->shown = shown;
}

/* A thread that is not the leader takes the leader's number when it executes
 * another program, and its own vanishes without a word: ptrace(2). */
static void thread_executed(struct thread *thread)
{
    pid_t pid = thread->pid;
    unsigned long former;

    thread->type = NULL;
    thread->held = false;
    if (ptrace(PTRACE_GETEVENTMSG, pid, NULL, &former) == 0 &&
        (pid_t)former != pid && find((pid_t)former) != NULL)
        forget(find((pid_t)former));
    resume(pid, RUN, 0);
}

static void thread_ended(struct thread *thread, int status)
{
    struct event event = event_of(thread, EVENT_EXIT);

    event.number = status;
    if (thread->actor == WIRE) {
        forget(thread);
        return;
    }
    struct program *program = &programs[thread->actor];
    if (thread->pid == program->first)
        program->status = status;
    thread->wrote = true;
    if (!thread->child || thread->shown)
        emit(thread, &event);
    /* `thread` may have moved: emit() can start another program. */
    forget(find(event.pid));
}

static void signal_arrives(struct thread *thread, int number)
{
    struct event event = event_of(thread, EVENT_SIGNAL);

    event.number = number;
    if (number != SIGCHLD || programs[thread->actor].spoke)
        emit(thread, &event);
    resume(event.pid, RUN, number);
}

/* What a stop means: ptrace(2), "Stopped states". */
static void handle(pid_t pid, int status)
{
    struct thread *thread = find(pid);

    if (thread == NULL) {
        if (WIFSTOPPED(status) && (thread = add(pid, WIRE, true)) != NULL)
            thread->stopped = true; /* its parent's stop comes next */
        return;
    }
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
        thread_ended(thread, status);
        return;
    }
    int event = status >> 16, number = WSTOPSIG(status);
    if (event == PTRACE_EVENT_SECCOMP) {
        call_begins(thread);
    } else if (number == (SIGTRAP | 0x80)) {
        call_returns(thread);
    } else if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK ||
               event == PTRACE_EVENT_CLONE) {
        thread_forked(thread);
        resume(pid, RUN, 0);
    } else if (event == PTRACE_EVENT_STOP) {
        bool group_stop = number != SIGTRAP;
        resume(pid, group_stop ? STAY_STOPPED : RUN, 0);
    } else if (event == PTRACE_EVENT_EXEC) {
        thread_executed(thread);
    } else if (event != 0) {
        resume(pid, RUN, 0);
    } else {
        signal_arrives(thread, number);
    }
}

bool actors_turn(void)
{
    bool any = false;
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, __WALL | WNOHANG)) > 0) {
        handle(pid, status);
        any = true;
    }
    return any;
}

/* --- Output ------------------------------------------------------------- */

static void emit_line(int actor, int descriptor)
{
    struct program *program = &programs[actor];
    struct event event = {.kind = EVENT_OUTPUT,
                          .time = hooks->now(),
                          .actor = actor,
                          .pid = program->first,
                          .descriptor = descriptor,
                          .text = program->line[descriptor],
                          .length = program->used[descriptor],
                          .waiting = -1,
                          .backlog = -1};

    hooks->catch_up(event.time);
    hooks->emit(&event);
    program->used[descriptor] = 0;
}

static void add_output(int actor, int descriptor, const char *text, size_t size)
{
    struct program *program = &programs[actor];

    for (size_t i = 0; i < size; i++) {
        if (text[i] != '\n')
            program->line[descriptor][program->used[descriptor]++] = text[i];
        if (text[i] == '\n' ||
            program->used[descriptor] == sizeof program->line[descriptor])
            emit_line(actor, descriptor);
    }
}

void actors_read_output(int actor)
{
    char text[4096];

    if (actor < 0)
        return;
    struct program *program = &programs[actor];
    for (int descriptor = 1; descriptor <= 2; descriptor++) {
        int *pipe = &program->pipes[descriptor];
        ssize_t n = 1;
        while (*pipe > 0 && n > 0) {
            n = read(*pipe, text, sizeof text);
            if (n > 0)
                add_output(actor, descriptor, text, (size_t)n);
        }
        if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR)) {
            if (program->used[descriptor] > 0)
                emit_line(actor, descriptor);
            close(*pipe);
            *pipe = -1;
        }
    }
}

int actors_pipe(int actor, int descriptor)
{
    int pipe = programs[actor].pipes[descriptor];
    return pipe > 0 ? pipe : -1;
}

/* --- The beginning ------------------------------------------------------ */

/* Told from child to parent, which are one program: the pointer holds. */
struct start_failure {
    const char *step;
    int error;
};

/* In the child: waits until it is traced, and becomes the program. What fails
 * is told through `report`, which a successful exec closes. */
static _Noreturn void become(char *const argv[], int input, const int *output,
                             int go, int report)
{
    struct start_failure failure = {"seccomp", 0};
    char byte;
    sigset_t none;

    sigemptyset(&none);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || read(go, &byte, 1) != 1 ||
        dup2(input, 0) == -1 || dup2(output[0], 1) == -1 ||
        dup2(output[1], 2) == -1 || sigprocmask(SIG_SETMASK, &none, NULL) ||
        (byte == 't' && !seccomp_install())) {
        failure.error = errno;
    } else {
        signal(SIGPIPE, SIG_DFL);
        execvp(argv[0], argv);
        failure.step = "exec";
        failure.error = errno;
    }
    if (write(report, &failure, sizeof failure) == -1)
        _exit(126);
    _exit(127);
}

/* What the kernel tells of a traced program, and that it dies with us. */
#define TRACE_OPTIONS                                                          \
    (PTRACE_O_EXITKILL | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD |       \
     PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |          \
     PTRACE_O_TRACEEXEC)

/* Until the program runs, or what failed has been told. Its write of that is a
 * traced call, and needs an answer. */
static const char *wait_for_exec(int report)
{
    struct start_failure failure;
    struct pollfd ready = {.fd = report, .events = POLLIN};

    while (poll(&ready, 1, 2) <= 0)
        actors_turn();
    ssize_t n = read(report, &failure, sizeof failure);
    if (n != (ssize_t)sizeof failure)
        return NULL;
    errno = failure.error;
    return failure.step;
}

static bool make_pipes(int pipes[4][2])
{
    for (int i = 0; i < 4; i++)
        if (pipe2(pipes[i], O_CLOEXEC) == -1)
            return false; /* the ladder ends then */
    return fcntl(pipes[0][0], F_SETFL, O_NONBLOCK) == 0 &&
           fcntl(pipes[1][0], F_SETFL, O_NONBLOCK) == 0;
}

const char *actors_start(int actor, char *const argv[], int input)
{
    struct program *program = &programs[actor];
    int pipes[4][2]; /* standard output, standard error, go, report */

    if (!make_pipes(pipes))
        return "pipe";
    pid_t pid = fork();
    if (pid == -1)
        return "fork";
    if (pid == 0)
        become(argv, input, (int[]){pipes[0][1], pipes[1][1]}, pipes[2][0],
               pipes[3][1]);
    close(pipes[0][1]);
    close(pipes[1][1]);
    close(pipes[2][0]);
    close(pipes[3][1]);
    program->first = pid;
    program->status = -1;
    program->pipes[1] = pipes[0][0];
    program->pipes[2] = pipes[1][0];
    const char *failed = "realloc";
    if (add(pid, actor, false) != NULL) {
        untraced =
            untraced || ptrace(PTRACE_SEIZE, pid, NULL, TRACE_OPTIONS) == -1;
        failed = write(pipes[2][1], untraced ? "u" : "t", 1) == 1
                     ? wait_for_exec(pipes[3][0])
                     : "write";
    }
    int error = errno;
    close(pipes[2][1]);
    close(pipes[3][0]);
    errno = error;
    return failed;
}

/* --- The end ------------------------------------------------------------ */

bool actors_untraced(void)
{
    return untraced;
}

bool actors_alive(int actor)
{
    return programs[actor].threads > 0;
}

int actors_status(int actor)
{
    return programs[actor].status;
}

bool actors_in_call(int actor)
{
    for (size_t i = 0; i < thread_count; i++)
        if (threads[i].actor == actor && threads[i].type != NULL)
            return true;
    return false;
}

void actors_signal(int actor, int number)
{
    /* Only who is known to live: a number may belong to somebody else by now.
     */
    for (size_t i = 0; i < thread_count; i++)
        if (threads[i].actor == actor &&
            (!threads[i].child || find(programs[actor].first) == NULL))
            kill(threads[i].pid, number);
}

void actors_kill(void)
{
    /* Who is killed may have forked a moment ago: until nobody is left. */
    while (thread_count > 0) {
        for (size_t i = 0; i < thread_count; i++)
            kill(threads[i].pid, SIGKILL);
        int status;
        pid_t pid = waitpid(-1, &status, __WALL);
        if (pid == -1 && errno != EINTR)
            break; /* nobody is left to wait for */
        struct thread *thread = find(pid);
        if (thread != NULL && !WIFSTOPPED(status))
            forget(thread);
        else if (pid > 0 && thread == NULL && WIFSTOPPED(status))
            add(pid, WIRE, true);
    }
    thread_count = 0;
    for (int actor = SERVER; actor < MOST_ACTORS; actor++)
        programs[actor].threads = 0;
}

void actors_blocked(void (*tell)(const struct event *entry))
{
    for (size_t i = 0; i < thread_count; i++)
        if (threads[i].type != NULL && !threads[i].held)
            tell(&threads[i].entry);
}

void actors_open(const struct actors_hooks *what, struct adversity *how)
{
    hooks = what;
    hard = how;
}
