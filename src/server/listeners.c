/*
 * listeners.c - the sockets that clients come to: see engine.h.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/engine.h"
#include "toolkit.h"

enum {
    PORT_TRIES = 10,
    /* Each system cuts it to its own limit, somaxconn; a C library's SOMAXCONN
     * may be less (musl: 128). */
    BACKLOG = 65535,
};

static const char *name_of(int fd, struct sockaddr_storage *name,
                           char text[ADDRESS_TEXT_SIZE])
{
    socklen_t size = sizeof *name;

    if (getsockname(fd, (struct sockaddr *)name, &size) == -1)
        die("getsockname");
    return address_text((struct sockaddr *)name, text);
}

void add_listener(struct server *server, int fd, size_t service, bool datagrams)
{
    struct listener *listener = &server->listeners[server->listener_count];
    struct sockaddr_storage name = {0};
    char text[ADDRESS_TEXT_SIZE];

    if (server->listener_count == MOST_LISTENERS)
        fail("more than %d sockets to listen on", MOST_LISTENERS);
    server->listener_count++;
    listener->source.ready = datagrams ? answer_datagrams : accept_clients;
    listener->source.fd = fd;
    listener->service = service;
    listener->datagrams = datagrams;
    name_of(fd, &name, text);
    listener->port = port_of((struct sockaddr *)&name);
}

static void close_last(struct server *server, size_t count)
{
    while (count-- > 0)
        close(server->listeners[--server->listener_count].source.fd);
}

void close_listeners(struct server *server)
{
    for (size_t i = 0; i < server->listener_count; i++) {
        struct source *source = &server->listeners[i].source;
        /* One that was handed over lives on, and epoll would tell of it. */
        if (!poller_change(&server->loops[0]->poller, source, 0))
            report("epoll_ctl");
        poller_forget(&server->loops[0]->poller, source);
        close(source->fd);
        source->fd = -1;
    }
    server->listening = false;
}

/* --- One socket --------------------------------------------------------- */

static bool set_options(int fd, int family, int type)
{
    const int on = 1;

    /* [::] would take IPv4's clients too, and the port of 0.0.0.0 with them. */
    if (family == AF_INET6 &&
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == -1)
        return false;
    /* With SO_REUSEADDR a second server could take a UDP port of the first. */
    return type == SOCK_STREAM
               ? setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0
               : ask_for_destination(fd, family);
}

/* Gives a bound descriptor that listens if it can, or -1, errno, and the call
 * that failed. */
static int open_one(const struct addrinfo *a, int type, const char **call)
{
    *call = "socket";
    int fd = socket(a->ai_family, type, 0);
    if (fd == -1)
        return -1;
    *call = "setsockopt";
    if (!set_options(fd, a->ai_family, type))
        goto failed;
    *call = "fcntl";
    if (!set_nonblocking(fd))
        goto failed;
    *call = "bind";
    if (bind(fd, a->ai_addr, a->ai_addrlen) == -1)
        goto failed;
    *call = "listen";
    if (type != SOCK_STREAM || listen(fd, BACKLOG) == 0)
        return fd;
failed:
    close_keeping_errno(fd);
    return -1;
}

/* --- All of a service --------------------------------------------------- */

static void set_port(struct addrinfo *list, uint16_t port)
{
    for (; list != NULL; list = list->ai_next) {
        if (list->ai_family == AF_INET6)
            ((struct sockaddr_in6 *)(void *)list->ai_addr)->sin6_port =
                htons(port);
        else
            ((struct sockaddr_in *)(void *)list->ai_addr)->sin_port =
                htons(port);
    }
}

/* What has gone wrong, at the last address where something has. */
struct failure {
    const char *call;
    int error, type;
    const struct addrinfo *at;
};

static _Noreturn void die_of(const struct failure *failure)
{
    char text[ADDRESS_TEXT_SIZE];

    errno = failure->error;
    die("%s %s%s", failure->call, address_text(failure->at->ai_addr, text),
        failure->type == SOCK_DGRAM ? " (UDP)" : "");
}

/* TCP and UDP of one address, as far as both are wanted: on one port. */
static bool open_pair(struct server *server, struct addrinfo *list,
                      struct addrinfo *a, size_t service,
                      struct failure *failure)
{
    const int types[] = {SOCK_STREAM, SOCK_DGRAM};

    for (int i = 0; i < 2; i++) {
        if (i == 0 ? !server->settings.tcp : !server->settings.udp)
            continue;
        int fd = open_one(a, types[i], &failure->call);
        if (fd == -1) {
            failure->error = errno;
            failure->type = types[i];
            failure->at = a;
            return false;
        }
        add_listener(server, fd, service, types[i] == SOCK_DGRAM);
        set_port(list, server->listeners[server->listener_count - 1].port);
    }
    return true;
}

/* Gives false if the free port of one address is taken at another. */
static bool open_all(struct server *server, struct addrinfo *list,
                     bool any_port, size_t service)
{
    const size_t before = server->listener_count;
    struct failure failure = {0};
    size_t addresses = 0;

    for (struct addrinfo *a = list; a != NULL; a = a->ai_next) {
        if (addresses == MOST_ADDRESSES || seen_before(list, a))
            continue;
        if (open_pair(server, list, a, service, &failure)) {
            addresses++;
        } else if (any_port && failure.error == EADDRINUSE) {
            close_last(server, server->listener_count - before);
            return false;
        } else if (failure.error != EAFNOSUPPORT &&
                   failure.error != EADDRNOTAVAIL) {
            die_of(&failure);
        } /* this machine has none such: the others will do */
    }
    if (addresses == 0 && failure.at != NULL)
        die_of(&failure);
    return true;
}

static void open_service(struct server *server, size_t service)
{
    const char *address = server->settings.address;
    const char *port = server->settings.ports[service];
    bool any_port = strtol(port, NULL, 10) == 0;
    int tries = 0;
    struct addrinfo *list =
        resolve(strcmp(address, "any") == 0 ? NULL : address, port, AI_PASSIVE);

    while (!open_all(server, list, any_port, service)) {
        if (++tries == PORT_TRIES)
            fail("no port is free on all addresses of %s", address);
        set_port(list, 0);
    }
    freeaddrinfo(list);
}

void open_listeners(struct server *server)
{
    for (size_t i = 0; services[i].name != NULL; i++)
        if (server->settings.ports[i] != NULL)
            open_service(server, i);
}

/* An address that has TCP and UDP is named once. */
void say_listening(const struct server *server)
{
    static char line[MOST_LISTENERS * (ADDRESS_TEXT_SIZE + 16)];
    struct sockaddr_storage name;
    char text[ADDRESS_TEXT_SIZE], last[ADDRESS_TEXT_SIZE] = "";
    size_t used = 0, service = SIZE_MAX;

    for (size_t i = 0; i < server->listener_count; i++) {
        const struct listener *listener = &server->listeners[i];
        if (strcmp(name_of(listener->source.fd, &name, text), last) == 0)
            continue;
        memcpy(last, text, sizeof last);
        if (server->settings.many && listener->service != service)
            used += (size_t)snprintf(line + used, sizeof line - used, " %s",
                                     services[listener->service].name);
        service = listener->service;
        used += (size_t)snprintf(line + used, sizeof line - used, " %s", text);
    }
    say("listening on%s", line);
}
