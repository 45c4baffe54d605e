#!/usr/bin/env python3
import selectors
import socket
import sys


def accept(server):
    connection, _ = server.accept()
    connection.setblocking(False)
    select.register(connection, selectors.EVENT_READ, bytearray())


def serve(connection, owed):
    try:
        if not owed:
            data = connection.recv(10000)
            if not data:
                select.unregister(connection)
                connection.close()
                return
            owed += data
        del owed[: connection.send(owed)]
    except BlockingIOError:
        pass
    except OSError as error:
        print(error, file=sys.stderr)
        select.unregister(connection)
        connection.close()
        return
    event = selectors.EVENT_WRITE if owed else selectors.EVENT_READ
    select.modify(connection, event, owed)


select = selectors.EpollSelector()
listener = socket.create_server((sys.argv[1], int(sys.argv[2])), backlog=50)
listener.setblocking(False)
select.register(listener, selectors.EVENT_READ)
while True:
    for key, _ in select.select():
        if key.fileobj is listener:
            accept(listener)
        else:
            serve(key.fileobj, key.data)
