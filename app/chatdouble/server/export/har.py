"""The journal as an HTTP archive (HAR 1.2), which browsers and `chatdouble import har` open."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Final
from urllib.parse import quote

from chatdouble.core.json import encode
from chatdouble.core.json_in_steps import encode_in_steps, text_in_steps
from chatdouble.server.entry import Entry
from chatdouble.server.export.streams import Streamed, is_stream

_JSON: Final = "application/json"
_EVENTS: Final = "text/event-stream; charset=utf-8"
_UNKNOWN: Final = -1
_STEP: Final = 1024 * 1024
"""The characters that are encoded at once."""


def archive(entries: Iterable[Entry], streamed: Streamed) -> Iterator[bytes]:
    """Yield an archive piece by piece; requests that were not answered have the status 0."""
    creator = {"name": "chatdouble", "version": version("chatdouble")}
    yield b'{"log":{"version":"1.2","creator":' + encode(creator) + b',"entries":['
    separator = b""
    for entry in entries:
        yield separator
        yield from encode_in_steps(_item(entry, streamed))
        separator = b","
    yield b"]}}\n"


def _item(entry: Entry, streamed: Streamed) -> dict[str, Any]:
    started = datetime.fromtimestamp(entry["at"], UTC).isoformat(timespec="milliseconds")
    return {
        "startedDateTime": started,
        "time": entry["milliseconds"],
        "request": _request(entry),
        "response": _response(entry, streamed),
        "cache": {},
        "timings": {"send": 0, "wait": entry["milliseconds"], "receive": 0},
        "comment": entry["id"],
    }


def url_of(entry: Entry) -> str:
    """Return the URL of a request, as far as its headers tell."""
    return f"http://{entry['headers'].get('host', 'localhost')}{quote(entry['path'])}"


def body_of(entry: Entry) -> str:
    """Return the body of a request, in compact form if it is JSON; empty: it had none, or it was not read."""
    given = entry["request"]
    if given is None:
        return ""
    return given if isinstance(given, str) else text_in_steps(given)


def _size(text: str) -> int:
    """Return the bytes of a text in UTF-8, counted in steps."""
    if text.isascii():
        return len(text)
    return sum(len(text[at : at + _STEP].encode("utf-8", "replace")) for at in range(0, len(text), _STEP))


def _request(entry: Entry) -> dict[str, Any]:
    body = body_of(entry)
    content_type = entry["headers"].get("content-type", _JSON)
    return {
        "method": entry["method"],
        "url": url_of(entry),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": name, "value": value} for name, value in entry["headers"].items()],
        "queryString": [],
        **({"postData": {"mimeType": content_type, "text": body}} if body else {}),
        "headersSize": _UNKNOWN,
        "bodySize": _size(body),
    }


def _response(entry: Entry, streamed: Streamed) -> dict[str, Any]:
    status, content_type, body = entry["status"], _JSON, ""
    if is_stream(entry):
        content_type, body = _EVENTS, streamed(entry)
    elif entry["response"] is not None:
        body = text_in_steps(entry["response"])
    size = _size(body)
    known = {one.value: one.phrase for one in HTTPStatus}
    return {
        "status": status,
        "statusText": known.get(status, ""),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": "content-type", "value": content_type}, {"name": "x-request-id", "value": entry["id"]}],
        "content": {"size": size, "mimeType": content_type, "text": body},
        "redirectURL": "",
        "headersSize": _UNKNOWN,
        "bodySize": size,
    }
