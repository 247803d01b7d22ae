"""A recorded response: its bytes, in the form that reads best."""

import base64
import binascii
from typing import Any, ClassVar, Final, Self

import orjson
from pydantic import Field, NonNegativeFloat, model_validator

from chatdouble.script.spec import STRING, Spec

FRAME: Final = (b"data: ", b"\n\n")
"""What stands around the data of a frame of an event stream (wire 4)."""

_FORMS: Final = ("json_", "text", "base64")


class PieceSpec(Spec):
    """Some bytes of a response, in one of the forms. A string is its text.

    Attributes:
        json_: Compact JSON.
        text: Text, in UTF-8.
        base64: Any bytes, in base64.
        at: Seconds after the request at which it is sent; None: with what comes before.
    """

    FORMS: ClassVar[tuple[str, ...]] = _FORMS
    SHORT: ClassVar[tuple[dict[str, Any], ...]] = (STRING,)

    json_: Any = Field(default=None, alias="json")
    text: str | None = None
    base64: str | None = None
    at: NonNegativeFloat | None = None

    @classmethod
    def short(cls, given: Any) -> Any:
        """Take a string as the text."""
        return {"text": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if len(self.model_fields_set.intersection(self.FORMS)) != 1:
            raise ValueError(f"give one of {', '.join(form.rstrip('_') for form in self.FORMS)}")
        if self.base64 is not None:
            try:
                base64.b64decode(self.base64, validate=True)
            except binascii.Error as wrong:
                raise ValueError(f"not base64: {wrong}") from None
        return self

    def content(self) -> bytes:
        """Return its bytes."""
        if self.base64 is not None:
            return base64.b64decode(self.base64)
        return orjson.dumps(self.json_) if "json_" in self.model_fields_set else (self.text or "").encode()


class FrameSpec(PieceSpec):
    r"""One frame of an event stream, or any other bytes of it. A string is the text.

    Attributes:
        data: What stands between `data: ` and the blank line: compact JSON, or a string as it is (`[DONE]`).
    """

    FORMS: ClassVar[tuple[str, ...]] = ("data", "text", "base64", "json_")

    data: Any = None

    def content(self) -> bytes:
        """Return its bytes."""
        if "data" not in self.model_fields_set:
            return super().content()
        data = self.data.encode() if isinstance(self.data, str) else orjson.dumps(self.data)
        return data.join(FRAME)


class RecordedSpec(Spec):
    """A response as an upstream gave it. Nothing in it is a template.

    Attributes:
        status: The HTTP status.
        headers: The headers in order; several of one name are a list.
        body: The body, whole.
        stream: The body in pieces, as they came.
    """

    status: int = Field(default=200, ge=200, le=599)
    headers: dict[str, str | list[str]] = Field(default_factory=dict)
    body: PieceSpec | None = None
    stream: list[FrameSpec] | None = None

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        if (self.body is None) == (self.stream is None):
            raise ValueError("a recorded response has either a body or a stream")
        return self

    def pieces(self) -> list[tuple[float | None, bytes]]:
        """Return when each piece of the body is due, in seconds after the request, and its bytes."""
        specs = [self.body] if self.body is not None else (self.stream or [])
        return [(spec.at, spec.content()) for spec in specs]

    def head(self) -> list[tuple[bytes, bytes]]:
        """Return the headers, with the length of a whole body."""
        headers = [
            (name.lower().encode("latin-1", "replace"), value.encode("latin-1", "replace"))
            for name, given in self.headers.items()
            for value in ([given] if isinstance(given, str) else given)
        ]
        length = [(b"content-length", b"%d" % len(self.body.content()))] if self.body is not None else []
        return [*headers, *length]
