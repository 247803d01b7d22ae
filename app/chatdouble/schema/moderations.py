"""Moderations: the request as the API publishes it, and the answer with its keys in the wire's order."""

from collections.abc import Callable
from functools import cached_property
from typing import Annotated, Any, ClassVar, Final, Literal, NotRequired, get_args

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema
from typing_extensions import TypedDict

from chatdouble.schema.base import OPEN

DEFAULT_MODEL: Final = "omni-moderation-latest"
"""The model of a request that names none."""

Category = Literal[
    "harassment",
    "harassment/threatening",
    "sexual",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm/intent",
    "self-harm/instructions",
    "self-harm",
    "sexual/minors",
    "violence",
    "violence/graphic",
]
InputType = Literal["text", "image"]


class ModeratedImageURL(BaseModel):
    """An image, by its URL or as a data URL."""

    model_config = OPEN

    url: Annotated[str, Field(json_schema_extra={"format": "uri"})]


class ModeratedImage(BaseModel):
    """An image to classify."""

    model_config = OPEN

    type: Literal["image_url"]
    image_url: ModeratedImageURL


class ModeratedText(BaseModel):
    """A text to classify."""

    model_config = OPEN

    type: Literal["text"]
    text: str


Part = ModeratedImage | ModeratedText


def _tidy(schema: dict[str, Any]) -> None:
    schema["properties"]["model"]["default"] = DEFAULT_MODEL


class ModerationRequest(BaseModel):
    """A request for moderation.

    Attributes:
        input: A text, texts, or the parts of one message.
        model: The model's name.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", json_schema_extra=_tidy)

    stream: ClassVar[bool] = False

    input: str | list[str] | list[Part]
    model: str = DEFAULT_MODEL

    def messages(self) -> list[list[Part]]:
        """Return what is classified, each with its parts: every text by itself, or all parts together."""
        return self._messages

    @cached_property
    def _messages(self) -> list[list[Part]]:
        given = self.input
        if isinstance(given, str):
            return [[ModeratedText(type="text", text=given)]]
        texts: list[list[Part]] = [[ModeratedText(type="text", text=one)] for one in given if isinstance(one, str)]
        parts = [one for one in given if not isinstance(one, str)]
        return [*texts, *([parts] if parts else [])]


_NEWER: Final = frozenset({"illicit", "illicit/violent"})
"""The categories that older models do not know."""
OF_IMAGES: Final = frozenset(
    {"sexual", "self-harm", "self-harm/intent", "self-harm/instructions", "violence", "violence/graphic"}
)
"""The categories that apply to images too."""

_BOOLEAN: Final[dict[str, Any]] = {"type": "boolean"}
_NUMBER: Final[dict[str, Any]] = {"type": "number"}


def _by_category(value: Callable[[str], dict[str, Any]]) -> WithJsonSchema:
    """Describe an object with a value for each category, as the contract does."""
    names: tuple[str, ...] = get_args(Category)
    required = [name for name in names if name not in _NEWER]
    return WithJsonSchema({"type": "object", "properties": {name: value(name) for name in names}, "required": required})


def _flag(name: str) -> dict[str, Any]:
    return {"anyOf": [_BOOLEAN, {"type": "null"}]} if name in _NEWER else _BOOLEAN


def _input_types(name: str) -> dict[str, Any]:
    kinds = ["text", "image"] if name in OF_IMAGES else ["text"]
    return {"type": "array", "items": {"type": "string", "enum": kinds}}


class Judgement(TypedDict):
    """The findings of a moderation model. Older models do not name the types of input."""

    flagged: bool
    categories: Annotated[dict[str, bool], _by_category(_flag)]
    category_scores: Annotated[dict[str, float], _by_category(lambda _: _NUMBER)]
    category_applied_input_types: NotRequired[Annotated[dict[str, list[InputType]], _by_category(_input_types)]]


class ModerationList(TypedDict):
    """The answer to a request for moderation."""

    id: str
    model: str
    results: list[Judgement]
