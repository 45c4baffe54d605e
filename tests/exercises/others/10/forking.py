#!/usr/bin/env python3
import socketserver
import sys
import time


class Daytime(socketserver.StreamRequestHandler):
    def handle(self):
        line = time.strftime("%A, %B %d, %Y %H:%M:%S-%Z", time.localtime())
        try:
            self.wfile.write(line.encode("ascii") + b"\r\n")
            self.connection.shutdown(1)
            while self.connection.recv(64):
                pass
        except OSError as error:
            print(error, file=sys.stderr)


class Server(socketserver.ForkingTCPServer):
    allow_reuse_address = True


with Server((sys.argv[1], int(sys.argv[2])), Daytime) as server:
    server.serve_forever()
