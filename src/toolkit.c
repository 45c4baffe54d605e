/*
 * toolkit.c - see toolkit.h.
 */
#include "toolkit.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    MOST_ADDRESSES = 16, /* of one name; what lies beyond is not tried */
    PORT_TRIES = 10,
    REST_MS = 1000,
};

/* --- Names and addresses ------------------------------------------------ */

struct addrinfo *resolve(const char *name, const char *port, int flags)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = flags | AI_NUMERICSERV};
    struct addrinfo *list;

    /* Some systems take "" for the wildcard. */
    if (name != NULL && *name == '\0')
        misuse("address \"\": neither a name nor an address");
    int error = getaddrinfo(name, port, &hints, &list);
    if (error == EAI_SYSTEM)
        die("getaddrinfo %s", name != NULL ? name : "any");
    if (error != 0)
        fail("getaddrinfo %s: %s", name != NULL ? name : "any",
             gai_strerror(error));
    return list;
}

/* A line twice in /etc/hosts is an address twice in the list. */
static bool seen_before(const struct addrinfo *list, const struct addrinfo *a)
{
    for (; list != a; list = list->ai_next)
        if (list->ai_addrlen == a->ai_addrlen &&
            memcmp(list->ai_addr, a->ai_addr, a->ai_addrlen) == 0)
            return true;
    return false;
}

static bool set_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    return flags != -1 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) != -1;
}

static void close_keeping_errno(int fd)
{
    int error = errno;
    close(fd);
    errno = error;
}

long long now_ms(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_MONOTONIC, &now) == -1)
        die("clock_gettime");
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- Clients ------------------------------------------------------------ */

bool wait_ready(int fd, short events, long long deadline)
{
    for (;;) {
        struct pollfd ready = {.fd = fd, .events = events};
        long long left = deadline == 0 ? -1 : deadline - now_ms();
        if (deadline != 0 && left < 0)
            left = 0;
        int n = poll(&ready, 1, (int)left);
        if (n > 0)
            return true;
        if (n == -1 && errno != EINTR)
            die("poll");
        if (n == 0) {
            errno = ETIMEDOUT;
            return false;
        }
    }
}

/* Gives a connected descriptor, or -1, errno, and the call that failed. */
static int connect_one(const struct addrinfo *a, long seconds,
                       const char **call)
{
    int error = 0;
    socklen_t size = sizeof error;

    *call = "socket";
    int fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
    if (fd == -1)
        return -1;
    *call = "fcntl";
    if (!set_nonblocking(fd))
        goto failed;
    *call = "connect";
    if (connect(fd, a->ai_addr, a->ai_addrlen) == 0)
        return fd;
    /* POSIX: after EINTR too, the connection goes on being made. */
    if (errno != EINPROGRESS && errno != EINTR)
        goto failed;
    if (!wait_ready(fd, POLLOUT, seconds > 0 ? now_ms() + seconds * 1000 : 0))
        goto failed;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == -1)
        goto failed;
    if (error == 0)
        return fd;
    errno = error;
failed:
    close_keeping_errno(fd);
    return -1;
}

int connect_to(const char *address, const char *port, long seconds,
               char peer[ADDRESS_TEXT_SIZE])
{
    struct addrinfo *list = resolve(address, port, 0), *a;
    struct {
        const char *call;
        int error;
        char where[ADDRESS_TEXT_SIZE];
    } failures[MOST_ADDRESSES];
    size_t failed = 0;
    int fd = -1;

    for (a = list; a != NULL && failed < MOST_ADDRESSES; a = a->ai_next) {
        if (seen_before(list, a))
            continue;
        address_text(a->ai_addr, peer);
        fd = connect_one(a, seconds, &failures[failed].call);
        if (fd != -1)
            break;
        failures[failed].error = errno;
        memcpy(failures[failed++].where, peer, ADDRESS_TEXT_SIZE);
    }
    freeaddrinfo(list);
    if (fd != -1)
        return fd;
    for (size_t i = 0; i < failed; i++) {
        errno = failures[i].error;
        report("%s %s", failures[i].call, failures[i].where);
    }
    exit(EXIT_FAILURE);
}

/* --- Listeners ---------------------------------------------------------- */

struct listeners {
    size_t count;
    int fd[MOST_ADDRESSES];
};

/* Gives a listening descriptor, or -1, errno, and the call that failed. */
static int listen_one(const struct addrinfo *a, const char **call)
{
    const int on = 1;

    *call = "socket";
    int fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
    if (fd == -1)
        return -1;
    *call = "setsockopt";
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1)
        goto failed;
    /* [::] would take IPv4's clients too, and the port of 0.0.0.0 with them. */
    if (a->ai_family == AF_INET6 &&
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == -1)
        goto failed;
    *call = "fcntl";
    if (!set_nonblocking(fd))
        goto failed;
    *call = "bind";
    if (bind(fd, a->ai_addr, a->ai_addrlen) == -1)
        goto failed;
    *call = "listen";
    if (listen(fd, SOMAXCONN) == 0)
        return fd;
failed:
    close_keeping_errno(fd);
    return -1;
}

static const char *name_of(int fd, struct sockaddr_storage *name,
                           char text[ADDRESS_TEXT_SIZE])
{
    socklen_t size = sizeof *name;

    if (getsockname(fd, (struct sockaddr *)name, &size) == -1)
        die("getsockname");
    return address_text((struct sockaddr *)name, text);
}

static in_port_t *port_in(struct sockaddr *name)
{
    return name->sa_family == AF_INET6
               ? &((struct sockaddr_in6 *)(void *)name)->sin6_port
               : &((struct sockaddr_in *)(void *)name)->sin_port;
}

static void set_port(struct addrinfo *list, in_port_t port)
{
    for (; list != NULL; list = list->ai_next)
        *port_in(list->ai_addr) = port;
}

/* Gives false if the free port of one address is taken at another. */
static bool listen_all(struct addrinfo *list, bool any_port,
                       struct listeners *all)
{
    struct sockaddr_storage name = {0};
    char text[ADDRESS_TEXT_SIZE];
    const struct addrinfo *missing = NULL; /* the last that is not here */
    const char *call = "socket";
    int error = 0;

    all->count = 0;
    for (struct addrinfo *a = list; a != NULL; a = a->ai_next) {
        if (all->count == MOST_ADDRESSES || seen_before(list, a))
            continue;
        int fd = listen_one(a, &call);
        if (fd != -1) {
            all->fd[all->count++] = fd;
            name_of(fd, &name, text);
            /* The analyzer does not see that getsockname() wrote it. */
            // NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage)
            set_port(list, *port_in((struct sockaddr *)&name));
        } else if (any_port && errno == EADDRINUSE) {
            while (all->count > 0)
                close(all->fd[--all->count]);
            return false;
        } else if (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL) {
            error = errno; /* this machine has none such: the others will do */
            missing = a;
        } else {
            die("%s %s", call, address_text(a->ai_addr, text));
        }
    }
    if (all->count == 0 && missing != NULL) {
        errno = error;
        die("%s %s", call, address_text(missing->ai_addr, text));
    }
    return true;
}

static void listen_on(const char *address, const char *port,
                      struct listeners *all)
{
    bool any_port = strtol(port, NULL, 10) == 0;
    int tries = 0;
    struct addrinfo *list =
        resolve(strcmp(address, "any") == 0 ? NULL : address, port, AI_PASSIVE);

    while (!listen_all(list, any_port, all)) {
        if (++tries == PORT_TRIES)
            fail("no port is free on all addresses of %s", address);
        set_port(list, 0);
    }
    freeaddrinfo(list);
}

static void say_ready(const struct listeners *all)
{
    struct sockaddr_storage name;
    char line[MOST_ADDRESSES * (ADDRESS_TEXT_SIZE + 1)] = "";
    char text[ADDRESS_TEXT_SIZE];
    size_t used = 0;

    for (size_t i = 0; i < all->count; i++)
        used += (size_t)snprintf(line + used, sizeof line - used, " %s",
                                 name_of(all->fd[i], &name, text));
    say("listening on%s", line);
}

/* --- Servers ------------------------------------------------------------ */

bool client_receive(struct client *client)
{
    ssize_t n = read(client->fd, client->buffer, sizeof client->buffer);
    if (n == -1)
        return errno == EAGAIN || errno == EINTR;
    client->start = 0;
    client->end = (size_t)n;
    return n > 0;
}

bool client_send(struct client *client)
{
    if (client->start == client->end)
        return true;
    ssize_t n = write(client->fd, client->buffer + client->start,
                      client->end - client->start);
    if (n == -1)
        return errno == EAGAIN || errno == EINTR;
    client->start += (size_t)n;
    return true;
}

/* polls[] begins with the listeners; the rest are clients, and clients[i] is
 * the one of polls[i]. */
struct server {
    const struct service *service;
    struct pollfd *polls;
    struct client **clients;
    size_t listeners, count, capacity;
    long to_come;         /* clients to accept yet; -1 is no limit */
    long long rest_until; /* no accept() before; 0: no rest */
    bool rest_told;
};

/* One slot more in both arrays; false and errno if there is no memory. */
static bool add_slot(struct server *server, int fd, struct client *client)
{
    if (server->count == server->capacity) {
        size_t capacity = server->capacity * 2 + 16;
        void *polls = realloc(server->polls, capacity * sizeof *server->polls);
        if (polls != NULL)
            server->polls = polls;
        void *clients =
            realloc(server->clients, capacity * sizeof *server->clients);
        if (clients != NULL)
            server->clients = clients;
        if (polls == NULL || clients == NULL)
            return false;
        server->capacity = capacity;
    }
    server->polls[server->count] = (struct pollfd){.fd = fd, .events = POLLIN};
    server->clients[server->count++] = client;
    return true;
}

/* The last client takes the place of client i. */
static void drop_client(struct server *server, size_t i)
{
    close(server->polls[i].fd);
    free(server->clients[i]);
    server->count--;
    server->polls[i] = server->polls[server->count];
    server->clients[i] = server->clients[server->count];
    server->rest_until = 0;
}

static void serve_client(struct server *server, size_t i)
{
    server->polls[i].events = server->service->serve(server->clients[i]);
    if (server->polls[i].events == 0)
        drop_client(server, i);
}

static void add_client(struct server *server, int fd)
{
    struct client *client = calloc(1, sizeof *client);

    if (client == NULL || !set_nonblocking(fd) ||
        !add_slot(server, fd, client)) {
        report("a client was turned away");
        close(fd);
        free(client);
        return;
    }
    client->fd = fd;
    if (server->to_come > 0)
        server->to_come--;
    serve_client(server, server->count - 1);
}

/* accept(2): ECONNABORTED, a client that has gone again, is no error of ours.
 * Any other one, EMFILE above all, would be back at once and for ever. */
static void accept_clients(struct server *server, int listener)
{
    while (server->to_come != 0) {
        int fd = accept(listener, NULL, NULL);
        if (fd != -1) {
            add_client(server, fd);
        } else if (errno == EAGAIN) {
            server->rest_told = false;
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            if (!server->rest_told)
                report("accept (resting until a client leaves)");
            server->rest_told = true;
            server->rest_until = now_ms() + REST_MS;
            return;
        }
    }
}

/* What poll() is to wait for: its timeout, and whether listeners matter. */
static int prepare_poll(struct server *server)
{
    long long now = now_ms();
    bool resting = now < server->rest_until;
    long long first = resting ? server->rest_until : 0; /* 0: nothing is due */

    for (size_t i = 0; i < server->listeners; i++)
        server->polls[i].events = resting ? 0 : POLLIN;
    for (size_t i = server->listeners; i < server->count; i++) {
        long long deadline = server->clients[i]->deadline;
        if (deadline != 0 && (first == 0 || deadline < first))
            first = deadline;
    }
    if (first == 0)
        return -1;
    return first > now ? (int)(first - now) : 0;
}

static void stop_listening(struct server *server)
{
    for (size_t i = 0; i < server->listeners; i++) {
        if (server->polls[i].fd != -1)
            close(server->polls[i].fd);
        server->polls[i].fd = -1; /* poll(2) passes it over */
    }
}

static void turn(struct server *server)
{
    if (poll(server->polls, server->count, prepare_poll(server)) == -1) {
        if (errno != EINTR)
            die("poll");
        return;
    }
    /* Backwards: who takes a dropped one's place has had its turn. */
    long long now = now_ms();
    for (size_t i = server->count; i-- > server->listeners;) {
        long long deadline = server->clients[i]->deadline;
        if (deadline != 0 && now >= deadline)
            drop_client(server, i);
        else if (server->polls[i].revents != 0)
            serve_client(server, i);
    }
    for (size_t i = 0; i < server->listeners; i++)
        if (server->polls[i].revents != 0)
            accept_clients(server, server->polls[i].fd);
}

int run_service(int argc, char *argv[], const struct service *service)
{
    const char *address = "127.0.0.1", *port = service->port;
    long clients = 0;
    const struct option_spec options[] = {
        {"clients", "N", &clients, 0, 1000000000,
         "end after so many clients; 0: go on"},
        {0},
    };
    parse_arguments(argc, argv, service->about, options, &address, &port);
    end_on_signals();
    /* A client that has gone is one write's EPIPE, not the server's end. */
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        die("signal");

    struct listeners all;
    listen_on(address, port, &all);
    struct server server = {.service = service,
                            .to_come = clients > 0 ? clients : -1};
    for (; server.listeners < all.count; server.listeners++)
        if (!add_slot(&server, all.fd[server.listeners], NULL))
            die("realloc");
    say_ready(&all);

    while (server.to_come != 0 || server.count > server.listeners) {
        turn(&server);
        if (server.to_come == 0)
            stop_listening(&server);
    }
    free(server.polls);
    free(server.clients);
    return EXIT_SUCCESS;
}
