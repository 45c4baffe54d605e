#!/usr/bin/env python3
# Reads all first, then sends all: sendall() has the loop.
import socket
import sys

data = sys.stdin.buffer.read()
try:
    with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as s:
        s.sendall(data)
except OSError as e:
    sys.exit(str(e))
