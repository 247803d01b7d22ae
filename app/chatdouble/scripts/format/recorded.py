"""Recorded responses, which are sent verbatim at their own times."""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any, ClassVar, Final, NamedTuple, Self

from pydantic import Field, GetCoreSchemaHandler, NonNegativeFloat, model_validator
from pydantic_core import CoreSchema, core_schema

from chatdouble.backend.interface import ROOM, Known
from chatdouble.core.head import RequestHeaders
from chatdouble.core.json import encode
from chatdouble.core.json_in_steps import encoded_in_steps
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
        return encoded_in_steps(self.json_) if "json_" in self.model_fields_set else (self.text or "").encode()


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
        data = self.data.encode() if isinstance(self.data, str) else encoded_in_steps(self.data)
        return write_frame(data)


@dataclass(frozen=True, slots=True)
class Frames:
    """A recorded body in pieces, as bytes: thousands of frames as they were parsed would take ten times the memory.

    Attributes:
        PARTS: The models in the list of which they are made.
        times: When each piece is to be sent, in seconds after the request; None: together with the piece before.
        data: The bytes of each.
    """

    PARTS: ClassVar = (FrameSpec,)

    times: tuple[float | None, ...]
    data: tuple[bytes, ...]

    @classmethod
    def of(cls, specs: Sequence[PieceSpec]) -> Self:
        """Return the pieces that a script file has."""
        return cls(tuple([spec.at for spec in specs]), tuple([spec.content() for spec in specs]))

    def digest(self) -> str:
        """Return what tells the frames from others."""
        digest = blake2b(repr(self.times).encode(), digest_size=16)
        for data in self.data:
            digest.update(b"%d:" % len(data))
            digest.update(data)
        return digest.hexdigest()

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema of the list of which these are made."""
        listed = handler.generate_schema(list[FrameSpec])
        shown = core_schema.plain_serializer_function_ser_schema(cls.digest)
        return core_schema.no_info_after_validator_function(cls.of, listed, serialization=shown)


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
    stream: Frames | None = None

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        if (self.body is None) == (self.stream is None):
            raise ValueError("a recorded response has either a body or a stream")
        headers = {name.lower(): value for name, value in self.headers.items() if isinstance(value, str)}
        # Most recordings are not measured: they are many, and few have a length or such a status.
        if LENGTH in headers or self.status in WITHOUT_BODY:
            length = sum(map(len, self.frames.data))
            checked_length(headers, length)
            if length:
                checked_status(self.status)
        return self

    def pieces(self) -> list[tuple[float | None, bytes]]:
        """Return the pieces of the body, each with the seconds after the request at which to send it."""
        return [*zip(self.frames.times, self.frames.data, strict=True)]

    @cached_property
    def frames(self) -> Frames:
        """The body in pieces, one if it is whole."""
        return Frames.of([self.body]) if self.body is not None else self.stream or Frames((), ())

    def head(self) -> list[tuple[bytes, bytes]]:
        """Return the headers, with a content length if the body is whole."""
        headers = [
            (name.lower().encode("latin-1", "replace"), value.encode("latin-1", "replace"))
            for name, given in self.headers.items()
            if name.lower() != LENGTH
            for value in ([given] if isinstance(given, str) else given)
        ]
        length = [(b"content-length", b"%d" % len(self.frames.data[0]))] if self.body is not None else []
        return [*headers, *length]

    @cached_property
    def played(self) -> Played:
        """The response as it is sent."""
        head, data = self.head(), self.frames.data
        return Played(head, data, PaceSpec(offsets=offsets_of(self.frames.times)), _known(head, data))


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
