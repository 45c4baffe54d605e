/*
 * services.c - the five small services, and their table: see service.h.
 * Another one is another function and another row.
 */
#include "service.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "netprog.h"

/* --- Functions ---------------------------------------------------------- */

static size_t echo(const struct turn *turn)
{
    return turn->count;
}

static size_t discard(const struct turn *turn)
{
    (void)turn;
    return 0;
}

/* "22 NOV 2026 07:01:02 UTC" */
static size_t daytime(const struct turn *turn)
{
    static const char months[][4] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                     "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
    time_t now = time(NULL);
    struct tm utc;

    if (now == -1 || gmtime_r(&now, &utc) == NULL)
        die("time");
    return (size_t)snprintf(turn->buffer, turn->size,
                            "%02d %s %d %02d:%02d:%02d UTC\r\n", utc.tm_mday,
                            months[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour,
                            utc.tm_min, utc.tm_sec);
}

/* The seconds since 1900, in network byte order. They begin anew in 2036. */
static size_t seconds(const struct turn *turn)
{
    const unsigned long long from_1900_to_1970 = 2208988800;
    time_t now = time(NULL);

    if (now == -1)
        die("time");
    uint32_t since = (uint32_t)((unsigned long long)now + from_1900_to_1970);
    for (int i = 0; i < 4; i++)
        turn->buffer[i] = (char)(since >> (24 - 8 * i) & 0xff);
    return 4;
}

enum {
    LINE = 72, /* and CR LF; each line begins one character further on */
    CHARACTERS = '~' - ' ' + 1,
    PERIOD = CHARACTERS * (LINE + 2),
};

static char pattern_at(unsigned place)
{
    unsigned line = place / (LINE + 2), column = place % (LINE + 2);

    if (column >= LINE)
        return column == LINE ? '\r' : '\n';
    return (char)(' ' + (line + column) % CHARACTERS);
}

/* Goes on where the client's last answer ended. */
static size_t chargen(const struct turn *turn)
{
    unsigned from = (unsigned)(turn->place % PERIOD);

    for (unsigned i = 0; i < PERIOD; i++)
        turn->buffer[i] = pattern_at((from + i) % PERIOD);
    size_t done = PERIOD;
    for (; done + PERIOD <= turn->size; done += PERIOD)
        memcpy(turn->buffer + done, turn->buffer, PERIOD);
    return done;
}

/* RFC 864: "a random number (between 0 and 512) of characters". It need not be
 * a good one, but different for clients that ask at the same time. */
static size_t some_characters(const struct turn *turn)
{
    static unsigned state = 1;

    state = state * 1103515245 + 12345;
    chargen(turn);
    return state / 65536 % 513;
}

/* --- The table ---------------------------------------------------------- */

const struct service services[] = {
    {"echo", "sends back what it gets (RFC 862)", 7, ON_INPUT, echo, echo},
    {"discard", "throws away what it gets (RFC 863)", 9, ON_INPUT, discard,
     NULL},
    {"daytime", "tells the time in one line (RFC 867)", 13, ON_COMING, daytime,
     daytime},
    {"chargen", "sends characters without an end (RFC 864)", 19, ENDLESSLY,
     chargen, some_characters},
    {"time", "tells the seconds since 1900 in four bytes (RFC 868)", 37,
     ON_COMING, seconds, seconds},
    {0},
};

const struct service *service_named(const char *name)
{
    for (const struct service *s = services; s->name != NULL; s++)
        if (strcmp(s->name, name) == 0)
            return s;
    return NULL;
}
