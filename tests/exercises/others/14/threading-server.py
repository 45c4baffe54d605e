#!/usr/bin/env python3
import socket
import sys
import threading


def serve(connection):
    with connection:
        try:
            while data := connection.recv(8192):
                connection.sendall(data)
        except OSError as error:
            print(error, file=sys.stderr)


with socket.create_server((sys.argv[1], int(sys.argv[2])), backlog=64) as server:
    while True:
        threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
