"""CreateChatCompletionRequest, the request as the API publishes it (requests#fields)."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from chatdouble.catalogue.data import model_ids
from chatdouble.schema.base import Listed, Noun
from chatdouble.schema.messages import Message
from chatdouble.schema.nullable import Nullable
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

Functions = Annotated[list[LegacyFunction], Field(min_length=1, max_length=128)]
Penalty = Annotated[float, Field(ge=-2, le=2)]


def _list_models(schema: dict[str, Any]) -> None:
    """Describe a model's name as the contract does: any string, or one of these names."""
    schema.pop("type", None)
    schema["anyOf"] = [{"type": "string"}, {"type": "string", "enum": model_ids()}]


def _tidy(schema: dict[str, Any], model: type[BaseModel]) -> None:
    """Remove the defaults that mean "not sent"."""
    for name in model.model_fields:
        schema["properties"][name].pop("default", None)


class ChatCompletionRequest(BaseModel):
    """A validated request, which is immutable.

    The fields are in the order in which the API checks them (rules#order-of-checks). This is the published contract;
    rules beyond it, such as limits, names and combinations of fields, are in `chatdouble.validation`.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", json_schema_extra=_tidy)

    model: Annotated[str, Field(json_schema_extra=_list_models)]
    messages: Annotated[list[Message], Field(min_length=1)]
    functions: Annotated[Nullable[Functions], OLD, Noun("an array of function definitions")] = None
    function_call: Annotated[Nullable[FunctionCallChoice], OLD] = None
    tools: Nullable[Tools] = None
    tool_choice: Nullable[ToolChoice] = None
    parallel_tool_calls: Nullable[bool] = None
    max_completion_tokens: int | None = None
    n: Annotated[int, Field(ge=1, le=128)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Field(ge=0, json_schema_extra={"maximum": 20})] | None = None
    user: Annotated[Nullable[str], OLD] = None
    seed: Annotated[int, Field(ge=-INT64, le=INT64), OLD] | None = None
    moderation: ModerationParam | None = None
    safety_identifier: Annotated[str, Field(max_length=128)] | None = None
    prompt_cache_options: Nullable[PromptCacheOptions] = None
    prompt_cache_key: str | None = None
    prompt_cache_retention: Annotated[Literal["in_memory", "24h"], OLD] | None = None
    response_format: Nullable[ResponseFormat] = None
    service_tier: ServiceTier | None = None
    max_tokens: Annotated[int, OLD] | None = None
    reasoning_effort: ReasoningEffort | None = None
    logit_bias: dict[str, int] | None = None
    stop: Stop | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    store: bool | None = None
    metadata: Annotated[dict[str, str] | None, Noun("a metadata object")] = None
    prediction: Prediction | None = None
    verbosity: Literal["low", "medium", "high"] | None = None
    modalities: list[Literal["text", "audio"]] | None = None
    audio: AudioOutput | None = None
    web_search_options: Nullable[WebSearchOptions] = None
