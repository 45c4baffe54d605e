/*
 * daytime-server - tells the time in one line (RFC 867), to many clients at
 * once: "22 NOV 2026 07:01:02 UTC".
 *
 *     bin/daytime-server                    127.0.0.1, port 7013
 *     bin/daytime-server any 0              all addresses, any free port
 *     bin/daytime-server localhost --clients 3
 */
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

#include "toolkit.h"

enum { LINGER_MS = 2000 };

static size_t write_time(char *text, size_t size)
{
    static const char months[][4] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                     "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
    time_t now = time(NULL);
    struct tm utc;

    if (now == -1 || gmtime_r(&now, &utc) == NULL)
        die("time");
    return (size_t)snprintf(text, size, "%02d %s %d %02d:%02d:%02d UTC\r\n",
                            utc.tm_mday, months[utc.tm_mon], utc.tm_year + 1900,
                            utc.tm_hour, utc.tm_min, utc.tm_sec);
}

/* RFC 867: what the client sent is thrown away. It must be read all the same:
 * closing with unread input sends an RST, and that can destroy the line on its
 * way. Who does not close is left at the deadline. */
static short daytime(struct client *client)
{
    if (client->deadline == 0) {
        client->deadline = now_ms() + LINGER_MS;
        client->end = write_time(client->buffer, sizeof client->buffer);
    }
    if (client->start < client->end) {
        if (!client_send(client))
            return 0;
        if (client->start < client->end)
            return POLLOUT;
        if (shutdown(client->fd, SHUT_WR) == -1)
            return 0;
    }
    bool open = client_receive(client);
    client->start = client->end = 0;
    return open ? POLLIN : 0;
}

int main(int argc, char *argv[])
{
    static const struct service service = {
        .about = "Tells the time in one line, over TCP (RFC 867).\n"
                 "ADDRESS is a name or an address of this machine, or 'any'.",
        .port = "7013",
        .serve = daytime,
    };
    return run_service(argc, argv, &service);
}
