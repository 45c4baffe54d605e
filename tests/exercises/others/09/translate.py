#!/usr/bin/env python3
"""Collects the bytes, then translates them by a table."""
import socket
import sys

TABLE = bytes(c if c == 10 or 32 <= c < 127 else ord("?") for c in range(256))

try:
    with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as s:
        text = b"".join(iter(lambda: s.recv(700), b""))
except OSError as error:
    sys.exit(f"daytime: {error}")
if not text:
    sys.exit("daytime: no answer")
sys.stdout.buffer.write(text.translate(TABLE, b"\r"))
