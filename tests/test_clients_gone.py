"""A client that leaves during its stream leaves no task, call or open answer behind."""

import asyncio
import gc
import json
import socket
from collections import Counter
from typing import Final

import uvicorn

from chatdouble.backend import Call
from chatdouble.http.paced_response import PacedResponse
from chatdouble.server.application import create_app
from chatdouble.server.serving import config
from chatdouble.settings import Settings

CLIENTS: Final = 30
OF_REQUESTS: Final[tuple[type, ...]] = (Call, PacedResponse)
BODY: Final = json.dumps(
    {"model": "gpt-4o", "stream": True, "messages": [{"role": "user", "content": "word " * 500}]}
).encode()
REQUEST: Final = (
    b"POST /v1/chat/completions HTTP/1.1\r\nhost: test\r\nauthorization: Bearer sk-gone\r\n"
    b"content-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(BODY), BODY)
)


def alive() -> Counter[type]:
    """Return what there still is of requests; other tests keep some."""
    gc.collect()
    held = Counter[type](map(type, gc.get_objects()))
    return Counter({kind: held[kind] for kind in OF_REQUESTS})


async def leave_midway(port: int) -> None:
    """Request a stream that takes minutes, read its first chunk, and leave."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(REQUEST)
    assert b"200 OK" in await reader.readuntil(b'"content":""')
    writer.transport.abort()


async def test_streams_end_when_their_clients_leave() -> None:
    others = alive()
    app = create_app(Settings(tokens_per_second=1))
    server = uvicorn.Server(config(app))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = asyncio.create_task(server.serve([listening]))
        await asyncio.gather(*(leave_midway(listening.getsockname()[1]) for _ in range(CLIENTS)))
        async with asyncio.timeout(30):
            while served := set(server.server_state.tasks):
                await asyncio.wait(served)
        served.clear()
        assert asyncio.all_tasks() == {asyncio.current_task(), serving}
        assert alive() <= others
        entries = await app.journal.entries("sk-gone")
        assert [entry["ended"] for entry in entries] == ["client left"] * CLIENTS
        server.should_exit = True
        await serving
