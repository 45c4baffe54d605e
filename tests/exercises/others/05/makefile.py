#!/usr/bin/env python3
import shutil
import socket
import sys

with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as s:
    shutil.copyfileobj(s.makefile("rb"), sys.stdout.buffer)
