/*
 * step.c - see step.h. Every call that begins is held in a queue; a key lets
 * the first one go, or the first one of one side.
 */
#include "step.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "actors.h"
#include "view.h"

enum { MOST_HELD = 256 };

static const char *const keys_text[] = {
    "A key is obeyed when Enter is pressed:",
    "Enter  go on with this call        c       run to the end",
    "1      only the server goes on     b NAME  run to the next call NAME",
    "2      only the clients go on      q       end all programs",
};

struct held {
    pid_t pid;
    int actor;
    const char *name;
    char text[480];     /* the call */
    char sentence[320]; /* what it asks of the kernel */
};

static int keys = -1;
static size_t clients;
static bool predict, asked, predicted, running; /* running: no more stops */
static char until[32]; /* run to the next call whose name begins so */
static struct held held[MOST_HELD];
static size_t held_count;

static char input[256];
static size_t input_used;
static bool input_ended;

void step_open(int descriptor, size_t how_many_clients, bool ask_first)
{
    keys = descriptor;
    clients = how_many_clients;
    predict = ask_first;
}

bool step_hold(const struct event *event, const struct call_type *type,
               const struct call *call)
{
    if (keys == -1 || running || held_count == MOST_HELD)
        return false;
    if (until[0] != '\0' && strncmp(until, type->name, strlen(until)) != 0)
        return false;
    until[0] = '\0';
    struct held *next = &held[held_count++];
    *next = (struct held){
        .pid = event->pid, .actor = event->actor, .name = type->name};
    snprintf(next->text, sizeof next->text, "%s(%s)", event->call, event->args);
    explain(type, call, next->sentence, sizeof next->sentence);
    return true;
}

bool step_stops(void)
{
    return keys != -1 && !running;
}

int step_keys(void)
{
    return held_count > 0 && !input_ended ? keys : -1;
}

void step_ask(void)
{
    if (held_count == 0 || asked)
        return;
    const struct held *next = &held[0];
    char name[16], text[900];

    snprintf(text, sizeof text, "%s, next: %s",
             spoken_name(next->actor, clients, name), next->text);
    if (!predicted)
        terminal_note(WIRE, text);
    terminal_note(WIRE,
                  predict && !predicted ? "What will happen?" : next->sentence);
    asked = true;
}

static void release(size_t i)
{
    pid_t pid = held[i].pid;

    held_count--;
    memmove(&held[i], &held[i + 1], (held_count - i) * sizeof *held);
    asked = predicted = false;
    actors_release(pid);
}

static void release_all(void)
{
    while (held_count > 0)
        release(0);
}

static void release_side(bool server)
{
    for (size_t i = 0; i < held_count; i++) {
        if ((held[i].actor == SERVER) == server) {
            release(i);
            return;
        }
    }
    terminal_note(WIRE, server || actors_alive(CLIENT)
                            ? "That side waits in a call already."
                            : "No client has begun yet.");
}

static void enter(void)
{
    if (held_count == 0)
        return;
    if (predict && !predicted) {
        predicted = true; /* now the sentence, and a second Enter */
        asked = false;
        return;
    }
    release(0);
}

/* accept is accept4 too, and send sendto or sendmsg. */
static void run_to(const char *name)
{
    size_t count, i = 0;
    const struct call_type *table = calls_table(&count);
    char text[128];

    while (i < count && strncmp(table[i].name, name, strlen(name)) != 0)
        i++;
    if (i == count || *name == '\0' || strlen(name) >= sizeof until) {
        snprintf(text, sizeof text, "No call's name begins with \"%.40s\".",
                 name);
        terminal_note(WIRE, text);
        asked = false;
        return;
    }
    snprintf(until, sizeof until, "%s", name);
    release_all();
}

/* Somebody's prediction, or a question. */
static void take_words(const char *line)
{
    if (predict && !predicted && strcmp(line, "?") != 0) {
        enter();
        return;
    }
    for (size_t i = 0; i < sizeof keys_text / sizeof *keys_text; i++)
        terminal_note(WIRE, keys_text[i]);
    asked = false;
}

/* Gives false on q. */
static bool obey(const char *line)
{
    if (line[0] == '\0') {
        enter();
    } else if (strcmp(line, "c") == 0) {
        running = true;
        release_all();
    } else if (strcmp(line, "1") == 0 || strcmp(line, "2") == 0) {
        release_side(line[0] == '1');
    } else if (strncmp(line, "b ", 2) == 0) {
        run_to(line + 2);
    } else if (strcmp(line, "q") == 0) {
        return false;
    } else {
        take_words(line);
    }
    return true;
}

/* Obeys one line, if one is there and somebody waits. */
bool step_turn(void)
{
    bool go_on = true;
    char *end;

    if (held_count > 0 && (end = strchr(input, '\n')) != NULL) {
        *end = '\0';
        go_on = obey(input);
        input_used -= (size_t)(end + 1 - input);
        memmove(input, end + 1, input_used + 1);
    } else if (held_count > 0 && input_ended) {
        obey("c"); /* nobody is there to press a key */
    }
    return go_on;
}

void step_read(void)
{
    ssize_t n = read(keys, input + input_used, sizeof input - 1 - input_used);

    if (n > 0)
        input_used += (size_t)n;
    else if (n == 0 || (errno != EINTR && errno != EAGAIN))
        input_ended = true;
    input[input_used] = '\0';
    if (strchr(input, '\n') == NULL && input_used == sizeof input - 1)
        input_used = 0; /* no key has such a line */
}
