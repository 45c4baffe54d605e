/*
 * server.c - the command line, and a server's life: see engine.h.
 */
#include "server/server.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "server/engine.h"
#include "toolkit.h"

enum {
    AFTER_GRACE_MS = 3000, /* for the last bytes, and the clients' ends */
    DESCRIPTORS = 1 << 20, /* that are used at most */
    FOR_A_THREAD = 64,     /* descriptors, or there are fewer threads */
    OF_ONE_ADDRESS = 64,   /* it leaves one in so many places to others */
};

uint32_t server_ms(const struct server *server)
{
    return (uint32_t)(now_ms() - server->began);
}

unsigned long long clients_of(const struct loop *loop)
{
    return value_of(&loop->counters.accepted) - value_of(&loop->counters.gone);
}

unsigned long long clients_open(const struct server *server)
{
    unsigned long long open = 0;

    for (size_t i = 0; i < server->loop_count; i++)
        open += clients_of(server->loops[i]);
    return open;
}

/* --- Signals ------------------------------------------------------------ */

/* A signal's number, or 0 from tell_first(): what it means is seen to in the
 * first loop, where everything may be called. If the pipe is full there is
 * enough to wake up for. */
static int signal_pipe[2];

static void pass_on(int signal_number)
{
    int error = errno;
    unsigned char byte = (unsigned char)signal_number;

    ssize_t n = write(signal_pipe[1], &byte, 1);
    (void)n; /* a pipe that is full tells enough */
    errno = error;
}

void tell_first(void)
{
    pass_on(0);
}

static void stop_listening(struct server *server)
{
    close_listeners(server);
    server->rests = false;
    atomic_store(&server->heeds_departures, true);
}

static void drain(struct server *server)
{
    if (server->phase != SERVING || server->settings.grace == 0)
        server->over = true;
    if (server->phase != SERVING)
        return;
    notify("STOPPING=1");
    server->phase = DRAINING;
    if (!server->handed_over)
        accept_last(server);
    if (server->listening)
        stop_listening(server);
    server->has_end = true;
    server->phase_ends =
        server_ms(server) + (uint32_t)server->settings.grace * MS;
}

/* One byte is written into it, and never read: so every loop hears of it. */
static int bell_pipe[2] = {-1, -1};

static void ring_bell(void)
{
    if (bell_pipe[1] != -1 && write(bell_pipe[1], "", 1) == -1)
        report("write");
}

void end_phase(struct server *server)
{
    server->over = server->phase == FINISHING;
    server->phase = FINISHING;
    server->phase_ends = server_ms(server) + AFTER_GRACE_MS;
    finish_clients(server->loops[0]);
    ring_bell();
}

static void take_signals(struct loop *first, struct source *source,
                         short events)
{
    unsigned char numbers[64];
    ssize_t n = read(source->fd, numbers, sizeof numbers);

    (void)events;
    for (ssize_t i = 0; i < n; i++) {
        if (numbers[i] == SIGUSR1)
            report_counters(first->server);
        else if (numbers[i] != 0)
            drain(first->server);
        else
            end_rest(first->server);
    }
}

static void catch_signals(struct server *server)
{
    struct sigaction action = {.sa_handler = pass_on, .sa_flags = SA_RESTART};

    if (pipe(signal_pipe) == -1)
        die("pipe");
    if (!set_nonblocking(signal_pipe[0]) || !set_nonblocking(signal_pipe[1]))
        die("fcntl");
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGTERM, &action, NULL) == -1 ||
        sigaction(SIGINT, &action, NULL) == -1 ||
        sigaction(SIGUSR1, &action, NULL) == -1)
        die("sigaction");
    /* A client that has gone is one write's EPIPE, not the server's end; and a
     * server is not ended with the terminal where it was started. */
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
        signal(SIGHUP, SIG_IGN) == SIG_ERR)
        die("signal");
    server->signals =
        (struct source){.ready = take_signals, .fd = signal_pipe[0]};
}

/* --- Threads ------------------------------------------------------------ */

static void hear_bell(struct loop *loop, struct source *source, short events)
{
    (void)events;
    if (!poller_change(&loop->poller, source, 0))
        die("epoll_ctl");
    finish_clients(loop);
}

static void *run_loop(void *argument)
{
    for (;;)
        take_turn(argument);
    return NULL;
}

static void start_thread(struct loop *loop)
{
    pthread_t thread;

    loop->bell = (struct source){.ready = hear_bell, .fd = bell_pipe[0]};
    if (!poller_add(&loop->poller, &loop->bell, POLLIN))
        die("epoll_ctl");
    int error = pthread_create(&thread, NULL, run_loop, loop);
    if (error == 0)
        error = pthread_detach(thread);
    if (error != 0) {
        errno = error;
        die("pthread_create");
    }
}

/* Signals are for the first loop: nobody else has to meet EINTR. */
static void start_threads(struct server *server)
{
    sigset_t all, before;

    if (server->loop_count == 1)
        return;
    if (pipe(bell_pipe) == -1)
        die("pipe");
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    for (size_t i = 1; i < server->loop_count; i++)
        start_thread(server->loops[i]);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* The cores that this process may use, which may be fewer than there are. */
static long cores(void)
{
#ifdef __linux__
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return CPU_COUNT(&set) < MOST_THREADS ? CPU_COUNT(&set) : MOST_THREADS;
#endif
    return 1;
}

/* --- The command line --------------------------------------------------- */

/* Takes as many descriptors as we may have, and gives how many these are. */
static long raise_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
        die("getrlimit");
    if (limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        /* Some systems have a lower limit of their own: then it stays. */
        if (setrlimit(RLIMIT_NOFILE, &limit) == -1 &&
            getrlimit(RLIMIT_NOFILE, &limit) == -1)
            die("getrlimit");
    }
    return limit.rlim_cur < DESCRIPTORS ? (long)limit.rlim_cur : DESCRIPTORS;
}

static void set_defaults(struct settings *s)
{
    const long descriptors = raise_limit();

    s->address = "127.0.0.1";
    s->grace = 5;
    s->spin = 10; /* a wake-up costs more: tests/bench/README.md */
    s->connections = descriptors;
    s->per_address = descriptors - descriptors / OF_ONE_ADDRESS;
    s->threads = cores();
    if (s->threads > descriptors / FOR_A_THREAD)
        s->threads = descriptors / FOR_A_THREAD;
    if (s->threads < 1)
        s->threads = 1;
}

/* Writes one option for each service. */
static size_t name_services(struct option_spec *options, struct settings *s)
{
    size_t count = 0;

    for (; services[count].name != NULL; count++)
        options[count] = (struct option_spec){.name = services[count].name,
                                              .unit = "[PORT]",
                                              .value = &s->ports[count],
                                              .min = 1, /* as ANY_TEXT */
                                              .about = services[count].about};
    options[count++] =
        (struct option_spec){"all", NULL, &s->all, 0, 0, "all of these"};
    return count;
}

/* A bare --echo is at our port. */
static void choose_services(struct settings *s)
{
    static char ports[8][8];
    bool any = false;

    for (size_t i = 0; services[i].name != NULL; i++) {
        if (s->all && s->ports[i] == NULL)
            s->ports[i] = "";
        any = any || s->ports[i] != NULL;
        if (s->ports[i] == NULL)
            continue;
        snprintf(ports[i], sizeof ports[i], "%u",
                 services[i].port + PORT_OFFSET);
        if (*s->ports[i] == '\0')
            s->ports[i] = ports[i];
        parse_number(services[i].name, s->ports[i], 0, 65535);
    }
    if (!any && !s->inetd && handed_over() == 0)
        misuse("no service: name some, or --all");
    s->many = true;
}

static void read_arguments(int argc, char *argv[], const char *about,
                           const char *name, struct settings *s)
{
    const struct option_spec common[] = {
        {"tcp", NULL, &s->tcp, 0, 0, "serve TCP only"},
        {"udp", NULL, &s->udp, 0, 0, "serve UDP only"},
        {"threads", "N", &s->threads, 1, MOST_THREADS, "loops side by side"},
        {"spin", "US", &s->spin, 0, 1000000,
         "microseconds to ask before sleeping"},
        {"connections", "N", &s->connections, 1, DESCRIPTORS,
         "at once; others wait"},
        {"per-address", "N", &s->per_address, 0, DESCRIPTORS,
         "at once, others are closed; 0: any"},
        {"idle", "S", &s->idle, 0, 86400, "seconds of silence; 0: any"},
        {"grace", "S", &s->grace, 0, 86400,
         "seconds to finish in after SIGTERM"},
        {"clients", "N", &s->clients, 0, 1000000000,
         "end after so many clients; 0: go on"},
        {"user", "NAME", &s->user, ANY_TEXT, "become this user after bind()"},
        {"inetd", NULL, &s->inetd, 0, 0,
         "serve the socket that is descriptor 0"},
        {"log", NULL, &s->log, 0, 0, "a line for each connection at its end"},
        {0},
    };
    struct option_spec options[32] = {{0}};
    const struct service *service = name != NULL ? service_named(name) : NULL;
    static char default_port[8];
    const char *port = default_port;

    size_t count = service != NULL ? 0 : name_services(options, s);
    memcpy(options + count, common, sizeof common);
    if (service != NULL)
        snprintf(default_port, sizeof default_port, "%u",
                 service->port + PORT_OFFSET);
    parse_arguments(argc, argv, about, options, &s->address,
                    service != NULL ? &port : NULL);
    if (service != NULL)
        s->ports[service - services] = port;
    else
        choose_services(s);
    if (!s->tcp && !s->udp)
        s->tcp = s->udp = 1;
#ifndef POLLER_EPOLL
    s->threads = 1; /* poller_add() is for one thread there */
#endif
}

/* --- A life ------------------------------------------------------------- */

static void make_loops(struct server *server)
{
    for (long i = 0; i < server->settings.threads; i++)
        server->loops[server->loop_count++] = new_loop(server, (unsigned)i);
}

static void watch_sources(struct server *server)
{
    struct poller *poller = &server->loops[0]->poller;
    bool added = poller_add(poller, &server->signals, POLLIN);

    for (size_t i = 0; i < server->listener_count; i++)
        added =
            added && poller_add(poller, &server->listeners[i].source, POLLIN);
    if (!added)
        die("epoll_ctl");
}

static void serve(struct server *server)
{
    struct loop *first = server->loops[0];

    while (!server->over && (server->listening || clients_open(server) > 0)) {
        take_turn(first);
        if (server->to_come == 0 && server->listening)
            stop_listening(server);
    }
}

int run_server(int argc, char *argv[], const char *about, const char *name)
{
    static struct server server;
    struct settings *settings = &server.settings;

    server.began = now_ms();
    set_defaults(settings);
    read_arguments(argc, argv, about, name, settings);
    server.to_come = settings->clients > 0 ? settings->clients : -1;
    catch_signals(&server);
    make_loops(&server);
    server.handed_over = take_handed_over(&server);
    if (!server.handed_over)
        open_listeners(&server);
    server.listening = server.listener_count > 0;
    watch_sources(&server);
    if (settings->user != NULL)
        become_user(settings->user);
    start_threads(&server);
    if (server.listening && !settings->inetd)
        say_listening(&server);
    notify("READY=1");
    serve(&server);
    if (settings->log)
        report_counters(&server);
    return EXIT_SUCCESS;
}
