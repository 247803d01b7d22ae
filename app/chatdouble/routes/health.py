"""GET /health and GET /ready: whether the server is up; they touch no session."""

from typing import Final

from starlette.types import Receive, Scope, Send

_BODY: Final = b'{"status":"ok"}\n'


async def health(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer that the server accepts requests."""
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(_BODY)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": _BODY})
