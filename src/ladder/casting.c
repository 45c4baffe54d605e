/*
 * casting.c - see casting.h.
 */
#include "casting.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actors.h"
#include "diag.h"
#include "picture.h"
#include "sockets.h"
#include "view.h"

static const struct options *options;
static bool keys_are_input;        /* standard input is not a client's */
static unsigned long server_inode; /* where clients are sent; 0: nowhere yet */
static unsigned long bound_inode;  /* perhaps a UDP socket of the server's */
static size_t clients;             /* how many were started */
static bool newest_has_connected;

/* Why a program could not be started; ends the ladder where no other can. */
static void tell_failure(const char *step, const char *program)
{
    int error = errno;

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

/* {address} and {port} in a word stand for where the server is reached. */
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

/* What a client reads, or a program that is alone: the ladder's own standard
 * input, or the cast's text. */
static int open_input(int actor)
{
    bool alone = options->actors == 1, reads = alone || actor != SERVER;
    int pipes[2];

    if (reads && options->input != NULL && pipe2(pipes, O_CLOEXEC) == 0) {
        ssize_t n = write(pipes[1], options->input, strlen(options->input));
        close(pipes[1]);
        if (n == -1)
            perror("ladder: input");
        return pipes[0];
    }
    if ((alone || actor == CLIENT) && !keys_are_input)
        return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static bool start_client(int actor)
{
    char address[64], port[8];
    char **words = options->commands[actor];

    find_server(server_inode, address, port);
    for (char **word = words; *word != NULL; word++)
        *word = fill_in(*word, address, port);
    int input = open_input(actor);
    const char *step = actors_start(actor, words, input);
    if (step != NULL)
        tell_failure(step, words[0]);
    close(input);
    return step == NULL;
}

bool casting_server(void)
{
    int input = open_input(SERVER);
    char **words = options->commands[SERVER];
    const char *step = actors_start(SERVER, words, input);

    if (step != NULL)
        tell_failure(step, words[0]);
    close(input);
    return step == NULL;
}

void casting_listening(int actor, unsigned long inode)
{
    if (actor != SERVER)
        return;
    if (inode == server_inode)
        return; /* the same socket, with another backlog */
    if (server_inode != 0)
        picture_note(SERVER, "The server listens on another socket as well; "
                             "the clients are sent to the first.");
    else
        server_inode = inode;
}

struct search {
    unsigned long inode;
    bool found;
};

static void match(const struct word *word, void *context)
{
    struct search *search = context;

    if (word->inode == search->inode && word->local.port != 0)
        search->found = true;
}

static bool is_bound_udp(unsigned long inode)
{
    struct search search = {.inode = inode};

    if (inode != 0)
        (void)diag_all(IPPROTO_UDP, ~0U, match, &search);
    return search.found;
}

/* The first that is bound and was not closed since. */
static void note_bound(const struct event *event)
{
    if (!is_bound_udp(bound_inode))
        bound_inode =
            socket_inode(event->pid, (int)strtol(event->args, NULL, 10));
}

/* A server of UDP never listens: it can be reached once it waits. One that will
 * listen as well has done so by then. */
void casting_call(int actor, const struct call_type *type)
{
    bool waits = type->traits & CALL_BLOCKS && !(type->traits & CALL_WRITES);

    if (actor == SERVER && server_inode == 0 && waits &&
        is_bound_udp(bound_inode))
        server_inode = bound_inode;
}

void casting_event(const struct event *event)
{
    if (server_inode == 0 && event->kind == EVENT_RETURN &&
        event->actor == SERVER && event->error == 0 &&
        strcmp(event->call, "bind") == 0)
        note_bound(event);
    if (event->kind == EVENT_RETURN && event->actor == (int)clients &&
        strcmp(event->call, "connect") == 0 && event->error != ENOENT)
        newest_has_connected = true; /* ENOENT: a name service's socket */
}

bool casting_clients(long long now)
{
    static long long last;
    bool due = clients == 0 || newest_has_connected ||
               !actors_alive((int)clients) || now - last > SECOND;

    if (server_inode == 0 || !due || casting_complete())
        return true;
    newest_has_connected = false;
    last = now;
    return start_client((int)++clients);
}

bool casting_reachable(void)
{
    return server_inode != 0;
}

bool casting_complete(void)
{
    return clients + 1 >= options->actors;
}

void casting_open(const struct options *given, bool keys)
{
    options = given;
    keys_are_input = keys;
}
