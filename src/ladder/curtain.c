/*
 * curtain.c - see curtain.h.
 */
#include "curtain.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "actors.h"
#include "casting.h"
#include "picture.h"
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

void curtain_drop(const char *why)
{
    picture_note(WIRE, "%s", why);
    actors_blocked(tell_blocked);
    for (size_t i = 0; i < player_count; i++)
        if (actors_alive((int)i) && !actors_in_call((int)i))
            picture_note((int)i, "%s is in no network call",
                         spoken_name((int)i, player_count - 1, (char[16]){0}));
    if (!casting_reachable() && player_count > 1)
        picture_note(SERVER, "The server has not called listen().");
    was_dropped = true;
    actors_kill();
}

void curtain_open(size_t players)
{
    player_count = players;
}
