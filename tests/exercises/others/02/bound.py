#!/usr/bin/env python3
import socket
import sys

with socket.socket() as s:
    s.bind((sys.argv[1], int(sys.argv[2])))
    print("%s:%d" % s.getsockname())
