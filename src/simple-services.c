/*
 * simple-services - echo, discard, daytime, chargen and time, or those of them
 * that are named, in one server.
 *
 *     bin/simple-services --all             127.0.0.1, ports 7007 to 7037
 *     bin/simple-services any --echo=0 --time
 */
#include <stddef.h>

#include "server/server.h"

int main(int argc, char *argv[])
{
    return run_server(
        argc, argv,
        "Serves the small services that are named, over TCP and UDP.\n"
        "ADDRESS is a name or an address of this machine, or 'any'.",
        NULL);
}
