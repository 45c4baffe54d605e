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
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "actors.h"
#include "options.h"
#include "sockets.h"
#include "stage.h"
#include "step.h"
#include "view.h"
#include "wire.h"

#define SECOND 1000000000LL

enum { FORBIDDEN = 3 };

static struct options options;
static long long start_time; /* CLOCK_REALTIME, as the kernel's of segments */
static long long last_drawn; /* the newest event's time */
static bool host_net, wire_is_open;
static bool failed;

static unsigned long server_inode; /* of the socket that listens; 0: none yet */
static size_t clients;             /* how many were started */
static bool newest_has_connected;
static bool
    keys_are_input; /* standard input is the lecturer's, not a client's */
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

__attribute__((format(printf, 2, 3))) static void note(int actor,
                                                       const char *format, ...)
{
    char text[700];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    terminal_note(actor, text);
}

/* --- Events ------------------------------------------------------------- */

static void draw(const struct event *event)
{
    if (event->kind == EVENT_OUTPUT && options.no_output)
        return;
    last_drawn = event->time;
    terminal_event(event);
    if (options.svg != NULL)
        svg_event(event);
    if (options.events != NULL)
        jsonl_event(event);
}

static void emit(const struct event *event)
{
    draw(event);
    if (event->kind == EVENT_RETURN && event->actor == (int)clients &&
        strcmp(event->call, "connect") == 0 && event->error != ENOENT)
        newest_has_connected = true; /* ENOENT: a name service's socket */
    if (event->kind == EVENT_CALL || event->kind == EVENT_RETURN ||
        event->kind == EVENT_SEGMENT)
        sockets_changes(event, draw);
}

static void ended(const struct event *event)
{
    sockets_changes(event, draw);
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
    return options.step && step_hold(event, type, call);
}

/* --- Players ------------------------------------------------------------ */

/* Why a program could not be started; ends the ladder where no other can. */
static void tell_failure(const char *step, const char *program)
{
    int error = errno;

    failed = true;
    terminal_flush();
    if (strcmp(step, "exec") == 0) {
        fprintf(stderr, "ladder: cannot run %s: %s (%s)\n", program,
                strerror(error), error_name(error));
    } else {
        fprintf(stderr, "ladder: %s: %s (%s)\n", step, strerror(error),
                error_name(error));
        actors_kill();
        exit(FORBIDDEN);
    }
}

/* ptrace(2) is forbidden: the wire and the kernel are still to be seen, in a
 * network where every socket is one of ours. */
static void go_without_calls(void)
{
    fprintf(stderr,
            "ladder: ptrace is forbidden here: calls are not shown%s. To allow "
            "it: kernel.yama.ptrace_scope below 3 (sysctl), or in a container "
            "the capability SYS_PTRACE.\n",
            host_net ? "" : ", only segments, the server's states and output");
    if (host_net || !wire_is_open)
        exit(FORBIDDEN);
    stage_contain();
}

/* {address} and {port} in a word stand for where the server listens. */
static char *fill_in(const char *word, const char *address, const char *port)
{
    size_t room = strlen(word) + 1, used = 0;
    for (const char *p = word; (p = strchr(p, '{')) != NULL; p++)
        room += strlen(address) + strlen(port);
    char *filled = calloc(1, room);

    for (; filled != NULL && *word != '\0';) {
        const char *with = NULL;
        size_t skip = 1;
        if (strncmp(word, "{port}", 6) == 0) {
            with = port;
            skip = 6;
        } else if (strncmp(word, "{address}", 9) == 0) {
            with = address;
            skip = 9;
        }
        if (with == NULL) {
            filled[used++] = *word;
        } else {
            used += (size_t)snprintf(filled + used, room - used, "%s", with);
        }
        word += skip;
    }
    return filled;
}

/* Where a client finds the server: a wildcard is reached by loopback. */
static void find_server(unsigned long inode, char address[64], char port[8])
{
    struct endpoint local = {0}, peer;
    char text[80];

    sockets_addresses(inode, &local, &peer);
    endpoint_text(&local, text);
    char *colon = strrchr(text, ':');
    if (colon != NULL)
        *colon = '\0';
    const char *host = text[0] == '[' ? text + 1 : text;
    snprintf(address, 64, "%.*s", (int)strcspn(host, "]"), host);
    if (strcmp(address, "0.0.0.0") == 0)
        snprintf(address, 64, "127.0.0.1");
    if (strcmp(address, "::") == 0)
        snprintf(address, 64, "::1");
    snprintf(port, 8, "%u", local.port);
}

/* What a client reads: the ladder's own standard input, or the cast's text. */
static int client_input(int actor)
{
    int pipes[2];

    if (options.input != NULL && pipe2(pipes, O_CLOEXEC) == 0) {
        ssize_t n = write(pipes[1], options.input, strlen(options.input));
        close(pipes[1]);
        if (n == -1)
            perror("ladder: input");
        return pipes[0];
    }
    if (actor == CLIENT && !keys_are_input)
        return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void listening(int actor, unsigned long inode)
{
    if (actor != SERVER)
        return;
    if (inode == server_inode)
        return; /* the same socket, with another backlog */
    if (server_inode != 0)
        note(SERVER, "The server listens on another socket as well; the "
                     "clients are sent to the first.");
    else
        server_inode = inode;
}

static void start_client(int actor)
{
    char address[64], port[8];
    char **words = options.commands[actor];

    find_server(server_inode, address, port);
    for (char **word = words; *word != NULL; word++)
        *word = fill_in(*word, address, port);
    int input = client_input(actor);
    const char *step = actors_start(actor, words, input);
    if (step != NULL)
        tell_failure(step, words[0]);
    close(input);
}

/* The first client starts when the server listens, each further one when the
 * one before has connected, or has ended, or takes long: so they come in the
 * order in which they were named. */
static void start_clients(void)
{
    static long long last;
    bool due = clients == 0 || newest_has_connected ||
               !actors_alive((int)clients) || now() - last > SECOND / 5;

    if (server_inode == 0 || !due || clients + 1 >= options.actors)
        return;
    newest_has_connected = false;
    last = now();
    start_client((int)++clients);
}

static bool all_started(void)
{
    return clients + 1 >= options.actors;
}

static bool any_client_alive(void)
{
    for (size_t i = CLIENT; i < options.actors; i++)
        if (actors_alive((int)i))
            return true;
    return false;
}

/* --- The end ------------------------------------------------------------ */

static void tell_blocked(const struct event *entry)
{
    char text[480], name[16];

    call_text(entry, text, sizeof text);
    note(entry->actor, "%s is still in %s", actor_name(entry->actor, name),
         text);
}

static bool server_was_ended, ended_by_us;

/* A server that serves for ever has nobody to serve any more: one that waits in
 * a network call, in some thread at least, while nothing else happens. SIGTERM
 * is for its first process, then for the children that this one left behind. */
static void end_server(long long last_event)
{
    static long long asked;
    static int times;

    if (server_inode == 0 || !all_started() || any_client_alive() ||
        !actors_alive(SERVER))
        return;
    if (asked != 0 && now() - asked > 2 * SECOND) {
        note(SERVER, "It goes on after SIGTERM: SIGKILL.");
        failed = true;
        actors_kill();
    } else if (times < 2 && actors_in_call(SERVER) &&
               (times == 0 || actors_status(SERVER) != -1) &&
               now() - last_event > SECOND / 4) {
        asked = now();
        server_was_ended = true;
        note(SERVER, times++ == 0
                         ? "All clients have ended: SIGTERM for the server."
                         : "Its children go on: SIGTERM for them.");
        actors_signal(SERVER, SIGTERM);
    }
}

static bool ended_well(int actor)
{
    int status = actors_status(actor);

    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    /* The signal was ours; a handler may end with the shell's 128 + 15. */
    return actor == SERVER && server_was_ended &&
           (WIFEXITED(status) ? WEXITSTATUS(status) == 128 + SIGTERM
                              : WTERMSIG(status) == SIGTERM);
}

static int result(void)
{
    if (ended_by_us)
        return 1;
    if (server_inode == 0 && options.actors > 1) {
        terminal_flush();
        fprintf(stderr, "ladder: the server ended before it listened: no "
                        "client was started\n");
        return 1;
    }
    for (size_t i = SERVER; i < options.actors; i++)
        failed = failed || !ended_well((int)i);
    return failed ? 1 : 0;
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

/* Live means within 20 ms: a call that has not returned for 8 is shown as one
 * that waits, and what was written is flushed as often. */
static void show(void)
{
    static long long flushed;
    long long time = now();

    if (time - last_drawn >= 8 * SECOND / 1000)
        terminal_flush();
    if (time - flushed >= 8 * SECOND / 1000) {
        fflush(NULL);
        flushed = time;
    }
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

    show();
    int n = ppoll(fds, count, terminal_pending() ? &soon : &most, mask);
    if (n <= 0)
        return;
    for (size_t i = 0; i < options.actors; i++)
        actors_read_output((int)i);
    catch_up(now());
    if (fds[keys].revents != 0)
        step_read();
}

static bool over(void)
{
    return !actors_alive(SERVER) && !any_client_alive() &&
           (server_inode == 0 || all_started());
}

static void end_all(const char *why)
{
    note(WIRE, "%s", why);
    actors_blocked(tell_blocked);
    for (size_t i = 0; i < options.actors; i++)
        if (actors_alive((int)i) && !actors_in_call((int)i))
            note((int)i, "%s is in no network call",
                 actor_name((int)i, (char[16]){0}));
    if (server_inode == 0 && options.actors > 1)
        note(SERVER, "The server has not called listen().");
    failed = ended_by_us = true;
    actors_kill();
}

/* A server that is not traced listens when the kernel says so. */
static void look_for_listener(void)
{
    struct event listen = {.kind = EVENT_RETURN,
                           .time = now(),
                           .actor = SERVER,
                           .call = "listen",
                           .waiting = -1,
                           .backlog = -1};
    unsigned long inode;

    if (server_inode != 0 || !sockets_find_listener(&inode))
        return;
    sockets_changes(&listen, draw);
    listening(SERVER, inode);
}

/* The kernel may still be closing when the last program has ended: until the
 * wire has been silent for 20 ms. */
static void settle(void)
{
    struct pollfd fds[2];
    int wires[2];
    size_t count = wire_is_open ? wire_descriptors(wires) : 0;

    for (size_t i = 0; i < count; i++)
        fds[i] = (struct pollfd){.fd = wires[i], .events = POLLIN};
    catch_up(now());
    for (int tries = 0; count > 0 && tries < 50; tries++) {
        if (poll(fds, (nfds_t)count, 20) == 0)
            return;
        catch_up(now());
    }
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

static void run(const sigset_t *mask)
{
    long long last = 0, deadline = (long long)(options.timeout * 1e9);

    while (!over()) {
        while (actors_turn())
            last = now();
        if (over())
            break;
        if (actors_untraced())
            look_for_listener();
        start_clients();
        bool go_on = take_step(last);
        if (go_on)
            wait_for_events(mask);
        if (step_stops())
            deadline = now() + (long long)(options.timeout * 1e9);
        if (!go_on) {
            end_all("Ended.");
        } else if (interrupts > 0) {
            end_all("Interrupted.");
        } else if (!step_stops() && now() > deadline) {
            char why[80];
            snprintf(why, sizeof why, "The time is over: %g seconds.",
                     options.timeout);
            end_all(why);
        } else if (now() - last > SECOND / 4 && step_keys() == -1) {
            end_server(last);
        }
    }
    for (size_t i = 0; i < options.actors; i++)
        actors_read_output((int)i);
    settle();
}

/* --- The beginning ------------------------------------------------------ */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static int terminal_columns(void)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    long width = columns != NULL ? strtol(columns, NULL, 10) : 0;

    if (width <= 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        width = size.ws_col;
    if (width < 80)
        width = 80;
    return width > 120 ? 120 : (int)width;
}

static void open_views(void)
{
    static struct view_options view;
    const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
    bool terminal = isatty(STDOUT_FILENO);

    view.actors = options.actors;
    for (size_t i = 0; i < options.actors; i++)
        view.names[i] = base_name(options.commands[i][0]);
    view.columns = terminal_columns();
    view.ascii = options.ascii || !terminal;
    view.colour = terminal && (no_colour == NULL || *no_colour == '\0') &&
                  (term == NULL || strcmp(term, "dumb") != 0);
    view.seq = options.seq;
    view.output = !options.no_output;
    view.title = view.names[SERVER];
    if (options.svg != NULL && svg_open(options.svg, &view) == -1)
        misuse("--svg %s: %s (%s)", options.svg, strerror(errno),
               error_name(errno));
    if (options.events != NULL && jsonl_open(options.events, &view) == -1)
        misuse("--events %s: %s (%s)", options.events, strerror(errno),
               error_name(errno));
    terminal_open(&view);
}

static void check_written(int result, const char *file)
{
    if (result == 0)
        return;
    fprintf(stderr, "ladder: %s: %s (%s)\n", file, strerror(errno),
            error_name(errno));
    failed = true;
}

static void close_views(void)
{
    check_written(terminal_close(), "standard output");
    if (options.svg != NULL)
        check_written(svg_close(), options.svg);
    if (options.events != NULL)
        check_written(jsonl_close(), options.events);
}

/* What the system forbids is said in a line, and the rest is shown. */
static void enter_stage(void)
{
    const char *refused = options.host_net ? NULL : stage_enter();
    int error = errno;

    host_net = options.host_net || refused != NULL;
    start_time = clock_time();
    wire_is_open = wire_open(start_time) == 0;
    if (refused != NULL)
        fprintf(
            stderr,
            "ladder: no private network (%s: %s): using the machine's "
            "own%s. To allow it: user.max_user_namespaces above 0 and, where "
            "they exist, kernel.unprivileged_userns_clone=1 and "
            "kernel.apparmor_restrict_unprivileged_userns=0 (sysctl), or "
            "in a container the capability SYS_ADMIN.\n",
            refused, strerror(error), wire_is_open ? "" : ", without segments");
    else if (!wire_is_open)
        fprintf(stderr,
                "ladder: the machine's own network shows its segments to root "
                "alone: without them. A private network has them: leave out "
                "--host-net.\n");
    if (sockets_open() == -1)
        fprintf(stderr, "ladder: no socket states (%s): not shown.\n",
                strerror(errno));
}

static void open_keys(void)
{
    if (!options.step)
        return;
    int keys =
        isatty(STDIN_FILENO) ? -1 : open("/dev/tty", O_RDONLY | O_CLOEXEC);
    keys_are_input = keys == -1; /* so they do without a terminal, in a test */
    step_open(keys_are_input ? STDIN_FILENO : keys, options.predict);
}

/* A descriptor that is closed would become a pipe or a socket of ours. */
static void take_standard_descriptors(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) == -1 &&
            open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) == -1)
            _exit(1);
}

int main(int argc, char *argv[])
{
    static const struct actors_hooks hooks = {catch_up,  emit,  hold,
                                              listening, ended, now};
    sigset_t while_waiting;

    take_standard_descriptors();
    options_read(argc, argv, &options);
    enter_stage();
    open_views();
    open_keys();
    prepare_signals(&while_waiting);
    actors_open(&hooks, &options.adversity);
    if (actors_untraced())
        go_without_calls();
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    const char *step = actors_start(SERVER, options.commands[SERVER], nothing);
    if (step != NULL) {
        tell_failure(step, options.commands[SERVER][0]);
        actors_kill();
        close_views();
        return 1;
    }
    run(&while_waiting);
    if (wire_is_open && wire_lost() > 0)
        note(WIRE, "%lu segments went by unseen: the picture has holes.",
             wire_lost());
    int status = result();
    close_views();
    stage_leave();
    if (actors_untraced())
        return FORBIDDEN;
    return failed ? 1 : status;
}
