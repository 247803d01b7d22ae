"""Recorded responses, which are sent verbatim at their own times."""

import base64
from collections.abc import Iterable
from functools import cached_property
from typing import Any, ClassVar, Final, NamedTuple, Self

from pydantic import Field, NonNegativeFloat, model_validator

from chatdouble.backend.interface import ROOM, Known
from chatdouble.core.head import RequestHeaders
from chatdouble.core.json import encode
from chatdouble.core.sse import write_frame
from chatdouble.scripts.format.base import STRING, Spec
from chatdouble.scripts.format.delivery import PaceSpec
from chatdouble.scripts.format.headers import LENGTH, RecordedHeaders, checked_length
from chatdouble.scripts.format.raw_reply import WITHOUT_BODY, Base64, checked_status
from chatdouble.streaming.assembled import answer_in, most_read

_FORMS: Final = ("json_", "text", "base64")


class PieceSpec(Spec):
    """Bytes of a recorded response, in one of several forms. A string is their text.

    Attributes:
        json_: JSON, sent compact.
        text: Text, sent in UTF-8.
        base64: Any bytes, in base64.
        at: Seconds after the request at which to send them; None: together with the piece before.
    """

    FORMS: ClassVar[tuple[str, ...]] = _FORMS
    SHORTHANDS: ClassVar[tuple[dict[str, Any], ...]] = (STRING,)

    json_: Any = Field(default=None, alias="json")
    text: str | None = None
    base64: Base64 | None = None
    at: NonNegativeFloat | None = None

    @classmethod
    def expand(cls, given: Any) -> Any:
        """Accept a string as the text."""
        return {"text": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if len(self.model_fields_set.intersection(self.FORMS)) != 1:
            raise ValueError(f"give one of {', '.join(form.rstrip('_') for form in self.FORMS)}")
        return self

    def content(self) -> bytes:
        """Return the bytes."""
        if self.base64 is not None:
            return base64.b64decode(self.base64)
        return encode(self.json_) if "json_" in self.model_fields_set else (self.text or "").encode()


class FrameSpec(PieceSpec):
    """One frame of an event stream, or any other bytes of it. A string is the text.

    Attributes:
        data: The frame's data: compact JSON, or a string as it is (`[DONE]`).
    """

    FORMS: ClassVar[tuple[str, ...]] = ("data", "text", "base64", "json_")

    data: Any = None

    def content(self) -> bytes:
        """Return the bytes."""
        if "data" not in self.model_fields_set:
            return super().content()
        data = self.data.encode() if isinstance(self.data, str) else encode(self.data)
        return write_frame(data)


class Played(NamedTuple):
    """A recorded response as it is sent, each time the same.

    Attributes:
        head: Its headers.
        data: The pieces of its body.
        pace: When they are sent; a piece without a time is sent with the one before.
        known: Its body, unless that is large or empty.
    """

    head: list[tuple[bytes, bytes]]
    data: tuple[bytes, ...]
    pace: PaceSpec
    known: Known | None


class RecordedSpec(Spec):
    """A recorded response of an upstream. It has no templates.

    Attributes:
        status: The HTTP status.
        headers: The headers in order; a list holds several headers of the same name.
        body: The whole body.
        stream: The body in pieces, as they arrived.
    """

    status: int = Field(default=200, ge=200, le=599)
    headers: RecordedHeaders = Field(default_factory=dict)
    body: PieceSpec | None = None
    stream: list[FrameSpec] | None = None

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        if (self.body is None) == (self.stream is None):
            raise ValueError("a recorded response has either a body or a stream")
        headers = {name.lower(): value for name, value in self.headers.items() if isinstance(value, str)}
        # Most recordings are not measured: they are many, and few have a length or such a status.
        if LENGTH in headers or self.status in WITHOUT_BODY:
            length = sum(len(data) for _, data in self.pieces())
            checked_length(headers, length)
            if length:
                checked_status(self.status)
        return self

    def pieces(self) -> list[tuple[float | None, bytes]]:
        """Return the pieces of the body, each with the seconds after the request at which to send it."""
        specs = [self.body] if self.body is not None else (self.stream or [])
        return [(spec.at, spec.content()) for spec in specs]

    def head(self) -> list[tuple[bytes, bytes]]:
        """Return the headers, with a content length if the body is whole."""
        headers = [
            (name.lower().encode("latin-1", "replace"), value.encode("latin-1", "replace"))
            for name, given in self.headers.items()
            if name.lower() != LENGTH
            for value in ([given] if isinstance(given, str) else given)
        ]
        length = [(b"content-length", b"%d" % len(self.body.content()))] if self.body is not None else []
        return [*headers, *length]

    @cached_property
    def played(self) -> Played:
        """The response as it is sent."""
        head, pieces = self.head(), self.pieces()
        data = tuple(piece for _, piece in pieces)
        return Played(head, data, PaceSpec(offsets=offsets_of([at for at, _ in pieces])), _known(head, data))


def _known(head: list[tuple[bytes, bytes]], pieces: tuple[bytes, ...]) -> Known | None:
    headers, body = RequestHeaders(head), b"".join(pieces)
    if not 0 < len(body) <= ROOM:
        return None
    most = most_read(headers.get("content-type", ""))
    found = answer_in(body, headers.get("content-encoding", ""), most) if len(body) <= most else None
    return Known(pieces, None if found is None else encode(found, repr))


def offsets_of(times: Iterable[float | None]) -> tuple[float, ...]:
    """Return the due times of pieces; one without a time is due with the one before."""
    offsets: list[float] = []
    for at in times:
        offsets.append(at if at is not None else offsets[-1] if offsets else 0.0)
    return tuple(offsets)
