"""A server in a thread of the test's own process, on a real socket."""

import asyncio
import socket
import threading
from collections.abc import Generator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn

from chatdouble.backend import Backend
from chatdouble.server.application import Application, create_app
from chatdouble.server.auth import ALL
from chatdouble.server.serving import config, listen
from chatdouble.settings import Settings

if TYPE_CHECKING:
    from chatdouble.verdict.verdict import Verdict


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A running server.

    Attributes:
        app: The application, with its control.
        port: The port it listens on, at 127.0.0.1.
        loop: The event loop on which it serves, in a thread of its own.
    """

    app: Application
    port: int
    loop: asyncio.AbstractEventLoop

    @property
    def origin(self) -> str:
        """The server's address without a path."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        """The base URL for an OpenAI SDK."""
        return f"{self.origin}/v1"

    def verdict(self, session: str = ALL) -> "Verdict":
        """Return the verdict on a session, by default on all of them and on the rules and recordings."""
        # On the server's own event loop, to which a shared store's connections belong.
        return asyncio.run_coroutine_threadsafe(self.app.control.verdict(session), self.loop).result()


@contextmanager
def running(settings: Settings | None = None, backend: Backend | None = None) -> Generator[RunningServer]:
    """Serve on a free port of 127.0.0.1 until the context ends.

    Args:
        settings: The settings; host and port are ignored.
        backend: The backend that answers; None chooses it by the settings.

    Raises:
        SettingsError: A setting is invalid.
    """
    app = create_app(settings, backend)
    (listener,) = listen("127.0.0.1", 0)
    port: int = listener.getsockname()[1]
    server = _ThreadedServer(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="chatdouble", daemon=True)
    thread.start()
    try:
        yield RunningServer(app, port, server.ready.result())
    finally:
        server.end()
        thread.join()
        listener.close()


class _ThreadedServer(uvicorn.Server):
    """uvicorn outside the main thread, where it installs no signal handlers."""

    def __init__(self, app: Application) -> None:
        super().__init__(config(app))
        self._app = app
        self._ended = asyncio.Event()
        self.ready: Future[asyncio.AbstractEventLoop] = Future()

    def end(self) -> None:
        """Ask the server to end, from another thread."""
        self.ready.result().call_soon_threadsafe(self._ended.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await self._app.replica.open()
        await super().startup(sockets)
        self.ready.set_result(asyncio.get_running_loop())

    async def main_loop(self) -> None:
        # uvicorn would look only ten times a second whether it is to end.
        ticks = asyncio.create_task(super().main_loop())
        await self._ended.wait()
        ticks.cancel()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.shutdown.begin()
        for listening in self.servers:
            listening.close()
        for connection in [*self.server_state.connections]:
            connection.shutdown()
        await asyncio.sleep(0)  # those without an answer under way are closed
        if self.server_state.connections or self.server_state.tasks:
            await super().shutdown(sockets)  # it waits for the others, a tenth of a second at least
        await self._app.aclose()
