/*
 * echo-server - sends back what it gets (RFC 862), to many clients at once.
 *
 *     bin/echo-server                       127.0.0.1, port 7007
 *     bin/echo-server any 0                 all addresses, any free port
 *     bin/echo-server localhost --clients 3
 */
#include "server/server.h"

int main(int argc, char *argv[])
{
    return run_server(
        argc, argv,
        "Sends back what it gets, over TCP and UDP (RFC 862).\n"
        "ADDRESS is a name or an address of this machine, or 'any'.",
        "echo");
}
