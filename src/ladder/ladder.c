/*
 * ladder - watches two programs, the wire between them and the kernel, and
 * draws what happens, in the order in which it happens.
 *
 *     stage  > actors   (calls)    \
 *              wire     (segments)  > events in order > terminal, SVG, events
 *              sockets  (states)   /
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "actors.h"
#include "casting.h"
#include "curtain.h"
#include "options.h"
#include "output.h"
#include "patience.h"
#include "picture.h"
#include "sockets.h"
#include "stage.h"
#include "start.h"
#include "step.h"
#include "view.h"
#include "wire.h"

static struct options options;
static long long start_time; /* CLOCK_REALTIME, as the kernel's of segments */
static bool host_net, wire_is_open;
static bool failed;

static volatile sig_atomic_t interrupts;

/* As the kernel stamps segments with it. */
static long long clock_time(void)
{
    struct timespec time;

    clock_gettime(CLOCK_REALTIME, &time);
    return (long long)time.tv_sec * SECOND + time.tv_nsec;
}

static long long now(void)
{
    static long long latest; /* never goes back, if somebody sets the clock */
    long long since = clock_time() - start_time;

    if (since > latest)
        latest = since;
    return latest;
}

/* --- Events ------------------------------------------------------------- */

/* When a player last got on. Who looks around a hundred times a second, and
 * finds nothing, is as quiet as one that waits. */
static long long last_deed;

static void emit(const struct event *event)
{
    if (event->kind != EVENT_SEGMENT && !event->vain)
        last_deed = event->time;
    if (event->kind == EVENT_RETURN && event->moved)
        patience_moved();
    picture_draw(event);
    casting_event(event);
    if (event->kind == EVENT_CALL || event->kind == EVENT_RETURN ||
        event->kind == EVENT_SEGMENT)
        sockets_changes(event, picture_draw);
}

static void ended(const struct event *event)
{
    sockets_changes(event, picture_draw);
}

/* Draws the segments that were seen before `until`; one that is too new for it
 * waits for the next time. */
static void catch_up(long long until)
{
    static struct event segment;
    static bool waits;

    while (wire_is_open && (waits || wire_next(&segment))) {
        waits = segment.time > until;
        if (waits)
            return;
        sockets_assign(&segment);
        if (actors_untraced() && segment.from_actor == WIRE)
            segment.from_actor = CLIENT;
        if (actors_untraced() && segment.to_actor == WIRE)
            segment.to_actor = CLIENT;
        /* On the machine's own network there are others' segments too. */
        if (!host_net || segment.from_actor != WIRE || segment.to_actor != WIRE)
            emit(&segment);
    }
}

static bool hold(const struct event *event, const struct call_type *type,
                 const struct call *call)
{
    if (options.explain && !options.step) {
        char text[400];
        explain(type, call, text, sizeof text);
        terminal_note(event->actor, text);
    }
    casting_call(event->actor, type);
    return patience_call() || (options.step && step_hold(event, type, call));
}

/* --- The loop ----------------------------------------------------------- */

static void on_signal(int number)
{
    if (number != SIGCHLD)
        interrupts = interrupts + 1;
}

/* Signals arrive only while the loop waits: none is missed. */
static void prepare_signals(sigset_t *while_waiting)
{
    static const int numbers[] = {SIGCHLD, SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_signal};
    sigset_t blocked;

    sigemptyset(&action.sa_mask);
    sigemptyset(&blocked);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        sigaddset(&blocked, numbers[i]);
        if (sigaction(numbers[i], &action, NULL) == -1)
            perror("ladder: sigaction");
    }
    sigprocmask(SIG_BLOCK, &blocked, while_waiting);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigdelset(while_waiting, numbers[i]);
}

/* Waits until a player stops or prints, a segment passes, or a key is pressed.
 */
static void wait_for_events(const sigset_t *mask)
{
    struct pollfd fds[2 * MOST_ACTORS + 3];
    nfds_t count = 0;
    int wires[2];
    struct timespec most = {.tv_nsec = 20000000}, soon = {.tv_nsec = 8000000};

    size_t wire_count = wire_is_open ? wire_descriptors(wires) : 0;
    for (size_t i = 0; i < wire_count; i++)
        fds[count++] = (struct pollfd){.fd = wires[i], .events = POLLIN};
    for (size_t i = 0; i < options.actors; i++)
        for (int descriptor = 1; descriptor <= 2; descriptor++)
            fds[count++] = (struct pollfd){
                .fd = actors_pipe((int)i, descriptor), .events = POLLIN};
    nfds_t keys = count;
    fds[count++] = (struct pollfd){.fd = step_keys(), .events = POLLIN};

    picture_show(now());
    int n = ppoll(fds, count, terminal_pending() ? &soon : &most, mask);
    for (size_t i = 0; i < options.actors; i++)
        actors_read_output((int)i);
    if (n <= 0)
        return;
    catch_up(now());
    if (fds[keys].revents != 0)
        step_read();
}

/* Of a server that is not traced nobody tells that it listens, and without
 * segments nothing tells of its states: the kernel is asked, at each turn. */
static void look_at_server(void)
{
    struct event listen = {.kind = EVENT_RETURN,
                           .time = now(),
                           .actor = SERVER,
                           .call = "listen",
                           .waiting = -1,
                           .backlog = -1};
    unsigned long inode = 0;
    bool new =
        !casting_reachable() &&
        sockets_find_listener(host_net ? actors_first(SERVER) : 0, &inode);

    if (new || (casting_reachable() && !wire_is_open))
        sockets_changes(&listen, picture_draw);
    if (new)
        casting_listening(SERVER, inode);
}

/* The kernel may still be closing when the last program has ended: until the
 * wire has been silent for 20 ms. What catch_up() held back, as it was stamped
 * a moment ahead of us, makes no descriptor ready: it is asked for once more.
 */
static void settle(void)
{
    struct pollfd fds[2];
    int wires[2], tries = 0;
    size_t count = wire_is_open ? wire_descriptors(wires) : 0;

    for (size_t i = 0; i < count; i++)
        fds[i] = (struct pollfd){.fd = wires[i], .events = POLLIN};
    do
        catch_up(now());
    while (count > 0 && tries++ < 50 && poll(fds, (nfds_t)count, 20) != 0);
    catch_up(now());
}

/* One step of the lecturer's, when what the last one set off has come to rest
 * (or a fifth of a second is over: somebody may go on for ever). */
static bool take_step(long long last_event)
{
    static long long stepped;

    if (now() - last_event < SECOND / 100 && now() - stepped < SECOND / 5)
        return true;
    stepped = now();
    step_ask();
    return step_turn();
}

/* Gives why all must end now, or NULL. */
static const char *why_drop(bool go_on, long long quiet_since)
{
    if (!go_on)
        return "Ended.";
    if (interrupts > 0)
        return "Interrupted.";
    return step_stops() ? NULL : patience_ended(now(), quiet_since);
}

static void run(const sigset_t *mask)
{
    long long last_stop = 0;

    patience_begin(now());
    while (!curtain_fallen()) {
        if (actors_turn())
            last_stop = now();
        if (curtain_fallen())
            break;
        if (actors_untraced())
            look_at_server();
        failed = !casting_clients(now()) || failed;
        bool go_on = take_step(last_stop);
        if (go_on)
            wait_for_events(mask);
        if (step_stops()) {
            last_stop = last_deed = now();
            patience_begin(last_deed);
        }
        long long quiet_since = patience_quiet_since(now(), last_deed);
        actors_begin_late(now(), quiet_since);
        const char *why = why_drop(go_on, quiet_since);
        if (why != NULL)
            curtain_drop(why);
        else if (now() - quiet_since > SECOND / 4 && step_keys() == -1)
            curtain_wait(now(), quiet_since);
    }
    for (size_t i = 0; i < options.actors; i++)
        actors_read_output((int)i);
    settle();
}

/* --- The beginning ------------------------------------------------------
 */

/* The machine's own network is not ours to change. */
static void set_sysctls(void)
{
    if (host_net && options.sysctl_count > 0)
        fprintf(stderr, "ladder: the cast's sysctl lines are for a private "
                        "network: the machine's own stays as it is.\n");
    for (size_t i = 0; i < options.sysctl_count && !host_net; i++) {
        const struct sysctl *one = &options.sysctls[i];
        if (sysctl_set(one))
            continue;
        fprintf(stderr, "ladder: sysctl %s=%s: %s (%s)\n", one->name,
                one->value, strerror(errno), error_name(errno));
        exit(1);
    }
}

/* What the system forbids, how to allow it, and what is shown instead: in
 * one line. `refused` is the step to a private network that failed, or
 * NULL. */
static void tell_missing(const char *refused, int error)
{
    bool calls = !actors_untraced();

    if (refused != NULL)
        fprintf(stderr,
                "ladder: no private network (%s: %s): using the machine's "
                "own%s. ",
                refused, strerror(error),
                wire_is_open ? "" : ", without segments");
    else if (!wire_is_open)
        fprintf(stderr, "ladder: the machine's own network shows its segments "
                        "to root alone: without them. ");
    if (!calls)
        fprintf(stderr,
                "%sptrace is forbidden here: calls are not shown, stopped or "
                "changed, only %sthe server's states and output. ",
                refused != NULL || !wire_is_open ? "And " : "ladder: ",
                wire_is_open ? "segments, " : "");
    if (refused != NULL)
        fprintf(stderr,
                "To allow it: user.max_user_namespaces above 0 and, where "
                "they exist, kernel.unprivileged_userns_clone=1 and "
                "kernel.apparmor_restrict_unprivileged_userns=0 (sysctl), or "
                "in a container the capability SYS_ADMIN.%s",
                calls ? "\n" : " ");
    else if (!wire_is_open)
        fprintf(stderr, "A private network has them: leave out --host-net.%s",
                calls ? "\n" : " ");
    if (!calls)
        fprintf(stderr,
                "%skernel.yama.ptrace_scope below 3 (sysctl), or in a "
                "container the capability SYS_PTRACE.\n",
                refused != NULL ? "For ptrace: " : "To allow it: ");
}

static void enter_stage(void)
{
    const char *refused = options.host_net ? NULL : stage_enter();
    int error = errno;

    host_net = options.host_net || refused != NULL;
    set_sysctls();
    start_time = clock_time();
    wire_is_open = wire_open(start_time) == 0;
    tell_missing(refused, error);
    if (actors_untraced())
        stage_contain();
    if (sockets_open() == -1)
        fprintf(stderr, "ladder: no socket states (%s): not shown.\n",
                strerror(errno));
}

/* Gives true if standard input is the lecturer's, and no client's. */
static bool open_keys(void)
{
    if (!options.step)
        return false;
    int keys =
        isatty(STDIN_FILENO) ? -1 : open("/dev/tty", O_RDONLY | O_CLOEXEC);
    step_open(keys == -1 ? STDIN_FILENO : keys, options.actors - 1,
              options.predict);
    return keys == -1; /* so they do without a terminal, in a test */
}

/* A descriptor that is closed would become a pipe or a socket of ours. */
static void take_standard_descriptors(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) == -1 &&
            open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) == -1)
            _exit(1);
}

static bool told_unsaved(int error)
{
    if (error != 0)
        fprintf(stderr, "ladder: --save-output %s: %s (%s)\n",
                options.save_output, strerror(error), error_name(error));
    return error != 0;
}

int main(int argc, char *argv[])
{
    static const struct actors_hooks hooks = {
        catch_up, emit, hold, casting_listening, patience_exit, ended, now};
    sigset_t while_waiting;

    take_standard_descriptors();
    options_read(argc, argv, &options);
    actors_open(&hooks, &options.adversity, options.most_processes);
    start_limit_cpu(options.most_cpu);
    enter_stage();
    if (options.save_output != NULL && !output_save(options.save_output) &&
        told_unsaved(errno))
        return 1;
    picture_open(&options);
    casting_open(&options, open_keys());
    curtain_open(options.actors);
    patience_open(&options);
    prepare_signals(&while_waiting);
    if (!casting_server()) {
        actors_kill();
        picture_close();
        return 1;
    }
    run(&while_waiting);
    if (wire_is_open && wire_lost() > 0)
        picture_note(WIRE,
                     "%lu segments went by unseen: the picture has holes.",
                     wire_lost());
    failed = !curtain_result() || failed;
    failed = !picture_close() || failed;
    failed = told_unsaved(output_saved()) || failed;
    if (actors_untraced()) {
        stage_leave();
        return FORBIDDEN;
    }
    return failed ? 1 : 0;
}
