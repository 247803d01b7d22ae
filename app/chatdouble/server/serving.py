"""The running server: its sockets, uvicorn, signals, logs."""

import contextlib
import errno
import gc
import logging
import socket
import sys
from typing import Final

import uvicorn

from chatdouble.recordings.redaction import Scrubber
from chatdouble.server.application import Application
from chatdouble.server.uvicorn_protocol.protocol import protocol
from chatdouble.settings import Settings, SettingsError

_log: Final = logging.getLogger("chatdouble")
_BACKLOG: Final = 2048
_COLLECT: Final = (2_000, 5_000, 1_000)
"""When to collect garbage: a young collection is over in 1 or 2 ms, and the others, which take long, hardly ever come.

What a request leaves behind it has no circles, so there is next to nothing to collect.
"""
_AFTER_GRACE: Final = 2
"""Further seconds for connections that the shutdown timeout cuts to close."""


class Server(uvicorn.Server):
    """uvicorn, which announces its address and freezes the heap."""

    def __init__(self, app: Application, announcement: str) -> None:
        super().__init__(config(app))
        self._app = app
        self._announcement = announcement

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then exempt everything that exists from garbage collection, whose pauses delay paced streams."""
        await super().startup(sockets)
        if self.started:
            gc.freeze()  # no collection first: it would take longer than the garbage is worth
            gc.set_threshold(*_COLLECT)
            print(self._announcement, flush=True)  # noqa: T201 - people and scripts read the address here

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop; answers under way have the shutdown timeout to finish."""
        self._app.shutdown.begin()
        await super().shutdown(sockets)
        await self._app.aclose()


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Raises:
        SettingsError: The address is in use, or is not one of this machine.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        # All IPv6 addresses include the IPv4 ones where the system can do both.
        both = host == "::" and socket.has_dualstack_ipv6()
        listener = socket.create_server((host, port), family=family, backlog=_BACKLOG, dualstack_ipv6=both)
    except OSError as taken:
        said = (
            "the address is already in use; choose another --port"
            if taken.errno == errno.EADDRINUSE
            else taken.strerror
        )
        raise SettingsError(f"cannot listen on {host}:{port}: {said}") from None
    listener.setblocking(False)
    return listener


def run(app: Application) -> None:
    """Serve until a signal arrives; open streams have the shutdown timeout to finish.

    Raises:
        SettingsError: The address cannot be listened on.
    """
    settings = app.settings
    listener = listen(settings.host, settings.port)
    host, port = listener.getsockname()[:2]
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}/v1"
    server = Server(app, f"chatdouble answers at {address} (backend: {app.backend_name})")
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listener])


def config(app: Application) -> uvicorn.Config:
    """Return uvicorn's configuration: no headers, access log or websockets of its own."""
    return uvicorn.Config(
        app.pipeline,  # with no lifespan, requests are all that comes
        http=protocol(),
        ws="none",
        lifespan="off",
        interface="asgi3",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=round(app.settings.shutdown_timeout) + _AFTER_GRACE,
    )


def configure_logs(settings: Settings) -> None:
    """Send log lines to standard error, in the format asked for."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_FORMATS[settings.log_format]())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    # Their own lines would show URLs and headers, keys included.
    for name in ("uvicorn", "httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)


_SCRUBBER: Final = Scrubber()
"""Removes secrets from log lines: paths and messages may repeat what a client sent."""


class _Human(logging.Formatter):
    """One line a record. Control characters from clients are escaped, so that they break no line."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        return _SCRUBBER.text(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        record.message = "".join(
            shown if shown.isprintable() else shown.encode("unicode_escape").decode() for shown in record.message
        )
        return super().formatMessage(record)


class _Json(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and the request's fields."""

    def format(self, record: logging.LogRecord) -> str:
        import orjson  # noqa: PLC0415 - a method of logging's, called by name

        fields = {
            "time": record.created,
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name in ("request_id", "session", "status"):
            if name in record.__dict__:
                fields[name] = record.__dict__[name]
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        return _SCRUBBER.text(orjson.dumps(fields).decode())


_FORMATS: Final = {"human": _Human, "json": _Json}
