"""CreateChatCompletionRequest, the request as the API publishes it (requests#fields)."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from chatdouble.catalogue.data import model_ids
from chatdouble.schema.base import Listed
from chatdouble.schema.messages import Message
from chatdouble.schema.options import (
    AudioOutput,
    FunctionCallChoice,
    ModerationParam,
    Prediction,
    PromptCacheOptions,
    ResponseFormat,
    Stop,
    StreamOptions,
    WebSearchOptions,
)
from chatdouble.schema.tools import LegacyFunction, ToolChoice, Tools

INT64: Final = 9223372036854776000
"""The contract's bound for `seed`: 2**63 rounded as a float."""

OLD: Final = Field(json_schema_extra={"deprecated": True})

ServiceTier = Annotated[
    Literal["auto", "default", "flex", "scale", "priority", "fast"],
    Listed(("auto", "default", "fast", "flex", "priority")),
]
ReasoningEffort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]

Penalty = Annotated[float, Field(ge=-2, le=2)]

NOT_NULL: Final = "not null"
"""Marks a field that must not be null. None means that the field was not sent."""


def _list_models(schema: dict[str, Any]) -> None:
    """Describe a model's name as the contract does: any string, or one of these names."""
    schema.pop("type", None)
    schema["anyOf"] = [{"type": "string"}, {"type": "string", "enum": model_ids()}]


def _tidy(schema: dict[str, Any], model: type[BaseModel]) -> None:
    """Remove the defaults that mean "not sent", and the nulls that the contract does not allow."""
    for name, field in model.model_fields.items():
        written = schema["properties"][name]
        written.pop("default", None)
        if NOT_NULL in field.metadata:
            (some,) = (member for member in written.pop("anyOf") if member != {"type": "null"})
            written |= some


class ChatCompletionRequest(BaseModel):
    """A validated request, which is immutable.

    The fields are in the order in which the API checks them (rules#order-of-checks). This is the published contract;
    rules beyond it, such as limits, names and combinations of fields, are in `chatdouble.validation`.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", json_schema_extra=_tidy)

    model: Annotated[str, Field(json_schema_extra=_list_models)]
    messages: Annotated[list[Message], Field(min_length=1)]
    functions: Annotated[Annotated[list[LegacyFunction], Field(min_length=1, max_length=128)] | None, OLD, NOT_NULL] = (
        None
    )
    function_call: Annotated[FunctionCallChoice | None, OLD, NOT_NULL] = None
    tools: Annotated[Tools | None, NOT_NULL] = None
    tool_choice: Annotated[ToolChoice | None, NOT_NULL] = None
    parallel_tool_calls: Annotated[bool | None, NOT_NULL] = None
    max_completion_tokens: int | None = None
    n: Annotated[int, Field(ge=1, le=128)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Field(ge=0, le=20)] | None = None
    user: Annotated[str | None, OLD, NOT_NULL] = None
    seed: Annotated[int, Field(ge=-INT64, le=INT64), OLD] | None = None
    moderation: ModerationParam | None = None
    safety_identifier: Annotated[str, Field(max_length=128)] | None = None
    prompt_cache_key: str | None = None
    prompt_cache_retention: Annotated[Literal["in_memory", "24h"], OLD] | None = None
    prompt_cache_options: Annotated[PromptCacheOptions | None, NOT_NULL] = None
    response_format: Annotated[ResponseFormat | None, NOT_NULL] = None
    service_tier: ServiceTier | None = None
    max_tokens: Annotated[int, OLD] | None = None
    reasoning_effort: ReasoningEffort | None = None
    logit_bias: dict[str, int] | None = None
    stop: Stop | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    store: bool | None = None
    metadata: dict[str, str] | None = None
    prediction: Prediction | None = None
    verbosity: Literal["low", "medium", "high"] | None = None
    modalities: list[Literal["text", "audio"]] | None = None
    audio: AudioOutput | None = None
    web_search_options: Annotated[WebSearchOptions | None, NOT_NULL] = None
