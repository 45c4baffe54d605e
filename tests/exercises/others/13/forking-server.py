#!/usr/bin/env python3
import socketserver
import sys


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(4096):
            self.request.sendall(data)


class Server(socketserver.ForkingTCPServer):
    allow_reuse_address = True
    request_queue_size = 50
    max_children = 200  # of itself it lets the 41st client wait


Server((sys.argv[1], int(sys.argv[2])), Echo).serve_forever()
