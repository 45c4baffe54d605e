/*
 * actors.c - see actors.h. The life of a traced call: the seccomp filter stops
 * the thread before the kernel acts (entry), PTRACE_SYSCALL stops it again
 * before the program sees the result (return).
 */
#include "actors.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

#include "output.h"
#include "sockets.h"
#include "start.h"

struct thread {
    pid_t pid;
    int actor;        /* WIRE: it stopped before its parent told of it */
    bool child, held; /* held: at a call's entry, until actors_release() */
    bool late;        /* held at its beginning, until all is quiet... */
    long long born;   /* ...or for a second: some are never quiet */
    bool shown;       /* its fork was, or a call: so will be its end */
    bool wrote;       /* perhaps something to its pipes since the last event */
    bool new;         /* its first stop is to come or, with WIRE, there */
    bool executes;    /* its newest call makes another program of it */
    bool told;        /* its end was */
    const struct call_type *type; /* the call it is in, or NULL */
    struct call call;             /* the newest one */
    struct event entry;
    bool asks; /* its last call came to nothing: it will make it again */
    struct hindrance hindrance;
};

struct program {
    pid_t first;
    int status, threads; /* status -1: it runs */
    bool spoke; /* has made a call that is shown: a shell in front has not */
    bool listens;
};

enum {
    ASKS = 20,   /* 5 to 10 microseconds */
    TURN = 1000, /* stops; who spins would keep us here for ever */
};

static const struct actors_hooks *hooks;
static struct adversity *hard;
static struct thread *threads;
static size_t thread_count, thread_room, most_threads;
static bool alone;    /* the one processor is ours or the player's */
static bool too_many; /* threads there were, once */
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
    too_many = too_many || (most_threads != 0 && thread_count == most_threads);
    struct thread *thread = &threads[thread_count++];
    *thread = (struct thread){.pid = pid, .actor = actor, .child = child};
    calls_forget_sockets(); /* numbers of processes come again */
    return thread;
}

static void forget(struct thread *thread)
{
    if (thread->actor != WIRE)
        programs[thread->actor].threads--;
    *thread = threads[--thread_count];
}

bool actors_too_many(void)
{
    return too_many;
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

static void emit_now(struct event *event)
{
    event->time = hooks->now();
    hooks->catch_up(event->time);
    hooks->emit(event);
}

static void tell_output(struct thread *thread)
{
    if (thread->wrote)
        actors_read_output(thread->actor);
    thread->wrote = false;
}

/* Emits it, after all that came before: the program's own output, the wire. */
static void emit(struct thread *thread, struct event *event)
{
    tell_output(thread);
    emit_now(event);
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

/* --- Calls -------------------------------------------------------------- */

static int side_of(const struct thread *thread)
{
    return thread->actor == SERVER ? 0 : 1;
}

static void begin_call(struct thread *thread)
{
    thread->shown = programs[thread->actor].spoke = true;
    emit(thread, &thread->entry);
    resume(thread->pid, RUN_TO_RETURN, 0);
}

/* Fills in thread->call. A poll(2) that a stopped and continued program goes on
 * with has no arguments of its own, restart_syscall(2): they are those of the
 * call before, for nothing came in between. */
static bool read_call(struct thread *thread)
{
    enum { ERESTART_RESTARTBLOCK = 516 }; /* the kernel's own */
    struct ptrace_syscall_info info;
    struct call *call = &thread->call;

    if (ptrace(PTRACE_GET_SYSCALL_INFO, thread->pid, sizeof info, &info) <= 0 ||
        info.op != PTRACE_SYSCALL_INFO_SECCOMP)
        return false;
    if (info.seccomp.nr == SYS_restart_syscall) {
        bool poll = call->result == -ERESTART_RESTARTBLOCK;
        call->number = SYS_restart_syscall;
        call->result = 0;
        return poll;
    }
    *call = (struct call){.pid = thread->pid, .number = (long)info.seccomp.nr};
    for (int i = 0; i < CALL_ARGS; i++)
        call->args[i] = info.seccomp.args[i];
    return true;
}

/* Before its first call of interest a program's sockets are the ladder's own,
 * which its exec closes. */
static bool is_of_interest(const struct thread *thread,
                           const struct call_type *type)
{
    return type != NULL &&
           (!thread->executes || programs[thread->actor].spoke) &&
           call_concerns_socket(type, &thread->call);
}

static void call_begins(struct thread *thread)
{
    const struct call_type *type =
        read_call(thread) ? call_type(thread->call.number) : NULL;

    thread->executes = type != NULL && call_executes(type);
    if (!is_of_interest(thread, type)) {
        thread->wrote = true;
        resume(thread->pid, RUN, 0);
        return;
    }
    thread->type = type;
    thread->entry = event_of(thread, EVENT_CALL);
    describe_entry(type, &thread->call, &thread->entry);
    hinder(&thread->hindrance, hard, side_of(thread), type, &thread->call);
    thread->entry.changed = thread->hindrance.what;
    thread->entry.vain = thread->asks;
    tell_output(thread);
    thread->held = hooks->hold(&thread->entry, type, &thread->call);
    if (!thread->held)
        begin_call(thread);
}

static bool makes_socket(const char *name)
{
    return strncmp(name, "socket", 6) == 0 || strncmp(name, "accept", 6) == 0;
}

static void tell_return(struct thread *thread)
{
    const struct call_type *type = thread->type;
    struct event event = event_of(thread, EVENT_RETURN);
    const char *changed = unhinder(&thread->hindrance, hard, side_of(thread),
                                   type, &thread->call);
    /* A copy: a hook may start a program, and threads[] may move. */
    struct call call = thread->call;

    if (makes_socket(type->name) && call.result >= 0)
        sockets_own(socket_inode(call.pid, (int)call.result), event.actor);
    if ((type->traits & CALL_CLOSES) != 0)
        calls_forget_sockets();
    describe_return(type, &call, &event);
    event.changed = changed;
    thread->type = NULL;
    thread->asks = event.vain;
    emit(thread, &event);
    if (strcmp(type->name, "listen") != 0 || call.result != 0)
        return;
    programs[event.actor].listens = true;
    hooks->listening(event.actor, socket_inode(call.pid, (int)call.args[0]));
}

static void call_returns(struct thread *thread)
{
    struct ptrace_syscall_info info;
    pid_t pid = thread->pid;

    if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) > 0 &&
        info.op == PTRACE_SYSCALL_INFO_EXIT && thread->type != NULL) {
        thread->call.result = info.exit.rval;
        tell_return(thread);
    }
    resume(pid, RUN, 0);
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

/* Children that a server makes before it listens serve nobody: a script's. */
static bool may_be_late(const struct thread *thread)
{
    return hard->late[side_of(thread)] != 0 &&
           (thread->actor != SERVER || programs[SERVER].listens);
}

/* A new thread or child, stopped before it has done anything. */
static void begin(struct thread *thread)
{
    thread->new = false;
    thread->late = thread->shown && may_be_late(thread);
    thread->born = hooks->now();
    if (!thread->late)
        resume(thread->pid, RUN, 0);
}

void actors_begin_late(long long now, long long quiet_since)
{
    for (size_t i = 0; i < thread_count; i++) {
        struct thread *thread = &threads[i];
        long long hold =
            (long long)hard->late[side_of(thread)] * (SECOND / 1000);
        if (!thread->late ||
            (now - quiet_since < hold && now - thread->born < SECOND + hold))
            continue;
        thread->late = false;
        resume(thread->pid, RUN, 0);
    }
}

/* A child that tells its parent of its end is the kernel's PTRACE_EVENT_FORK,
 * whichever call has made it; a thread does not. */
static void thread_forked(struct thread *thread, int how)
{
    unsigned long message;
    struct event event = event_of(thread, EVENT_FORK);

    if (ptrace(PTRACE_GETEVENTMSG, thread->pid, NULL, &message) == -1)
        return;
    event.result = (long long)message;
    event.call = how == PTRACE_EVENT_CLONE ? "clone" : "fork";
    int actor = thread->actor;
    bool shown = programs[actor].spoke;
    if (may_be_late(thread))
        event.changed = "late";
    if (shown)
        emit(thread, &event);
    struct thread *child = find((pid_t)message);
    bool waits = child != NULL;
    if (waits) {
        child->actor = actor;
        programs[actor].threads++;
    } else {
        child = add((pid_t)message, actor, true);
    }
    if (child == NULL)
        return;
    child->shown = shown;
    if (waits)
        begin(child);
    else
        child->new = true;
}

/* A thread that is not the leader takes the leader's number when it executes
 * another program, and its own vanishes without a word: ptrace(2). What it was
 * called by is gone then: its arguments are those of the entry. */
static void thread_executed(struct thread *thread)
{
    pid_t pid = thread->pid;
    unsigned long number;

    if (ptrace(PTRACE_GETEVENTMSG, pid, NULL, &number) == 0 &&
        (pid_t)number != pid && find((pid_t)number) != NULL) {
        struct thread *former = find((pid_t)number);
        former->pid = pid;
        former->child = thread->child;
        former->shown = thread->shown;
        forget(thread);
        thread = find(pid);
    }
    thread->held = thread->executes = thread->told = false;
    thread->call.pid = pid;
    if (thread->type != NULL)
        tell_return(thread);
    resume(pid, RUN, 0);
}

static void tell_exit(struct thread *thread, int status)
{
    struct event event = event_of(thread, EVENT_EXIT);

    event.number = status;
    thread->told = thread->wrote = true;
    thread->type = NULL;
    tell_output(thread);
    if (programs[event.actor].threads == 1)
        actors_end_lines(event.actor);
    if (!thread->child || thread->shown)
        emit(thread, &event);
}

static bool another_executes(const struct thread *thread)
{
    for (size_t i = 0; i < thread_count; i++)
        if (&threads[i] != thread && threads[i].actor == thread->actor &&
            threads[i].executes)
            return true;
    return false;
}

/* It is about to end, and still has its sockets: so its end is seen before the
 * kernel closes them. Whom another thread's exec ends is not told of: the
 * program goes on. */
static void thread_exits(struct thread *thread)
{
    pid_t pid = thread->pid;
    unsigned long status;

    hooks->exits(pid);
    if (thread->actor != WIRE && !another_executes(thread) &&
        ptrace(PTRACE_GETEVENTMSG, pid, NULL, &status) == 0)
        tell_exit(thread, (int)status);
    resume(pid, RUN, 0);
}

/* It has ended, and what it alone held is closed. (Who is killed may never have
 * stopped to be told of.) */
static void thread_ended(struct thread *thread, int status)
{
    struct event event = event_of(thread, EVENT_EXIT);

    if (thread->actor == WIRE) {
        forget(thread);
        return;
    }
    if (event.pid == programs[event.actor].first)
        programs[event.actor].status = status;
    if (!thread->told)
        tell_exit(thread, status);
    event.time = hooks->now();
    hooks->catch_up(event.time);
    hooks->ended(&event);
    /* `thread` may have moved: a hook can start another program. */
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

/* Its parent's stop comes next; but not if another thread's exit has ended both
 * at once. */
static void stranger_stops(pid_t pid, int status)
{
    if (!WIFSTOPPED(status))
        return;
    if (status >> 16 == PTRACE_EVENT_EXIT) {
        resume(pid, RUN, 0);
        return;
    }
    struct thread *thread = add(pid, WIRE, true);
    if (thread != NULL)
        thread->new = true;
}

/* What a stop means: ptrace(2), "Stopped states". */
static void handle(pid_t pid, int status)
{
    struct thread *thread = find(pid);

    if (thread == NULL) {
        stranger_stops(pid, status);
        return;
    }
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
        thread_ended(thread, status);
        return;
    }
    int event = status >> 16, number = WSTOPSIG(status);
    if (too_many && event != PTRACE_EVENT_EXIT)
        return; /* nobody goes on, or becomes more, until all are killed */
    if (event == PTRACE_EVENT_SECCOMP) {
        call_begins(thread);
    } else if (number == (SIGTRAP | 0x80)) {
        call_returns(thread);
    } else if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK ||
               event == PTRACE_EVENT_CLONE) {
        thread_forked(thread, event);
        resume(pid, RUN, 0);
    } else if (event == PTRACE_EVENT_STOP) {
        bool group_stop = number != SIGTRAP;
        if (thread->new)
            begin(thread);
        else
            resume(pid, group_stop ? STAY_STOPPED : RUN, 0);
    } else if (event == PTRACE_EVENT_EXEC) {
        thread_executed(thread);
    } else if (event == PTRACE_EVENT_EXIT) {
        thread_exits(thread);
    } else if (event != 0) {
        resume(pid, RUN, 0);
    } else {
        signal_arrives(thread, number);
    }
}

/* Who goes on from one stop comes to the next within microseconds, if it has a
 * processor of its own: to ask a few times more is cheaper than to sleep until
 * SIGCHLD. */
bool actors_turn(void)
{
    int status, asks = 1, stops = 0;

    while (asks > 0 && stops < TURN) {
        pid_t pid = waitpid(-1, &status, __WALL | WNOHANG);
        if (pid > 0) {
            handle(pid, status);
            stops++;
            asks = alone ? 1 : ASKS;
        } else {
            asks--;
        }
    }
    return stops > 0;
}

/* --- The beginning ------------------------------------------------------ */

/* What the kernel tells of a traced program, and that it dies with us. */
#define TRACE_OPTIONS                                                          \
    (PTRACE_O_EXITKILL | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD |       \
     PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |          \
     PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT)

const char *actors_start(int actor, char *const argv[], int input)
{
    struct program *program = &programs[actor];
    struct start start;

    const char *failed = start_fork(argv, input, &start);
    if (failed != NULL)
        return failed;
    program->first = start.pid;
    program->status = -1;
    output_open(actor, start.pid, start.output, emit_now);
    if (add(start.pid, actor, false) == NULL)
        return "realloc"; /* the ladder ends then, and the child with it */
    if (!untraced && ptrace(PTRACE_SEIZE, start.pid, NULL, TRACE_OPTIONS) == -1)
        return "ptrace";
    return start_exec(&start, !untraced, actors_turn);
}

/* May we trace? A child is asked, before there are players. */
static bool may_trace(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0)
            pause();
        _exit(1);
    }
    if (pid == -1)
        return true; /* the first player's fork will tell */
    bool may = ptrace(PTRACE_SEIZE, pid, NULL, 0) == 0;
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, __WALL) == -1 && errno == EINTR) {
    }
    return may;
}

void actors_open(const struct actors_hooks *what, struct adversity *how,
                 size_t most)
{
    cpu_set_t usable;

    hooks = what;
    hard = how;
    most_threads = most;
    untraced = !may_trace();
    alone = sched_getaffinity(0, sizeof usable, &usable) == 0 &&
            CPU_COUNT(&usable) == 1;
}

pid_t actors_first(int actor)
{
    return programs[actor].first;
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

bool actors_waits(int actor)
{
    for (size_t i = 0; i < thread_count; i++)
        if (threads[i].actor == actor && threads[i].asks)
            return true;
    return actors_in_call(actor);
}

void actors_each(void (*look)(pid_t pid))
{
    for (size_t i = 0; i < thread_count; i++)
        look(threads[i].pid);
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

/* No hook may start another program now: its end is told, and no more. */
static void thread_killed(struct thread *thread, int status)
{
    pid_t pid = thread->pid;

    if (thread->actor != WIRE && !thread->told)
        tell_exit(thread, status);
    forget(find(pid));
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
        if (thread != NULL && !WIFSTOPPED(status)) {
            thread_killed(thread, status);
        } else if (pid > 0 && WIFSTOPPED(status)) {
            if (thread == NULL)
                add(pid, WIRE, true);
            kill(pid, SIGKILL);
            resume(pid, RUN, 0); /* the first stop, too, may be at its exit */
        }
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
