"""HTTP/2, if the upstream offers it: many streams on one connection."""

import asyncio
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Thread
from typing import Any

import hypercorn.asyncio
import pytest
from hypercorn.config import Config

from certificates import self_signed
from processes import serving
from raw import Answer, chat


class Spoken:
    """An upstream that keeps the HTTP version and the connection of each request."""

    def __init__(self) -> None:
        self.versions: list[str] = []
        self.connections: set[tuple[str, int]] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Respond to a request."""
        if scope["type"] != "http":
            return
        while (await receive()).get("more_body"):
            pass
        self.versions.append(scope["http_version"])
        self.connections.add(tuple(scope["client"]))
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": b'{"id": "from above"}'})


@pytest.fixture
def above(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Spoken, int, str]]:
    """Return an upstream that offers HTTP/2, its port and the certificate to trust."""
    certificate, key = self_signed(tmp_path_factory.mktemp("certificate"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    config, app, loop, done = Config(), Spoken(), asyncio.new_event_loop(), asyncio.Event()
    config.bind, config.certfile, config.keyfile = [f"127.0.0.1:{port}"], certificate, key
    until: Any = done.wait
    server: Any = hypercorn.asyncio  # its types are not all known
    thread = Thread(target=lambda: loop.run_until_complete(server.serve(app, config, shutdown_trigger=until)))
    thread.start()
    yield app, port, certificate
    loop.call_soon_threadsafe(done.set)
    thread.join()
    loop.close()


def test_many_requests_share_one_http2_connection(above: tuple[Spoken, int, str]) -> None:
    app, port, certificate = above
    with serving(
        "--upstream", f"https://127.0.0.1:{port}/v1", "--mode", "passthrough", SSL_CERT_FILE=certificate
    ) as served:
        first = chat(served.origin)

        def again(_: int) -> Answer:
            return chat(served.origin)

        with ThreadPoolExecutor(8) as pool:
            answers = [first, *pool.map(again, range(8))]
    assert {(answer.status, answer.body) for answer in answers} == {(200, b'{"id": "from above"}')}
    assert app.versions == ["2"] * 9
    assert len(app.connections) == 1
