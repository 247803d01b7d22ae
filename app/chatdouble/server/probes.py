"""Probes: whether the server runs, and whether it can answer."""

from dataclasses import dataclass
from typing import Any, Final

from chatdouble.backend import Call
from chatdouble.core.json import encode
from chatdouble.state.sessions import Sessions

_OK: Final = b'{"status":"ok"}\n'


async def health(call: Call[Any]) -> None:
    """Serve GET /health: the server runs, whatever it depends on."""
    await _send(call, 200, _OK)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Readiness:
    """Serves GET /ready: whether requests can be answered.

    Attributes:
        sessions: The sessions, without which no request is answered.
    """

    sessions: Sessions

    async def __call__(self, call: Call[Any]) -> None:
        """Answer a probe with 200, or with 503 and the reason."""
        reason = await self.sessions.ready()
        if reason is None:
            await _send(call, 200, _OK)
        else:
            await _send(call, 503, encode({"status": "unavailable", "reason": reason}) + b"\n")


async def _send(call: Call[Any], status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await call.send({"type": "http.response.start", "status": status, "headers": headers})
    await call.send({"type": "http.response.body", "body": body})
