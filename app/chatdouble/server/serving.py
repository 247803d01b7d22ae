"""The running server: its sockets, uvicorn, signals."""

import asyncio
import contextlib
import errno
import gc
import logging
import os
import secrets
import signal
import socket
import time
from collections.abc import Iterable
from types import FrameType
from typing import Final

import uvicorn

from chatdouble.server.application import Application
from chatdouble.server.uvicorn_protocol.protocol import protocol
from chatdouble.settings import SettingsError

_log: Final = logging.getLogger("chatdouble")
_BACKLOG: Final = 2048
_COLLECT: Final = (2_000, 10, 200_000)
"""When to collect garbage: a young collection is over in 1 or 2 ms, and one of what ten of them left in some more.

One of everything, which takes long, hardly ever comes. What a request leaves behind it has no circles, so there is next
to nothing to collect; but one large body may have millions of objects, and to look at all of them takes half a second.
"""
_PORTS_TRIED: Final = 20
"""Attempts to find a port that is free on all addresses."""
_BOTH: Final = {"localhost": ("127.0.0.1", "::1"), "::": ("0.0.0.0", "::")}  # noqa: S104 - `::` is what the user set
"""Hosts that mean addresses of both families, whatever the system makes of them."""
_FAMILIES: Final = (socket.AF_INET, socket.AF_INET6)
_NOT_HERE: Final = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT)
"""Errors of an address that this machine does not have, such as IPv6 where it is off."""
_RELOAD_AFTER: Final = 1.0
"""Seconds between two looks for changed scripts; requests look too."""
_AFTER_GRACE: Final = 2
"""Further seconds for connections that the shutdown timeout cuts to close."""


class Server(uvicorn.Server):
    """uvicorn, which announces its address and freezes the heap.

    Args:
        app: The application to serve.
        announcement: The line to print once it serves.
        supervisor: The process whose worker this one is; None: it is no worker.

    Attributes:
        passed: False if the verdict at the end found errors.
    """

    def __init__(self, app: Application, announcement: str, supervisor: int | None = None) -> None:
        super().__init__(config(app))
        self._app = app
        self._announcement = announcement
        self._supervisor = supervisor
        self._reloading: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.passed = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then exempt everything that exists from garbage collection, whose pauses delay paced streams."""
        self._loop = asyncio.get_running_loop()
        # With more threads than these few, the one that serves would wait for all of them: Python runs one at a time.
        self._loop.set_default_executor(self._app.services.workers)
        self._app.tracing.open(os.environ)
        await self._app.replica.open()
        await super().startup(sockets)
        if self.started:
            gc.freeze()  # no collection first: it would take longer than the garbage is worth
            gc.set_threshold(*_COLLECT)
            if self._announcement:
                print(self._announcement, flush=True)  # noqa: T201 - people and scripts read the address here
            self._reloading = asyncio.create_task(self._reload())

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop at the first signal, and cut all answers at the second."""
        if not self.should_exit:
            super().handle_exit(sig, frame)
        elif self._loop is not None:
            self._loop.call_soon_threadsafe(self._cut)

    def _cut(self) -> None:
        for task in tuple(self.server_state.tasks):
            task.cancel()

    async def _reload(self) -> None:
        """Read changed scripts when they change, so that their mistakes are logged then and not with a request.

        How late it wakes up is how late the event loop is.
        """
        while not self.should_exit:
            due = time.monotonic() + _RELOAD_AFTER
            await asyncio.sleep(_RELOAD_AFTER)
            self._app.metrics.lag.observe(max(time.monotonic() - due, 0.0))
            if self._supervisor not in (None, os.getppid()):
                _log.error("the supervisor of the workers has died, so this one ends")
                self.should_exit = True
            await asyncio.to_thread(self._app.reload)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop; answers under way have the shutdown timeout to finish."""
        if self._reloading is not None:
            self._reloading.cancel()
        self._app.shutdown.begin()
        await super().shutdown(sockets)
        if self._app.settings.verdict_on_exit and self._app.replica.worker is None:
            self.passed = await judged(self._app)
            # uvicorn would end the process by the signal that stopped it, and the exit code is the verdict's.
            self._captured_signals.clear()
        await self._app.aclose()
        logging.shutdown()  # uvicorn ends the process by its signal, so nothing else writes the last lines


async def judged(app: Application) -> bool:
    """Print the verdict on all sessions, and return whether it is good."""
    from chatdouble.verdict.reports.formats import FORMATS  # noqa: PLC0415 - most servers print none

    verdict = await app.control.verdict()
    print(FORMATS[app.settings.verdict_format](verdict), end="", flush=True)  # noqa: T201 - the user asked
    return verdict["ok"]


def listen(host: str, port: int) -> list[socket.socket]:
    """Return listening sockets for every address of a host, all on one port.

    An address of a family that this machine does not have is left out, as long as there is another.

    Args:
        host: An address or a name; `localhost` is both loopback addresses, and `::` all addresses of both families.
        port: The port; 0 picks one that is free on all addresses.

    Raises:
        SettingsError: An address is in use, or none is one of this machine.
    """
    where = _shown(host, port)
    for _ in range(_PORTS_TRIED if port == 0 else 1):
        try:
            return _listeners(_addresses(host, port), port)
        except OSError as taken:
            if taken.errno != errno.EADDRINUSE:
                raise SettingsError(f"cannot listen on {where}: {taken.strerror}") from None
            where = str(taken.filename)
        except UnicodeError:  # of a label that is too long, or has characters that no name has
            raise SettingsError(f"cannot listen on {where}: it is no name of a host") from None
    raise SettingsError(f"cannot listen on {where}: the address is already in use; choose another --port")


def _addresses(host: str, port: int) -> list[tuple[socket.AddressFamily, str]]:
    """Return the addresses of a host, IPv4 first.

    Raises:
        OSError: The name is unknown.
    """
    known = [(socket.AF_INET6 if ":" in address else socket.AF_INET, address) for address in _BOTH.get(host, ())]
    try:
        # For letters, Python would first import what international names need.
        name = host.encode() if host.isascii() else host
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        if not known:
            raise
        found = []
    listed = [(family, str(address[0])) for family, _, _, _, address in found if family in _FAMILIES]
    return sorted(dict.fromkeys([*known, *listed]), key=lambda one: _FAMILIES.index(one[0]))


def _listeners(addresses: Iterable[tuple[socket.AddressFamily, str]], port: int) -> list[socket.socket]:
    """Return sockets that listen on the addresses, on the port that the first one gets.

    Raises:
        OSError: An address is in use, which `filename` names; or none is one of this machine.
    """
    listeners: list[socket.socket] = []
    missing = OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))
    for family, address in addresses:
        try:
            listener = socket.create_server((address, port), family=family, backlog=_BACKLOG)
        except OSError as refused:
            if refused.errno in _NOT_HERE:
                missing = refused
                continue
            for opened in listeners:
                opened.close()
            raise OSError(refused.errno, os.strerror(refused.errno or 0), _shown(address, port)) from None
        listener.setblocking(False)
        listeners.append(listener)
        port = listener.getsockname()[1]
    if not listeners:
        raise missing
    return listeners


def _shown(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def run(app: Application) -> bool:
    """Serve until a signal arrives; open streams have the shutdown timeout to finish.

    Returns:
        False if the verdict at the end found errors.

    Raises:
        SettingsError: The address cannot be listened on.
    """
    settings = app.settings
    listeners = listen(settings.host, settings.port)
    for warning in app.warnings():
        _log.warning("%s", warning)
    host, port = listeners[0].getsockname()[:2]
    announcement = f"chatdouble answers at http://{_shown(host, port)}/v1 ({app.summary()})"
    if settings.workers > 1:
        return _supervised(app, listeners, announcement)
    server = Server(app, announcement)
    # uvicorn does not handle it; `nohup` has it ignored.
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, server.handle_exit)
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=listeners)
    return server.passed


def _supervised(app: Application, listeners: list[socket.socket], announcement: str) -> bool:
    """Serve with several workers; return False if the verdict at the end found errors.

    Raises:
        SettingsError: The system has no forks, or not so many.
    """
    from chatdouble.server.supervisor import Supervisor  # noqa: PLC0415 - for several workers

    if not hasattr(os, "fork"):
        raise SettingsError("workers: more than one worker needs a system with fork, such as Linux or macOS")
    app.replica.server = secrets.token_hex(8)
    supervisor = os.getpid()

    def work(number: int) -> None:
        app.replica.worker = number
        Server(app, "", supervisor).run(sockets=listeners)

    gc.freeze()  # what is there now stays in pages that all workers share
    print(f"{announcement[:-1]}; workers: {app.settings.workers})", flush=True)  # noqa: T201 - as above
    try:
        Supervisor(app.settings.workers, work, app.settings.shutdown_timeout).run()
    except BlockingIOError as refused:  # those that run notice that their supervisor has gone
        for listener in listeners:
            listener.close()
        raise SettingsError(f"workers: {app.settings.workers} cannot be started: {refused.strerror}") from None
    return not app.settings.verdict_on_exit or asyncio.run(judged(app))


def config(app: Application) -> uvicorn.Config:
    """Return uvicorn's configuration: no headers, access log or websockets of its own."""
    return uvicorn.Config(
        app.pipeline,  # with no lifespan, requests are all that comes
        http=protocol(app.settings.read_timeout),
        ws="none",
        lifespan="off",
        interface="asgi3",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_keep_alive=app.settings.keep_alive,
        timeout_graceful_shutdown=round(app.settings.shutdown_timeout) + _AFTER_GRACE,
    )
