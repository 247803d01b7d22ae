"""The comparison of two answers to the same request, by shape and meaning."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson

from chatdouble.core.head import is_event_stream
from chatdouble.core.json import is_object
from chatdouble.verify.completions import completion_drift, error_drift
from chatdouble.verify.drift import MISSING, PRESENT, Drift, differing, shown
from chatdouble.verify.responses import events_drift, response_drift
from chatdouble.verify.streams import Stream, read_stream, stream_drift
from chatdouble.verify.values import embeddings_drift, moderations_drift

EQUAL_HEADERS: Final = ("openai-version",)
"""Headers whose value must stay the same."""
PRESENT_HEADERS: Final = (
    "x-request-id",
    "openai-processing-ms",
    "retry-after",
    "retry-after-ms",
    "x-should-retry",
    *(f"x-ratelimit-{part}-{unit}" for part in ("limit", "remaining", "reset") for unit in ("requests", "tokens")),
)
"""Headers that clients read (headers#responses): a recorded one must still be present, with any value."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response to a request.

    Attributes:
        status: The HTTP status.
        headers: Its headers, names in lower case.
        body: Its body, without content encoding.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        """The media type, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def json(self) -> dict[str, Any] | None:
        """Return the body as a JSON object; None if it is not one."""
        try:
            value = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None
        return value if is_object(value) else None

    def stream(self) -> Stream | None:
        """Return the body as a stream; None if it is not one."""
        return read_stream(self.body) if is_event_stream(self.content_type) else None


CHAT: Final = "/chat/completions"

Object = Mapping[str, Any]


def compare(request: Object, recorded: Answer, live: Answer, path: str = CHAT) -> Iterator[Drift]:
    """Return all drift between two answers to a request.

    Args:
        request: The request's body.
        recorded: The recorded answer.
        live: The API's answer today.
        path: The path of the request, one of those in `COMPARED`.
    """
    comparison = COMPARED[path]
    if recorded.status != live.status:
        yield Drift("status", _status(recorded), _status(live))
        return
    yield from _header_drift(recorded.headers, live.headers)
    if recorded.content_type != live.content_type:
        yield Drift("headers.content-type", recorded.content_type or MISSING, live.content_type or MISSING)
        return
    was, now = recorded.stream(), live.stream()
    if was is not None and now is not None:
        yield from comparison.streams(request, was, now)
    else:
        yield from _body_drift(comparison, request, recorded.json(), live.json())


def _status(answer: Answer) -> str:
    """Return a status, with the error's code or type if there is one."""
    error = (answer.json() or {}).get("error")
    known = (error.get("code") or error.get("type")) if is_object(error) else None
    return f"{answer.status} ({shown(known)})" if known else str(answer.status)


def _header_drift(recorded: Mapping[str, str], live: Mapping[str, str]) -> Iterator[Drift]:
    for name in EQUAL_HEADERS:
        if name in recorded:
            yield from differing(f"headers.{name}", recorded[name], live.get(name, MISSING))
    for name in PRESENT_HEADERS:
        if name in recorded and name not in live:
            yield Drift(f"headers.{name}", PRESENT, MISSING)


def _stream_drift(request: Object, recorded: Stream, live: Stream) -> Iterator[Drift]:
    yield from stream_drift(recorded, live)
    if recorded.chunks and live.chunks:
        yield from completion_drift(request, recorded.folded(), live.folded())


class Comparison(NamedTuple):
    """The comparison of one API's answers.

    Attributes:
        bodies: Returns the drift of two whole answers to a request.
        streams: Returns the drift of two streams.
    """

    bodies: Callable[[Object, Object, Object], Iterator[Drift]]
    streams: Callable[[Object, Stream, Stream], Iterator[Drift]] = _stream_drift


COMPARED: Final[Mapping[str, Comparison]] = {
    CHAT: Comparison(completion_drift),
    "/responses": Comparison(response_drift, events_drift),
    "/embeddings": Comparison(embeddings_drift),
    "/moderations": Comparison(moderations_drift),
}
"""The comparisons by the paths of requests."""


def _body_drift(
    comparison: Comparison, request: Object, recorded: dict[str, Any] | None, live: dict[str, Any] | None
) -> Iterator[Drift]:
    if recorded is None or live is None:
        yield from differing("body", *("not a JSON object" if side is None else "object" for side in (recorded, live)))
    elif recorded.get("error") or live.get("error"):
        yield from error_drift(recorded, live)
    else:
        yield from comparison.bodies(request, recorded, live)
