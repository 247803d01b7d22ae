"""Requests and answers as bytes, for requests that no SDK sends."""

import json
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPConnection
from socket import SHUT_RDWR
from threading import Timer
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from chatdouble.testing.server import RunningServer


class Answer(NamedTuple):
    """An answer as received."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def error(self) -> dict[str, Any]:
        """The error in the envelope."""
        error: dict[str, Any] = json.loads(self.body)["error"]
        return error


def ask(
    origin: str,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    cut_after: float | None = None,
) -> Answer:
    """Send one request and return its answer; header names in lower case.

    Args:
        origin: The server's address.
        method: The method.
        path: The path and the query.
        body: The body.
        headers: The headers.
        cut_after: The seconds after which the connection is cut, for a stream that may have no end.
    """
    connection = HTTPConnection(urlsplit(origin).netloc, timeout=30)
    cut = Timer(cut_after or 0, _cut, [connection])
    try:
        connection.request(method, path, body, dict(headers or {}))
        if cut_after:
            cut.start()
        response = connection.getresponse()
        named = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, named, response.read())
    finally:
        cut.cancel()
        connection.close()


def _cut(connection: HTTPConnection) -> None:
    with suppress(OSError):
        connection.sock.shutdown(SHUT_RDWR)


def post(origin: str, request: Any, key: str = "sk-test", path: str = "/v1/chat/completions") -> Answer:
    """Post a request to the chat completions endpoint."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    return ask(origin, "POST", path, json.dumps(request).encode(), headers)


def chat(origin: str, key: str = "sk-test", path: str = "/v1/chat/completions", **request: Any) -> Answer:
    """Request a completion of a plain text, with other fields if given."""
    return post(origin, {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello!"}]} | request, key, path)


def control(server: RunningServer, key: str, method: str, path: str, body: object = None) -> Any:
    """Ask the control and return what it says."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    return json.loads(ask(server.origin, method, f"/_double/{path}", json.dumps(body).encode(), headers).body)
