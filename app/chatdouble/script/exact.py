"""Answers that are sent as they are written: bodies and chunks."""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

import orjson
from pydantic import Field, NonNegativeFloat, model_validator

from chatdouble.script.kinds import is_object
from chatdouble.script.spec import STRING, Spec
from chatdouble.script.templates import fill, fill_text

BODIES: Final = ("text", "json_", "base64")


class BodySpec(Spec):
    """A response sent exactly as it is. A string is its text.

    Attributes:
        status: The HTTP status.
        headers: The response's headers; without a content type it is that of the kind of body.
        text: The body as text.
        json_: The body as JSON.
        base64: The body's bytes in base64.
    """

    SHORT: ClassVar[tuple[dict[str, Any], ...]] = (STRING,)

    status: int = Field(default=200, ge=200, le=599)
    headers: dict[str, str] = Field(default_factory=dict)
    text: str | None = None
    json_: Any = Field(default=None, alias="json")
    base64: str | None = None

    @classmethod
    def short(cls, given: Any) -> Any:
        """Take a string as the text."""
        return {"text": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _one_body(self) -> "BodySpec":
        given = self.model_fields_set.intersection(BODIES)
        if len(given) > 1:
            raise ValueError("text, json and base64 are all the body: give one of them")
        if self.base64 is not None:
            try:
                base64.b64decode(self.base64, validate=True)
            except binascii.Error as wrong:
                raise ValueError(f"not base64: {wrong}") from None
        return self

    def filled(self, variables: Callable[[], Mapping[str, Any]]) -> tuple[bytes, str]:
        """Return the body's bytes, its templates filled, and the content type that goes with them.

        Raises:
            TemplateFailedError: A template cannot be filled.
        """
        if self.base64 is not None:
            return base64.b64decode(self.base64), "application/octet-stream"
        if "json_" in self.model_fields_set:
            return orjson.dumps(fill(self.json_, variables)), "application/json"
        return fill_text(self.text or "", variables).encode(), "text/plain; charset=utf-8"


class ChunkSpec(Spec):
    """One piece of a stream: text, an exact chunk, or raw bytes of the event stream. A string is its text.

    Attributes:
        text: Content; the chunk around it is made.
        chunk: A chunk; of `id`, `object`, `created` and `model`, those that are missing are filled in.
        raw: Text sent as it is, in the place of a whole SSE frame.
        at: Seconds after the request at which it is sent; None: as the pace has it.
    """

    SHORT: ClassVar[tuple[dict[str, Any], ...]] = (
        STRING,
        {"type": "object", "required": ["choices"], "description": "A chunk as the API has it"},
    )

    text: str | None = None
    chunk: dict[str, Any] | None = None
    raw: str | None = None
    at: NonNegativeFloat | None = None

    @classmethod
    def short(cls, given: Any) -> Any:
        """Take a string as text and the API's own object as the chunk."""
        if isinstance(given, str):
            return {"text": given}
        return {"chunk": given} if is_object(given) and "choices" in given else given

    @model_validator(mode="after")
    def _one_piece(self) -> "ChunkSpec":
        if len(self.model_fields_set & {"text", "chunk", "raw"}) != 1:
            raise ValueError("a piece of a stream is one of text, chunk and raw")
        return self

    def content(self) -> Any:
        """Return whichever of text, chunk and raw it is."""
        return next(part for part in (self.text, self.chunk, self.raw) if part is not None)
