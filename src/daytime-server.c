/*
 * daytime-server - tells the time in one line (RFC 867), to many clients at
 * once: "22 NOV 2026 07:01:02 UTC".
 *
 *     bin/daytime-server                    127.0.0.1, port 7013
 *     bin/daytime-server any 0              all addresses, any free port
 *     bin/daytime-server localhost --clients 3
 */
#include "server/server.h"

int main(int argc, char *argv[])
{
    return run_server(
        argc, argv,
        "Tells the time in one line, over TCP and UDP (RFC 867).\n"
        "ADDRESS is a name or an address of this machine, or 'any'.",
        "daytime");
}
