#!/usr/bin/env python3
import socket
import sys

count = 0
how, status = "the end", 0
with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as s:
    s.sendall(b"hello\n")
    s.shutdown(socket.SHUT_WR)
    try:
        while piece := s.recv(1000):
            count += len(piece)
    except ConnectionResetError:
        how, status = "a reset", 1
print(f"{count} bytes, then {how}")
sys.exit(status)
