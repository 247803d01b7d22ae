"""Replies that are sent verbatim: bodies, chunks and recorded responses."""

import base64
import binascii
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Annotated, Any, ClassVar, Final, Self, cast

from pydantic import AfterValidator, Field, NonNegativeFloat, model_validator

from chatdouble.core.json import encode, is_array, is_object, values_in
from chatdouble.core.sse import write_frame
from chatdouble.scripts.format.base import STRING, Spec, is_template
from chatdouble.scripts.format.headers import LENGTH, RawHeaders, RecordedHeaders, checked_length
from chatdouble.scripts.format.templates import fill, fill_text

BODIES: Final = ("text", "json_", "base64")

_WITHOUT_BODY: Final = frozenset({204, 205, 304})
"""The statuses of responses that have no body (RFC 9110)."""


def checked_base64(text: str) -> str:
    """Return base64 unchanged.

    Raises:
        ValueError: It is not base64.
    """
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error as wrong:
        raise ValueError(f"not base64: {wrong}") from None
    return text


Base64 = Annotated[str, AfterValidator(checked_base64)]


def checked_status(status: int) -> None:
    """Check the status of a response that has a body.

    Raises:
        ValueError: Responses of this status have none.
    """
    if status in _WITHOUT_BODY:
        raise ValueError(f"a response of status {status} has no body; leave it out")


def _has_templates(value: Any) -> bool:
    """Tell whether there is a template anywhere in a JSON value."""
    if isinstance(value, str):
        return is_template(value)
    keys = value if is_object(value) else ()
    return any(map(is_template, keys)) or any(map(_has_templates, values_in(value)))


class BodySpec(Spec):
    """A response that is sent verbatim. A string is its text.

    Attributes:
        status: The HTTP status.
        headers: The response's headers; the content type defaults to the one for the kind of body.
        text: The body as text.
        json_: The body as JSON.
        base64: The body's bytes in base64.
    """

    SHORTHANDS: ClassVar[tuple[dict[str, Any], ...]] = (STRING,)

    status: int = Field(default=200, ge=200, le=599)
    headers: RawHeaders = Field(default_factory=dict)
    text: str | None = None
    json_: Any = Field(default=None, alias="json")
    base64: Base64 | None = None

    @classmethod
    def expand(cls, given: Any) -> Any:
        """Accept a string as the text."""
        return {"text": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _one_body(self) -> "BodySpec":
        given = self.model_fields_set.intersection(BODIES)
        if len(given) > 1:
            raise ValueError("text, json and base64 all set the body: give one of them")
        length = None if self._has_template() else len(self.filled(dict)[0])
        checked_length(self.headers, length)
        if length != 0:
            checked_status(self.status)
        return self

    def _has_template(self) -> bool:
        return is_template(self.text or "") or _has_templates(self.json_)

    def filled(self, variables: Callable[[], Mapping[str, Any]]) -> tuple[bytes, str]:
        """Return the body's bytes, with templates filled, and their default content type.

        Raises:
            TemplateFailedError: A template cannot be filled.
        """
        if self.base64 is not None:
            return base64.b64decode(self.base64), "application/octet-stream"
        if "json_" in self.model_fields_set:
            return encode(fill(self.json_, variables)), "application/json"
        return fill_text(self.text or "", variables).encode(), "text/plain; charset=utf-8"


class ChunkSpec(Spec):
    """One piece of a stream: a text, a chunk, or raw text of the event stream. A string is its text.

    Attributes:
        text: Content; the chunk around it is generated.
        chunk: A chunk, sent exactly as it is; only a reply with `complete` fills in what is missing.
        raw: Text to send verbatim in place of a server-sent event.
        at: Seconds after the request at which to send it; None: according to the pace.
    """

    SHORTHANDS: ClassVar[tuple[dict[str, Any], ...]] = (
        STRING,
        {"type": "object", "required": ["choices"], "description": "A chunk in the API's format"},
    )

    text: str | None = None
    chunk: dict[str, Any] | None = None
    raw: str | None = None
    at: NonNegativeFloat | None = None

    @classmethod
    def expand(cls, given: Any) -> Any:
        """Accept a string as the text and an object of the API as the chunk."""
        if isinstance(given, str):
            return {"text": given}
        return {"chunk": given} if is_object(given) and "choices" in given else given

    @model_validator(mode="after")
    def _one_piece(self) -> "ChunkSpec":
        given = [part for part in ("text", "chunk", "raw") if part in self.model_fields_set]
        if len(given) != 1:
            raise ValueError("a piece of a stream is one of text, chunk and raw: give one of them")
        if getattr(self, given[0]) is None:
            raise ValueError(f"{given[0]} is null: give {'an object' if given[0] == 'chunk' else 'a string'}")
        return self

    def is_well_formed(self) -> bool:
        """Tell whether a chunk has what all chunks of the API have: choices, each an object with a delta or none."""
        choices = (self.chunk or {}).get("choices", [])
        return is_array(choices) and all(is_object(choice) and is_object(choice.get("delta", {})) for choice in choices)

    def content(self) -> Any:
        """Return its text, chunk or raw text."""
        return next(part for part in (self.text, self.chunk, self.raw) if part is not None)


_FORMS: Final = ("json_", "text", "base64")


def _check_json(value: object) -> None:
    """Refuse what YAML has and JSON has not, so that no answer breaks off or differs.

    Raises:
        ValueError: A key is not a text, or a number is not finite.
    """
    if is_object(value) and not all(isinstance(key, str) for key in cast("dict[object, object]", value)):
        raise ValueError("not JSON: a key is not a string; quote it")
    if isinstance(value, float) and not isfinite(value):
        raise ValueError("not JSON: a number is not finite")
    for part in values_in(value):
        _check_json(part)


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
        _check_json(self.json_)
        _check_json(getattr(self, "data", None))
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
        if LENGTH in headers or self.status in _WITHOUT_BODY:
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
