"""ChatCompletion, the API's answer, exactly as the API sends it (answers#key-order)."""

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict


class PromptTokensDetails(TypedDict):
    """The parts of the prompt's tokens, in the API's order (answers#usage).

    Audio models add `text_tokens` and `image_tokens`, gpt-5.6 and later `cache_write_tokens`, and search
    models have only `cached_tokens` (answers#usage).

    Attributes:
        cached_tokens: Tokens read from the prompt cache.
        cache_write_tokens: Tokens written to the prompt cache.
        audio_tokens: Tokens of audio.
        text_tokens: Tokens of text.
        image_tokens: Tokens of images.
    """

    cached_tokens: NotRequired[int]
    cache_write_tokens: NotRequired[int]
    audio_tokens: NotRequired[int]
    text_tokens: NotRequired[int]
    image_tokens: NotRequired[int]


class CompletionTokensDetails(TypedDict):
    """The parts of the completion's tokens, in the API's order (answers#usage).

    Attributes:
        reasoning_tokens: Tokens of reasoning, which the answer does not show.
        audio_tokens: Tokens of audio output.
        accepted_prediction_tokens: Tokens of the prediction that are in the completion.
        rejected_prediction_tokens: Tokens of the prediction that are not, which are billed as well.
        text_tokens: Tokens of text; only audio models have it.
    """

    reasoning_tokens: NotRequired[int]
    audio_tokens: NotRequired[int]
    accepted_prediction_tokens: NotRequired[int]
    rejected_prediction_tokens: NotRequired[int]
    text_tokens: NotRequired[int]


class CompletionUsage(TypedDict):
    """The tokens of a request and all its choices (answers#usage).

    Attributes:
        prompt_tokens: Tokens of the prompt.
        completion_tokens: Tokens of the completion, reasoning included.
        total_tokens: The sum of both.
        prompt_tokens_details: The parts of the prompt's tokens; absent before 2024-10.
        completion_tokens_details: The parts of the completion's tokens; absent before 2024-09.
    """

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: NotRequired[PromptTokensDetails]
    completion_tokens_details: NotRequired[CompletionTokensDetails]


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
    """A web page, and the part of the text that cites it. Indices count characters."""

    end_index: int
    start_index: int
    title: str
    url: Uri


class Annotation(TypedDict):
    """A web search's citation."""

    type: Literal["url_citation"]
    url_citation: UrlCitation


class Audio(TypedDict):
    """Audio output: base64 data in the requested format, and its transcript."""

    id: str
    data: str
    expires_at: UnixTime
    transcript: str


class Message(TypedDict):
    """The assistant's message. Absent calls are null in stored completions alone (answers#message)."""

    role: Literal["assistant"]
    content: str | None
    tool_calls: NotRequired[list[ToolCall] | None]
    function_call: NotRequired[FunctionCall | None]
    refusal: NotRequired[str | None]
    audio: NotRequired[Audio | None]
    annotations: NotRequired[list[Annotation]]


class TopLogprob(TypedDict):
    """One of the likeliest tokens at a position; `logprob` is a natural logarithm."""

    token: str
    logprob: float
    bytes: list[int] | None


class TokenLogprob(TypedDict):
    """The token at a position, its log probability and the likeliest tokens there."""

    token: str
    logprob: float
    bytes: list[int] | None
    top_logprobs: list[TopLogprob]


class Logprobs(TypedDict):
    """The log probabilities of a choice's content and refusal tokens."""

    content: list[TokenLogprob] | None
    refusal: NotRequired[list[TokenLogprob] | None]


class Choice(TypedDict):
    """One of the `n` choices. Some model families have no `logprobs` (answers#choices)."""

    index: int
    message: Message
    logprobs: NotRequired[Logprobs | None]
    finish_reason: FinishReason


class ModerationResult(TypedDict):
    """The result of a moderation model for one text."""

    type: Literal["moderation_result"]
    model: str
    flagged: bool
    categories: dict[str, bool]
    category_scores: dict[str, float]
    category_applied_input_types: dict[str, list[Literal["text", "image"]]]


class ModerationResults(TypedDict):
    """The moderation of the input or of the output."""

    type: Literal["moderation_results"]
    model: str
    results: list[ModerationResult]


class ModerationError(TypedDict):
    """A moderation that failed."""

    type: Literal["error"]
    code: str
    message: str


class Moderation(TypedDict):
    """The moderation of a call's input and output."""

    input: ModerationResults | ModerationError
    output: ModerationResults | ModerationError


class Completion(TypedDict):
    """A completion, its keys in the API's order (answers#key-order)."""

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
