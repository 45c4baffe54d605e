/*
 * curtain.c - see curtain.h.
 */
#include "curtain.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "actors.h"
#include "calls.h"
#include "casting.h"
#include "picture.h"
#include "proc.h"
#include "view.h"

static size_t player_count;
static bool server_was_ended, was_forced, was_dropped;

static bool any_client_alive(void)
{
    for (size_t i = CLIENT; i < player_count; i++)
        if (actors_alive((int)i))
            return true;
    return false;
}

bool curtain_fallen(void)
{
    return !actors_alive(SERVER) && !any_client_alive() &&
           (!casting_reachable() || casting_complete());
}

/* A server that serves for ever has nobody to serve any more: one that waits in
 * a network call or asks again and again, in some thread at least, while
 * nothing else happens; for longer where it is alone and may wait for a time of
 * its own. SIGTERM is for its first process, then for the children that this
 * one left behind. */
void curtain_wait(long long now, long long quiet_since)
{
    static long long asked;
    static int times;

    if (!casting_reachable() || !casting_complete() || any_client_alive() ||
        !actors_alive(SERVER))
        return;
    if (asked != 0 && now - asked > 2 * SECOND) {
        picture_note(SERVER, "It goes on after SIGTERM: SIGKILL.");
        was_forced = true;
        actors_kill();
    } else if (times < 2 && (actors_untraced() || actors_waits(SERVER)) &&
               (times == 0 || actors_status(SERVER) != -1) &&
               now - quiet_since > (player_count > 1 ? SECOND / 4 : SECOND)) {
        asked = now;
        server_was_ended = true;
        picture_note(SERVER,
                     times++ == 0
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

bool curtain_result(void)
{
    bool well = !was_forced;

    if (was_dropped)
        return false;
    if (!casting_reachable() && player_count > 1) {
        terminal_flush();
        fprintf(stderr, "ladder: the server ended before it listened: no "
                        "client was started\n");
        return false;
    }
    for (size_t i = SERVER; i < player_count; i++)
        well = well && ended_well((int)i);
    return well;
}

static void tell_blocked(const struct event *entry)
{
    char text[480], name[16];

    call_text(entry, text, sizeof text);
    picture_note(entry->actor, "%s is still in %s",
                 spoken_name(entry->actor, player_count - 1, name), text);
}

static const char *name_of_call(long number)
{
    static const struct {
        long number;
        const char *name;
    } others[] = {
        {SYS_wait4, "wait4"},
        {SYS_waitid, "waitid"},
        {SYS_futex, "futex"},
        {SYS_nanosleep, "nanosleep"},
        {SYS_clock_nanosleep, "clock_nanosleep"},
    };
    const struct call_type *type = call_type(number);

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i].number == number)
            return others[i].name;
    return type != NULL ? type->name : NULL;
}

/* In which call of another kind it waits, as one of no socket; "" where that is
 * not known. Its first argument is a descriptor, or select()'s number; a larger
 * one is a pointer. */
static const char *elsewhere(pid_t pid)
{
    static char text[64];

    if (*proc_stat(pid) != 'S')
        return "";
    /* "270 0x3 0x7ffd5c0e3a10 ...": the number, and what it is told. */
    const char *syscall = proc_line(pid, "syscall");
    const char *behind = strchr(syscall, ' ');
    if (behind == NULL)
        return "";
    const char *name = name_of_call(strtol(syscall, NULL, 10));
    unsigned long first = strtoul(behind, NULL, 16);
    if (name == NULL)
        return "";
    if (first < 65536)
        snprintf(text, sizeof text, ", but in %s(%lu, ...)", name, first);
    else
        snprintf(text, sizeof text, ", but in %s(...)", name);
    return text;
}

void curtain_drop(const char *why)
{
    picture_note(WIRE, "%s", why);
    actors_blocked(tell_blocked);
    for (size_t i = 0; i < player_count; i++)
        if (actors_alive((int)i) && !actors_in_call((int)i))
            picture_note((int)i, "%s is in no network call%s",
                         spoken_name((int)i, player_count - 1, (char[16]){0}),
                         elsewhere(actors_first((int)i)));
    if (!casting_reachable() && player_count > 1)
        picture_note(SERVER, "The server has not called listen().");
    was_dropped = true;
    actors_kill();
}

void curtain_open(size_t players)
{
    player_count = players;
}
