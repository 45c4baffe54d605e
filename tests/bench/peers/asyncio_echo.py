"""asyncio_echo.py - an echo server of Python's own, with the event loop uvloop
where that is installed, to be measured against: asyncio_echo.py PORT."""
import asyncio
import sys

try:
    import uvloop
    uvloop.install()
except ImportError:
    pass


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)

    def pause_writing(self):
        self.transport.pause_reading()

    def resume_writing(self):
        self.transport.resume_reading()


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Echo, "127.0.0.1", int(sys.argv[1]),
                                      backlog=4096)
    await server.serve_forever()

asyncio.run(main())
