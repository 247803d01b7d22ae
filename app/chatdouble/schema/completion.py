"""The whole answer, ChatCompletion, exactly as the wire carries it (reference 3.1)."""

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from chatdouble.schema.usage import CompletionUsage

FinishReason = Literal["stop", "length", "tool_calls", "content_filter", "function_call"]
ServiceTier = Literal["auto", "default", "flex", "scale", "priority", "fast"]
UnixTime = Annotated[int, Field(json_schema_extra={"format": "unixtime"})]
Uri = Annotated[str, Field(json_schema_extra={"format": "uri"})]


class FunctionCall(TypedDict):
    """A function's name and its arguments as JSON text."""

    name: str
    arguments: str


class FunctionToolCall(TypedDict):
    """A call of a function tool."""

    id: str
    type: Literal["function"]
    function: FunctionCall


class CustomCall(TypedDict):
    """A custom tool's name and its free-form input."""

    name: str
    input: str


class CustomToolCall(TypedDict):
    """A call of a custom tool."""

    id: str
    type: Literal["custom"]
    custom: CustomCall


ToolCall = FunctionToolCall | CustomToolCall


class UrlCitation(TypedDict):
    """Where in the text a web page is cited; indices count characters."""

    end_index: int
    start_index: int
    title: str
    url: Uri


class Annotation(TypedDict):
    """A web search's citation."""

    type: Literal["url_citation"]
    url_citation: UrlCitation


class Audio(TypedDict):
    """Spoken output: base64 data in the requested format, and what it says."""

    id: str
    data: str
    expires_at: UnixTime
    transcript: str


class Message(TypedDict):
    """What the assistant said; the calls are null only in stored completions, else missing (reference 1)."""

    role: Literal["assistant"]
    content: str | None
    tool_calls: NotRequired[list[ToolCall] | None]
    function_call: NotRequired[FunctionCall | None]
    refusal: NotRequired[str | None]
    audio: NotRequired[Audio | None]
    annotations: NotRequired[list[Annotation]]


class TopLogprob(TypedDict):
    """One of the likeliest tokens at a position; logprob is a natural logarithm."""

    token: str
    logprob: float
    bytes: list[int] | None


class TokenLogprob(TypedDict):
    """The token at a position, its natural-log probability and the likeliest alternatives."""

    token: str
    logprob: float
    bytes: list[int] | None
    top_logprobs: list[TopLogprob]


class Logprobs(TypedDict):
    """The log probabilities of a choice's content and refusal tokens."""

    content: list[TokenLogprob] | None
    refusal: NotRequired[list[TokenLogprob] | None]


class Choice(TypedDict):
    """One of the `n` answers. The `logprobs` key is missing on some families (wire 3)."""

    index: int
    message: Message
    logprobs: NotRequired[Logprobs | None]
    finish_reason: FinishReason


class ModerationResult(TypedDict):
    """What a moderation model thinks of one text."""

    type: Literal["moderation_result"]
    model: str
    flagged: bool
    categories: dict[str, bool]
    category_scores: dict[str, float]
    category_applied_input_types: dict[str, list[Literal["text", "image"]]]


class ModerationResults(TypedDict):
    """The moderation of the request's input or of the answer's output."""

    type: Literal["moderation_results"]
    model: str
    results: list[ModerationResult]


class ModerationError(TypedDict):
    """A moderation that failed."""

    type: Literal["error"]
    code: str
    message: str


class Moderation(TypedDict):
    """Both moderations of a call that asked for them."""

    input: ModerationResults | ModerationError
    output: ModerationResults | ModerationError


class Completion(TypedDict):
    """A whole answer; the key order is the wire's (wire-observations 3)."""

    id: str
    object: Literal["chat.completion"]
    created: UnixTime
    model: str
    choices: list[Choice]
    usage: NotRequired[CompletionUsage]
    service_tier: NotRequired[ServiceTier | None]
    moderation: NotRequired[Moderation | None]
    system_fingerprint: NotRequired[str | None]
    metadata: NotRequired[dict[str, str] | None]
