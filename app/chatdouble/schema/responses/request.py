"""CreateResponse, the request as the API publishes it."""

from typing import Annotated, Any, Final, Literal, NotRequired

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, with_config
from typing_extensions import TypedDict

from chatdouble.core.json import json_type
from chatdouble.schema.base import CLOSED, OPEN, Listed, Noun
from chatdouble.schema.nullable import Nullable
from chatdouble.schema.options import ModerationParam, PromptCacheOptions
from chatdouble.schema.request import OLD, Penalty, ReasoningEffort, ServiceTier
from chatdouble.schema.responses.items import InputParam
from chatdouble.schema.responses.tools import Tool, ToolChoice

LEAST_OUTPUT: Final = 16
"""The least `max_output_tokens`."""


@with_config(CLOSED)
class Prompt(TypedDict):
    """A stored prompt."""

    id: str
    version: NotRequired[str | None]
    variables: NotRequired[dict[str, Any] | None]


@with_config(CLOSED)
class ResponseTextFormat(TypedDict):
    """Text as the format."""

    type: Literal["text"]


@with_config(CLOSED)
class ResponseJSONSchemaFormat(TypedDict):
    """JSON under a schema as the format. The schema is strict unless the request says otherwise."""

    type: Literal["json_schema"]
    name: str
    schema: dict[str, Any]
    description: NotRequired[str | None]
    strict: NotRequired[bool | None]


@with_config(CLOSED)
class JSONObjectFormat(TypedDict):
    """A JSON object as the format."""

    type: Literal["json_object"]


@with_config(CLOSED)
class TextOptions(TypedDict):
    """The format and the verbosity of the text."""

    format: NotRequired[
        Nullable[
            Annotated[
                ResponseTextFormat | ResponseJSONSchemaFormat | JSONObjectFormat,
                Field(discriminator="type"),
                Listed(("json_object", "text", "json_schema")),
            ]
        ]
    ]
    verbosity: NotRequired[Literal["low", "medium", "high"] | None]


_Summary = Annotated[Literal["auto", "concise", "detailed"], Listed(("concise", "detailed", "auto"))]


@with_config(CLOSED)
class ReasoningOptions(TypedDict):
    """The effort of the model's reasoning, and its summary."""

    effort: NotRequired[ReasoningEffort | None]
    summary: NotRequired[_Summary | None]
    generate_summary: NotRequired[_Summary | None]
    mode: NotRequired[str | None]
    context: NotRequired[Literal["auto", "current_turn", "all_turns"] | None]


@with_config(CLOSED)
class ResponseStreamOptions(TypedDict):
    """Options of a stream."""

    include_obfuscation: NotRequired[Nullable[bool]]


@with_config(OPEN)
class ConversationReference(TypedDict):
    """A conversation by its id."""

    id: str


@with_config(OPEN)
class ContextManagement(TypedDict):
    """The way to keep a long conversation within the context."""

    type: str


Conversation = Annotated[
    Annotated[str, Tag("string")] | Annotated[ConversationReference, Tag("object")], Discriminator(json_type)
]

Include = Literal[
    "file_search_call.results",
    "web_search_call.results",
    "web_search_call.action.sources",
    "message.input_image.image_url",
    "computer_call_output.output.image_url",
    "code_interpreter_call.outputs",
    "reasoning.encrypted_content",
    "message.output_text.logprobs",
]


def _tidy(schema: dict[str, Any], model: type[BaseModel]) -> None:
    """Remove the defaults that mean "not sent"."""
    for name in model.model_fields:
        schema["properties"][name].pop("default", None)


class ResponsesRequest(BaseModel):
    """A validated request, which is immutable.

    The fields are in the order in which the API checks them (responses#order-of-checks). This is the published
    contract; rules beyond it are in `chatdouble.validation.responses`.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", json_schema_extra=_tidy)

    model: str = ""
    input: Annotated[InputParam | None, Noun("one of a string or array of input items")] = None
    previous_response_id: str | None = None
    prompt: Prompt | None = None
    moderation: ModerationParam | None = None
    include: list[Include] | None = None
    tools: Nullable[list[Tool]] = None
    tool_choice: ToolChoice | None = None
    metadata: dict[str, str] | None = None
    text: Nullable[TextOptions] = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    parallel_tool_calls: bool | None = None
    stream: bool | None = None
    stream_options: ResponseStreamOptions | None = None
    background: bool | None = None
    max_output_tokens: Annotated[int, Field(ge=LEAST_OUTPUT)] | None = None
    max_tool_calls: Annotated[int, Field(ge=1)] | None = None
    reasoning: ReasoningOptions | None = None
    user: Annotated[str | None, OLD] = None
    safety_identifier: Annotated[str, Field(max_length=64)] | None = None
    prompt_cache_options: Nullable[PromptCacheOptions] = None
    prompt_cache_key: str | None = None
    prompt_cache_retention: Annotated[Literal["in_memory", "24h"], OLD] | None = None
    truncation: Annotated[Literal["auto", "disabled"], OLD] | None = None
    instructions: str | None = None
    store: bool | None = None
    service_tier: ServiceTier | None = None
    top_logprobs: Annotated[int, Field(ge=0, le=20)] | None = None
    context_management: Nullable[Annotated[list[ContextManagement], Field(min_length=1)]] = None
    conversation: Conversation | None = None
    image: Nullable[Annotated[dict[str, Any], Noun("an object")]] = None
    access_programs: Nullable[dict[str, Any]] = None
    background_options: Nullable[dict[str, Any]] = None

    def includes(self, part: Include) -> bool:
        """Tell whether the request asks for a part that answers do not have by themselves."""
        return self.include is not None and part in self.include

    @property
    def conversation_id(self) -> str | None:
        """The conversation's id, if there is one."""
        given = self.conversation
        return given["id"] if isinstance(given, dict) else given
