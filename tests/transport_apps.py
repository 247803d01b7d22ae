"""Small ASGI applications whose answers end in every way there is, for tests of the transport."""

import socket
from collections.abc import Generator
from contextlib import contextmanager
from threading import Thread
from typing import Any, Final, Literal

import uvicorn

from chatdouble.backend.delivery import CONNECTION
from chatdouble.server.uvicorn_protocol.protocol import protocol

LOOPS: Final = ("asyncio", "uvloop")


@contextmanager
def served(app: Any, loop: Literal["asyncio", "uvloop"]) -> Generator[int]:
    """Serve an application with our protocol until the context ends; return its port on 127.0.0.1."""
    config = uvicorn.Config(app, http=protocol(), loop=loop, lifespan="off", log_level="critical")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join()


BIG: Final = 16 * 1024 * 1024


def start(status: int, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def body(data: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": data, "more_body": more}


async def hello(_scope: Any, _receive: Any, send: Any) -> None:
    await send(start(200, (b"content-length", b"5")))
    await send(body(b"hello"))


async def stream(_scope: Any, _receive: Any, send: Any) -> None:
    await send(start(200))
    for piece in (b"one", b"two", b"three"):
        await send(body(piece, more=True))
    await send(body(b""))


async def size(_scope: Any, receive: Any, send: Any) -> None:
    total, more = 0, True
    while more:
        event = await receive()
        total += len(event["body"])
        more = event["more_body"]
    await send(start(200))
    await send(body(str(total).encode()))


async def big(_scope: Any, _receive: Any, send: Any) -> None:
    await send(start(200, (b"content-length", str(BIG).encode())))
    for at in range(0, BIG, 65536):
        await send(body(b"x" * 65536, more=at + 65536 < BIG))


async def reset_at_once(scope: Any, _receive: Any, _send: Any) -> None:
    scope["extensions"][CONNECTION].reset()


async def reset_midway(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send(start(200))
    await send(body(b"begun", more=True))
    await receive()
    scope["extensions"][CONNECTION].reset()
    await send(body(b"never sent"))


async def hung_up_midway(scope: Any, _receive: Any, send: Any) -> None:
    await send(start(200))
    await send(body(b"begun", more=True))
    scope["extensions"][CONNECTION].hang_up()
    await send(body(b"never sent"))


async def head_alone(_scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send(start(200, (b"x-head", b"alone")))
    await send(body(b"", more=True))
    await receive()


async def fails_after_head(_scope: Any, _receive: Any, send: Any) -> None:
    await send(start(200))
    raise RuntimeError("before any byte of the body")


async def bad_name(_scope: Any, _receive: Any, send: Any) -> None:
    await send(start(200, (b"content-length", b"5"), (b"x\r\ninjected", b"yes")))
    await send(body(b"hello"))


async def bad_value(_scope: Any, _receive: Any, send: Any) -> None:
    await send(start(200, (b"content-length", b"5"), (b"x", b"y\r\ninjected: yes")))
    await send(body(b"hello"))


async def tab(_scope: Any, _receive: Any, send: Any) -> None:
    await send(start(200, (b"x-tab", b"a\tb\xff")))
    await send(body(b""))


async def longer(_scope: Any, _receive: Any, send: Any) -> None:
    await send(start(200, (b"content-length", b"3")))
    await send(body(b"hello"))


async def shorter(_scope: Any, _receive: Any, send: Any) -> None:
    await send(start(200, (b"content-length", b"5")))
    await send(body(b"hel"))


async def silent(_scope: Any, _receive: Any, _send: Any) -> None:
    """Answer nothing."""


async def broken(_scope: Any, _receive: Any, _send: Any) -> None:
    raise RuntimeError("before the head")


async def nothing(_scope: Any, _receive: Any, send: Any) -> None:
    await send(start(404))
    await send(body(b"no such page"))


PAGES: Final = {
    "/hello": hello,
    "/stream": stream,
    "/size": size,
    "/big": big,
    "/reset": reset_at_once,
    "/midway": reset_midway,
    "/hangup": hung_up_midway,
    "/head": head_alone,
    "/fails": fails_after_head,
    "/bad-name": bad_name,
    "/bad-value": bad_value,
    "/tab": tab,
    "/longer": longer,
    "/shorter": shorter,
    "/silent": silent,
    "/broken": broken,
}


async def app(scope: Any, receive: Any, send: Any) -> None:
    await PAGES.get(scope["path"], nothing)(scope, receive, send)
