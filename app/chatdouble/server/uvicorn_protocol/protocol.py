"""uvicorn's HTTP protocol with responses of our own; see `http_response`."""

import inspect
import logging
from asyncio import Protocol, Transport
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import unquote

import httptools
import uvicorn
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from chatdouble.backend.call import MALFORMED
from chatdouble.core.errors import APIError
from chatdouble.server.uvicorn_protocol.half_close import HalfClosed
from chatdouble.server.uvicorn_protocol.http_response import Cycle
from chatdouble.server.uvicorn_protocol.reading import RequestReader

_log: Final = logging.getLogger("chatdouble")
_CHANGED: Final = (
    "uvicorn %s has changed inside, so its own protocol serves: the fault `reset` answers 500 instead. "
    "Install the versions of chatdouble's lock to have every fault."
)


class _Target(NamedTuple):
    """The target of a request, without what only proxies are sent.

    Attributes:
        path: The path without escapes.
        raw_path: The path as it was sent.
        query: The query.
        host: The host in front of the path; empty: there is none.
        port: Its port; None: it has none.
    """

    path: str
    raw_path: bytes
    query: bytes
    host: bytes
    port: int | None

    @classmethod
    def read(cls, url: bytes) -> "_Target":
        """Read the target in a request line."""
        found = httptools.parse_url(url)
        path: str = found.path.decode("ascii")
        return cls(
            unquote(path) if "%" in path else path, found.path, found.query or b"", found.host or b"", found.port
        )


_LONGEST_REMEMBERED: Final = 512
"""The bytes of the longest target that is remembered."""


@lru_cache(maxsize=128)
def _target(url: bytes) -> _Target:
    """Return the target in a request line, which clients repeat: to read it takes five times as long."""
    return _Target.read(url)


class OneWriteProtocol(RequestReader):
    """uvicorn's protocol with responses that are sent in one write and can be cut."""

    __slots__ = ("_answering", "_half_closed")

    app: Any
    _answering: Cycle | None
    _half_closed: HalfClosed | None
    """Looks after the connection once the client has closed its half."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Accept a connection."""
        super().connection_made(transport)
        self._answering = self._half_closed = None

    def send_400_response(self, msg: str) -> None:
        """Have the application refuse what is no request, after the requests before it, and close.

        It is the rest of a request whose body has begun, or else a request of its own.
        """
        del msg
        before: Any = self.cycle
        if before and before.more_body:
            before.break_off(self._error)
            if before.response_complete:
                before.let_leave()
                self.transport.close()
            return
        self.scope = self._unreadable_scope()
        self.cycle = Cycle(self, keep_alive=False)
        self.cycle.more_body = False
        self._answer_in_turn(before)

    def _unreadable_scope(self) -> Any:
        """Return the scope of a request that is not HTTP."""
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme,
            "root_path": "",
            "method": "",
            "path": "",
            "raw_path": b"",
            "query_string": b"",
            "headers": [],
            "state": self.app_state.copy(),
            MALFORMED: self._error,
        }

    def eof_received(self) -> bool:  # type: ignore[override]
        """Close the connection after the answers to whole requests: a client may close its half once it has asked."""
        newest: Any = self.cycle
        cut_short = newest and newest.more_body and not self._malformed
        last = self._take_back() if cut_short else newest
        if not self._answering or not last:
            return False
        if last.response_complete:
            self._answering.let_leave()
            return False
        last.keep_alive = False
        if not self._half_closed:
            self._half_closed = HalfClosed(self.transport, self.flow, probed=self._answering.probe())
        return True

    def on_headers_complete(self) -> None:
        """Have the request answered after the requests before it.

        uvicorn's root path, concurrency limit and upgrades are not supported.
        """
        self.check_head()
        parser: Any = self.parser
        scope, before = self.scope, self.cycle
        scope["http_version"] = version = parser.get_http_version()
        if version not in _VERSIONS:
            raise APIError(f"This server speaks HTTP/1.1, not HTTP/{version}.", status=505, code="unsupported_version")
        scope["method"] = parser.get_method().decode("ascii")
        target = _target(self.url) if len(self.url) <= _LONGEST_REMEMBERED else _Target.read(self.url)
        if target.host:
            self.name_host(target.host, target.port)
        scope["path"], scope["raw_path"], scope["query_string"] = target.path, target.raw_path, target.query
        self.headers = []  # what follows are trailers, which nobody may take for headers (RFC 9110, 6.5.1)
        self.cycle = Cycle(self, keep_alive=version != "1.0" and parser.should_keep_alive())
        self._answer_in_turn(before)

    def _take_back(self) -> Any:
        """Drop the newest request; return the one before it that is still to be answered, or None."""
        if not self.pipeline:
            return None
        self.pipeline.pop()
        return self.pipeline[-1][0] if self.pipeline else self._answering

    def _answer_in_turn(self, before: Any) -> None:
        """Have the newest request answered, at once or after the one before it."""
        if not before or before.response_complete:
            self._start_asgi_task(self.cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.append((self.cycle, self.app))

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self._answering = cycle
        HttpToolsProtocol._start_asgi_task(self, cycle, app)  # noqa: SLF001 - `super()` takes four times as long

    def on_response_complete(self) -> None:
        """Answer the next request that has arrived, or wait for one."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            if self._answering:
                self._answering.let_leave()  # before anything of the next response
            self._start_asgi_task(*self.pipeline.pop(0))
        if self._rest and not self.pipeline:
            self.loop.call_soon(self._read_rest)
        if self._rest or not self.cycle.response_complete:
            return
        if "method" in self.scope:
            self._idle_since = self.loop.time()
        else:
            self._began = self.loop.time()  # a part of the next head is there
        if self.timeout_keep_alive_task is None:
            self._look_in(self.timeout_keep_alive)

    def shutdown(self) -> None:
        """Close the connection after the response under way."""
        if self._answering:
            self._answering.let_leave()
        super().shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the request under way that its client has left."""
        if self._answering and not self._answering.response_complete:
            self._answering.lose()
        super().connection_lost(exc)
        if self._half_closed:
            self._half_closed.cancel()
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
            self.timeout_keep_alive_task = None


_VERSIONS: Final = frozenset({"1.0", "1.1"})

_OF_THE_PROTOCOL: Final = {
    "__init__": ["self", "config", "server_state", "app_state", "_loop"],
    "data_received": ["self", "data"],
    "on_headers_complete": ["self"],
    "on_body": ["self", "body"],
    "on_message_complete": ["self"],
    "_start_asgi_task": ["self", "cycle", "app"],
    "_unset_keepalive_if_required": ["self"],
    "on_response_complete": ["self"],
    "timeout_keep_alive_handler": ["self"],
    "shutdown": ["self"],
}
_OF_THE_CYCLE: Final = {
    "run_asgi": ["self", "app"],
    "send": ["self", "message"],
    "receive": ["self"],
    "send_500_response": ["self"],
}


_OF_THE_FLOW: Final = {"drain": ["self"], "pause_writing": ["self"], "resume_writing": ["self"]}


def fits(protocol: type[Any], cycle: type[Any]) -> bool:
    """Tell whether uvicorn still has the private parts that `OneWriteProtocol` and `Cycle` rely on."""
    return _has(protocol, _OF_THE_PROTOCOL) and _has(cycle, _OF_THE_CYCLE) and _has(FlowControl, _OF_THE_FLOW)


def _has(kind: type[Any], parts: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether a class has methods with these parameters."""
    return all(
        (part := getattr(kind, name, None)) is not None and [*inspect.signature(part).parameters] == parameters
        for name, parameters in parts.items()
    )


def protocol(read_timeout: float = OneWriteProtocol.read_timeout) -> type[Protocol] | Literal["auto"]:
    """Return the protocol for `uvicorn.Config`: ours, or "auto" with a warning if uvicorn has changed.

    Args:
        read_timeout: Seconds that a client has for a head, and for each piece of a body.
    """
    if fits(HttpToolsProtocol, RequestResponseCycle):
        if read_timeout == OneWriteProtocol.read_timeout:
            return OneWriteProtocol
        return type("ChatdoubleProtocol", (OneWriteProtocol,), {"__slots__": (), "read_timeout": read_timeout})
    _log.warning(_CHANGED, uvicorn.__version__)
    return "auto"
