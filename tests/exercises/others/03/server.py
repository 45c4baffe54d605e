#!/usr/bin/env python3
import socket
import sys

with socket.create_server((sys.argv[1], int(sys.argv[2]))) as listener:
    while True:
        connection, address = listener.accept()
        with connection:
            print("%s:%d" % address, flush=True)
