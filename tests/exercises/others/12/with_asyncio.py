#!/usr/bin/env python3
import asyncio
import sys


async def echo(reader, writer):
    try:
        while piece := await reader.read(1024):
            writer.write(piece)
            await writer.drain()
    except ConnectionError as error:
        print(error, file=sys.stderr)
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(echo, sys.argv[1], int(sys.argv[2]))
    await server.serve_forever()


asyncio.run(main())
