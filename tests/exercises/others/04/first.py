#!/usr/bin/env python3
import socket
import sys

for port in sys.argv[2:]:
    try:
        with socket.create_connection((sys.argv[1], int(port))) as s:
            print("%s:%d %s:%d" % (s.getsockname() + s.getpeername()))
            break
    except OSError as error:
        print(error, file=sys.stderr)
else:
    sys.exit(1)
