/*
 * echo-server - sends back what it gets (RFC 862), to many clients at once.
 *
 *     bin/echo-server                       127.0.0.1, port 7007
 *     bin/echo-server any 0                 all addresses, any free port
 *     bin/echo-server localhost --clients 3
 */
#include <poll.h>

#include "toolkit.h"

/* Nothing is read before all that was read is sent: so who does not read is
 * held back by TCP itself, and at the end of the stream nothing is owed. */
static short echo(struct client *client)
{
    if (client->start == client->end && !client_receive(client))
        return 0;
    if (!client_send(client))
        return 0;
    return client->start < client->end ? POLLOUT : POLLIN;
}

int main(int argc, char *argv[])
{
    static const struct service service = {
        .about = "Sends back what it gets, over TCP (RFC 862).\n"
                 "ADDRESS is a name or an address of this machine, or 'any'.",
        .port = "7007",
        .serve = echo,
    };
    return run_service(argc, argv, &service);
}
