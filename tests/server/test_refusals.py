"""Every error leaves the same way: the API's headers and an entry in the journal, whatever refused the request."""

import asyncio
import json
import socket
from collections.abc import Mapping
from typing import Any, Final

import pytest

from chatdouble.server.entry import Entry
from chatdouble.testing.server import RunningServer
from conftest import Serve
from raw import Answer, ask

CHAT: Final = "/v1/chat/completions"
ASKED: Final = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello!"}]}
KEY: Final = {"authorization": "Bearer sk-mine"}
DIFFERS: Final = {"date", "x-request-id", "content-length", "connection"}
"""The headers that differ between requests, or belong to the connection."""
INVALID: Final = {
    "error": {
        "message": "Invalid HTTP request received.",
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }
}


def entries(server: RunningServer, session: str) -> list[Entry]:
    ask(server.origin, "GET", "/health")  # what came before it has been written down
    return asyncio.run(server.app.journal.entries(session))


def compared(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the headers of an answer that do not change from request to request, in order; only completions count."""
    return [header for header in headers.items() if header[0] not in DIFFERS and "ratelimit" not in header[0]]


@pytest.mark.parametrize(
    ("status", "key", "posted", "path"),
    [
        (401, {}, ASKED, "/v1/models/gpt-4o"),
        (404, KEY, ASKED | {"model": "abc"}, "/v1/models/abc"),
        (400, KEY, ASKED | {"temperature": 3}, f"{CHAT}?order=up"),
    ],
)
def test_an_error_of_any_route_has_the_same_headers_and_the_same_kind_of_entry(
    serve: Serve, status: int, key: dict[str, str], posted: dict[str, Any], path: str
) -> None:
    headers = key | {"origin": "http://localhost:3000", "content-type": "application/json"}
    with serve(clock="fixed:1750000000", models="strict") as served:
        fast = ask(served.origin, "POST", CHAT, json.dumps(posted).encode(), headers)
        slow = ask(served.origin, "GET", path, headers=headers)
        kept = entries(served, "sk-mine" if key else "anonymous")
    assert (fast.status, slow.status) == (status, status)
    assert (fast.error["type"], fast.error["code"] is None) == (slow.error["type"], slow.error["code"] is None)
    assert compared(fast.headers) == compared(slow.headers)
    # Only a request with messages belongs to a conversation.
    keys = [[key for key in entry if key not in ("conversation", "adds")] for entry in kept]
    assert keys == [keys[0]] * 2
    for entry, answer in zip(kept, (fast, slow), strict=True):
        assert (entry["status"], entry["ended"]) == (status, "refused")
        assert (entry["id"], entry["response"]) == (answer.headers["x-request-id"], json.loads(answer.body))
    assert [entry["request"] for entry in kept] == [posted if key else None, None]


def posted(body: bytes, *headers: bytes) -> bytes:
    """Return a request as bytes, on a connection that is kept."""
    head = (b"POST /v1/chat/completions HTTP/1.1", b"host: test", b"authorization: Bearer sk-mine")
    return b"\r\n".join([*head, b"content-type: application/json", *headers, b"", body])


BODY: Final = json.dumps(ASKED).encode()
GOOD: Final = posted(BODY, b"content-length: %d" % len(BODY))
NOT_HTTP: Final = b"This is not HTTP.\r\n\r\n"
BROKEN_OFF: Final = posted(b"2\r\n{}\r\nzz\r\n", b"transfer-encoding: chunked")
"""A request whose second chunk has no size."""


def answers(server: RunningServer, sent: bytes, after_100: bytes = b"") -> list[Answer]:
    """Send bytes, and return the answers that come until the connection closes, each with a content length.

    Args:
        server: Where they are sent.
        sent: What is sent first.
        after_100: What is sent once the server asks for it with 100 Continue.
    """
    got: list[Answer] = []
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(sent)
        stream = connection.makefile("rb")
        while line := stream.readline():
            headers: dict[str, str] = {}
            while (field := stream.readline().decode().strip()) != "":
                name, _, value = field.partition(": ")
                headers[name] = value
            if line.split()[1] == b"100":
                connection.sendall(after_100)
            else:
                got.append(Answer(int(line.split()[1]), headers, stream.read(int(headers["content-length"]))))
    return got


@pytest.mark.parametrize(
    ("broken", "session", "place"),
    [(NOT_HTTP, "anonymous", ("", "")), (BROKEN_OFF, "sk-mine", ("POST", CHAT))],
    ids=["not HTTP", "broken off"],
)
@pytest.mark.parametrize("before", [0, 1, 3])
def test_what_is_not_http_is_refused_as_any_request_after_those_before_it(
    serve: Serve, broken: bytes, session: str, place: tuple[str, str], before: int
) -> None:
    headers = KEY | {"content-type": "application/json"}
    with serve(clock="fixed:1750000000", validation="off") as served:
        *good, refused = answers(served, GOOD * before + broken)
        written = [entry for name in ("anonymous", "sk-mine") for entry in entries(served, name)]
        usual = ask(served.origin, "POST", CHAT, b"{", headers)
    assert [answer.status for answer in good] == [200] * before
    assert (refused.status, json.loads(refused.body), refused.headers["connection"]) == (400, INVALID, "close")
    assert compared(refused.headers) == compared(usual.headers)
    assert [one["ended"] for one in written if one["request"] == ASKED] == ["completed"] * before
    (entry,) = (one for one in written if one["request"] is None)
    assert (entry["id"], entry["response"]) == (refused.headers["x-request-id"], INVALID)
    assert (entry["status"], entry["ended"], entry["session"]) == (400, "refused", session)
    assert (entry["method"], entry["path"]) == place
    assert entry["ordinal"] == (before + 1 if session == "sk-mine" else 1)


def test_a_body_that_breaks_while_it_is_waited_for_is_refused(server: RunningServer) -> None:
    awaited = posted(b"", b"transfer-encoding: chunked", b"expect: 100-continue").replace(b"sk-mine", b"sk-breaks")
    (refused,) = answers(server, awaited, b"2\r\n{}\r\nzz\r\n")
    assert (refused.status, json.loads(refused.body)) == (400, INVALID)
    (entry,) = entries(server, "sk-breaks")
    assert (entry["id"], entry["status"], entry["ended"]) == (refused.headers["x-request-id"], 400, "refused")
    assert entry["id"] not in [other["id"] for other in entries(server, "anonymous")]


def test_a_body_that_breaks_after_its_request_was_refused_writes_no_second_entry(server: RunningServer) -> None:
    untyped = BROKEN_OFF.replace(b"application/json", b"text/plain").replace(b"sk-mine", b"sk-untyped")
    (refused,) = answers(server, untyped)
    assert refused.headers["x-request-id"] in [entry["id"] for entry in entries(server, "sk-untyped")]
    assert len(entries(server, "sk-untyped")) == 1
