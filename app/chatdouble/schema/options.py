"""The options of a request that are objects (requests#fields)."""

from typing import Annotated, Any, Final, Literal, NotRequired

from pydantic import Discriminator, Field, Tag, with_config
from typing_extensions import TypedDict

from chatdouble.core.json import json_type
from chatdouble.schema.base import CLOSED, OPEN, Listed
from chatdouble.schema.messages import TextContent
from chatdouble.schema.nullable import Nullable

VOICES: Final = (
    *("alloy", "ash", "ballad", "coral", "echo"),
    *("sage", "shimmer", "verse", "marin", "cedar"),
)


@with_config(CLOSED)
class TextResponse(TypedDict):
    """Text as the response format."""

    type: Literal["text"]


@with_config(CLOSED)
class JSONSchemaFormat(TypedDict):
    """The schema that the answer follows."""

    name: str
    description: NotRequired[Nullable[str]]
    schema: NotRequired[Nullable[dict[str, Any]]]
    strict: NotRequired[bool | None]


@with_config(CLOSED)
class JSONSchemaResponse(TypedDict):
    """JSON under a schema as the response format."""

    type: Literal["json_schema"]
    json_schema: JSONSchemaFormat


@with_config(CLOSED)
class JSONObjectResponse(TypedDict):
    """A JSON object as the response format."""

    type: Literal["json_object"]


ResponseFormat = Annotated[
    TextResponse | JSONSchemaResponse | JSONObjectResponse,
    Field(discriminator="type"),
    Listed(("json_object", "json_schema", "text")),
]


@with_config(CLOSED)
class CustomVoice(TypedDict):
    """The id of a custom voice."""

    id: str


def _list_voices(schema: dict[str, Any]) -> None:
    """Describe a voice as the contract does: any string, or one of these names."""
    schema.pop("type", None)
    schema["anyOf"] = [{"type": "string"}, {"type": "string", "enum": list(VOICES)}]


Voice = Annotated[
    Annotated[str, Tag("string"), Field(json_schema_extra=_list_voices)] | Annotated[CustomVoice, Tag("object")],
    Discriminator(json_type),
]


@with_config(CLOSED)
class AudioOutput(TypedDict):
    """Options of audio output."""

    voice: Voice
    format: Literal["wav", "aac", "mp3", "flac", "opus", "pcm16"]


@with_config(CLOSED)
class PromptCacheOptions(TypedDict):
    """Options of prompt caching."""

    ttl: NotRequired[Nullable[Literal["30m"]]]
    mode: NotRequired[Nullable[Literal["implicit", "explicit"]]]


@with_config(CLOSED)
class Location(TypedDict):
    """The approximate location of the user."""

    country: NotRequired[Nullable[str]]
    region: NotRequired[Nullable[str]]
    city: NotRequired[Nullable[str]]
    timezone: NotRequired[Nullable[str]]


@with_config(CLOSED)
class UserLocation(TypedDict):
    """The location of a web search."""

    type: Literal["approximate"]
    approximate: Location


@with_config(CLOSED)
class WebSearchOptions(TypedDict):
    """Options of a web search."""

    user_location: NotRequired[UserLocation | None]
    search_context_size: NotRequired[Nullable[Literal["low", "medium", "high"]]]


@with_config(CLOSED)
class ModerationConfig(TypedDict):
    """The moderation mode: scores only, or blocking."""

    mode: Literal["score", "block"]


@with_config(CLOSED)
class ModerationPolicy(TypedDict):
    """The moderation modes of input and output."""

    input: NotRequired[ModerationConfig | None]
    output: NotRequired[ModerationConfig | None]


@with_config(CLOSED)
class ModerationParam(TypedDict):
    """The moderation model and its policy."""

    model: str
    policy: NotRequired[ModerationPolicy | None]


@with_config(CLOSED)
class StreamOptions(TypedDict):
    """Options of a stream."""

    include_usage: NotRequired[Nullable[bool]]
    include_obfuscation: NotRequired[Nullable[bool]]


@with_config(CLOSED)
class Prediction(TypedDict):
    """The expected content of the answer."""

    type: Literal["content"]
    content: TextContent


@with_config(OPEN)
class FunctionCallOption(TypedDict):
    """A function that must be called, in the legacy form."""

    name: str


FunctionCallChoice = Annotated[
    Annotated[Literal["none", "auto"], Tag("string")] | Annotated[FunctionCallOption, Tag("object")],
    Discriminator(json_type),
]

Stop = Annotated[
    Annotated[str, Tag("string")]
    | Annotated[list[str], Field(max_length=4, json_schema_extra={"minItems": 1}), Tag("array")],
    Discriminator(json_type),
]
