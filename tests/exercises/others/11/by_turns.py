#!/usr/bin/env python3
"""Sends a piece, and reads its echo: never more is on its way than fits."""
import os
import socket
import sys

try:
    with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as s:
        while piece := os.read(0, 8192):
            s.sendall(piece)
            missing = len(piece)
            while missing:
                echo = s.recv(missing)
                if not echo:
                    sys.exit("the server closed too early")
                sys.stdout.buffer.write(echo)
                missing -= len(echo)
        s.shutdown(socket.SHUT_WR)
        while rest := s.recv(8192):
            sys.stdout.buffer.write(rest)
except OSError as error:
    sys.exit(f"echo: {error}")
