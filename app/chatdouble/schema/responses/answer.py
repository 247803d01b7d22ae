"""Response, the API's answer, exactly as the API sends it."""

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from chatdouble.schema.completion import TokenLogprob, UnixTime

Status = Literal["completed", "failed", "in_progress", "cancelled", "queued", "incomplete"]
ItemStatus = Literal["in_progress", "completed", "incomplete"]


class ResponseURLCitation(TypedDict):
    """A web page, and the part of the text that cites it. Indices count characters."""

    type: Literal["url_citation"]
    end_index: int
    start_index: int
    title: str
    url: str


class OutputText(TypedDict):
    """A text, its keys in the API's order."""

    type: Literal["output_text"]
    annotations: list[ResponseURLCitation]
    logprobs: list[TokenLogprob]
    text: str


class Refusal(TypedDict):
    """A refusal."""

    type: Literal["refusal"]
    refusal: str


class OutputMessage(TypedDict):
    """The assistant's message. Newer models name its phase."""

    id: str
    type: Literal["message"]
    status: ItemStatus
    content: list[OutputText | Refusal]
    phase: NotRequired[Literal["commentary", "final_answer"]]
    role: Literal["assistant"]


class FunctionCallItem(TypedDict):
    """A call of a function."""

    id: str
    type: Literal["function_call"]
    status: ItemStatus
    arguments: str
    call_id: str
    name: str
    namespace: NotRequired[str]


class CustomToolCallItem(TypedDict):
    """A call of a custom tool."""

    id: str
    type: Literal["custom_tool_call"]
    status: ItemStatus
    call_id: str
    input: str
    name: str


class SummaryText(TypedDict):
    """A part of a reasoning summary."""

    type: Literal["summary_text"]
    text: str


class ReasoningText(TypedDict):
    """A part of the reasoning itself, which only open models show."""

    type: Literal["reasoning_text"]
    text: str


class ReasoningItem(TypedDict):
    """The reasoning before the answer."""

    id: str
    type: Literal["reasoning"]
    content: NotRequired[list[ReasoningText]]
    encrypted_content: NotRequired[str]
    summary: list[SummaryText]


class WebSearchAction(TypedDict):
    """The search of a web search call."""

    type: Literal["search"]
    queries: list[str]
    query: str


class WebSearchItem(TypedDict):
    """A web search that the API made itself."""

    id: str
    type: Literal["web_search_call"]
    status: Literal["in_progress", "searching", "completed", "failed"]
    action: WebSearchAction


OutputItem = OutputMessage | FunctionCallItem | CustomToolCallItem | ReasoningItem | WebSearchItem


class InputTokensDetails(TypedDict):
    """The parts of the input's tokens."""

    cache_write_tokens: int
    cached_tokens: int


class OutputTokensDetails(TypedDict):
    """The parts of the output's tokens."""

    reasoning_tokens: int


class ResponseUsage(TypedDict):
    """The tokens of a response."""

    input_tokens: int
    input_tokens_details: InputTokensDetails
    output_tokens: int
    output_tokens_details: OutputTokensDetails
    total_tokens: int


class ResponseError(TypedDict):
    """The reason why a response failed."""

    code: str
    message: str


class IncompleteDetails(TypedDict):
    """The reason why a response is incomplete."""

    reason: Literal["max_output_tokens", "content_filter"]


class Response(TypedDict):
    """A response, its keys in the API's order (responses#key-order)."""

    id: str
    object: Literal["response"]
    created_at: UnixTime
    status: Status
    background: bool
    billing: NotRequired[dict[str, str]]
    completed_at: UnixTime | None
    conversation: NotRequired[dict[str, str]]
    error: ResponseError | None
    frequency_penalty: float
    incomplete_details: IncompleteDetails | None
    instructions: str | list[dict[str, Any]] | None
    max_output_tokens: int | None
    max_tool_calls: int | None
    model: str
    moderation: dict[str, Any] | None
    output: list[OutputItem]
    parallel_tool_calls: bool
    presence_penalty: float
    previous_response_id: str | None
    prompt: NotRequired[dict[str, Any] | None]
    prompt_cache_key: str | None
    prompt_cache_retention: str | None
    reasoning: dict[str, Any]
    safety_identifier: str | None
    service_tier: str
    store: bool
    temperature: float
    text: dict[str, Any]
    tool_choice: str | dict[str, Any]
    tool_usage: dict[str, Any]
    tools: list[dict[str, Any]]
    top_logprobs: int
    top_p: float
    truncation: str
    usage: ResponseUsage | None
    user: str | None
    metadata: dict[str, str]
