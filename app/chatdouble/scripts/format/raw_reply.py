"""Replies that are sent verbatim: bodies and chunks."""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Final

from pydantic import AfterValidator, Field, NonNegativeFloat, model_validator

from chatdouble.core.json import encode, is_array, is_object, values_in
from chatdouble.scripts.format.base import STRING, Spec, is_template
from chatdouble.scripts.format.headers import RawHeaders, checked_length
from chatdouble.scripts.format.templates import fill, fill_text

BODIES: Final = ("text", "json_", "base64")

WITHOUT_BODY: Final = frozenset({204, 205, 304})
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
    if status in WITHOUT_BODY:
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
