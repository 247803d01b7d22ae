"""The journal as an HTTP archive (HAR 1.2), which browsers and `chatdouble import har` open."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Final
from urllib.parse import quote

from chatdouble.apis.chat import CHAT
from chatdouble.apis.responses.api import RESPONSES
from chatdouble.backend import Call, Original, Services
from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.core.headers import RequestHeaders
from chatdouble.core.json import as_object, encode, is_array
from chatdouble.core.paths import request_path
from chatdouble.schema.request import ChatCompletionRequest
from chatdouble.schema.responses.request import ResponsesRequest
from chatdouble.server.entry import Entry

Streamed = Callable[[Entry], bytes]
"""Returns the stream of an answer."""

_JSON: Final = "application/json"
_EVENTS: Final = "text/event-stream; charset=utf-8"
_UNKNOWN: Final = -1


def archive(entries: Iterable[Entry], streamed: Streamed) -> Iterator[bytes]:
    """Yield an archive piece by piece; requests that were not answered have the status 0."""
    creator = {"name": "chatdouble", "version": version("chatdouble")}
    yield b'{"log":{"version":"1.2","creator":' + encode(creator) + b',"entries":['
    separator = b""
    for entry in entries:
        yield separator + encode(_item(entry, streamed))
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
    return given if isinstance(given, str) else encode(given).decode()


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
        "bodySize": len(body.encode()),
    }


def _response(entry: Entry, streamed: Streamed) -> dict[str, Any]:
    status, content_type, body = entry["status"], _JSON, b""
    if is_stream(entry):
        content_type, body = _EVENTS, streamed(entry)
    elif entry["response"] is not None:
        body = encode(entry["response"])
    known = {one.value: one.phrase for one in HTTPStatus}
    return {
        "status": status,
        "statusText": known.get(status, ""),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": "content-type", "value": content_type}, {"name": "x-request-id", "value": entry["id"]}],
        "content": {"size": len(body), "mimeType": content_type, "text": body.decode()},
        "redirectURL": "",
        "headersSize": _UNKNOWN,
        "bodySize": len(body),
    }


def is_stream(entry: Entry) -> bool:
    """Tell whether a request was answered with a stream that came whole."""
    wanted, answer = as_object(entry["request"]).get("stream") is True, as_object(entry["response"])
    return wanted and entry["ended"] == "completed" and (is_array(answer.get("choices")) or _is_response(answer))


def _is_response(answer: Mapping[str, Any]) -> bool:
    return answer.get("object") == "response"


def streams(services: Services, catalogue: Catalogue) -> Streamed:
    """Return what slices the answer of an entry again, as the server did."""

    def streamed(entry: Entry) -> bytes:
        pairs = [(name.encode(), value.encode("latin-1", "replace")) for name, value in entry["headers"].items()]
        path = entry["path"]
        call: Call[Any] = Call(entry["method"], path, request_path(path), RequestHeaders(pairs), services)
        body = as_object(entry["request"])
        call.model = catalogue.find(str(body.get("model") or call.deployment))
        call.request = ChatCompletionRequest.model_construct(**body)
        call.chance = services.chance.at(entry["session"], entry["ordinal"])
        if not _is_response(as_object(entry["response"])):
            return b"".join(CHAT.codec.frames(entry["response"], call))
        call.original = Original(RESPONSES.name, body, ResponsesRequest.model_construct(**body))
        return b"".join(RESPONSES.codec.frames(entry["response"], call))

    return streamed
