"""The events of a streamed response, exactly as the API sends them (responses#streams)."""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from chatdouble.schema.completion import TokenLogprob
from chatdouble.schema.responses.answer import OutputItem, OutputText, ReasoningText, Refusal, Response, SummaryText


class _Event(TypedDict):
    """The number that every event has. Deltas are padded."""

    sequence_number: int
    obfuscation: NotRequired[str]


class _OfItem(_Event):
    """The item that every event within an item names."""

    item_id: str
    output_index: int


class _OfPart(_OfItem):
    """The part that every event within a part names."""

    content_index: int


class StateEvent(_Event):
    """The response as it begins and as it ends."""

    type: Literal[
        "response.created",
        "response.queued",
        "response.in_progress",
        "response.completed",
        "response.incomplete",
        "response.failed",
    ]
    response: Response


class ItemEvent(_Event):
    """An item as it begins and as it ends."""

    type: Literal["response.output_item.added", "response.output_item.done"]
    item: OutputItem
    output_index: int


class PartEvent(_OfPart):
    """A part of an item as it begins and as it ends."""

    type: Literal["response.content_part.added", "response.content_part.done"]
    part: OutputText | Refusal | ReasoningText


class TextDelta(_OfPart):
    """A piece of a text."""

    type: Literal["response.output_text.delta"]
    delta: str
    logprobs: list[TokenLogprob]


class TextDone(_OfPart):
    """A whole text."""

    type: Literal["response.output_text.done"]
    text: str
    logprobs: list[TokenLogprob]


class AnnotationAdded(_OfPart):
    """A citation in a text."""

    type: Literal["response.output_text.annotation.added"]
    annotation: dict[str, Any]
    annotation_index: int


class PartDelta(_OfPart):
    """A piece of a refusal or of reasoning."""

    type: Literal["response.refusal.delta", "response.reasoning_text.delta"]
    delta: str


class RefusalDone(_OfPart):
    """A whole refusal."""

    type: Literal["response.refusal.done"]
    refusal: str


class ReasoningTextDone(_OfPart):
    """A whole part of reasoning."""

    type: Literal["response.reasoning_text.done"]
    text: str


class InputDelta(_OfItem):
    """A piece of what a tool is called with."""

    type: Literal[
        "response.function_call_arguments.delta",
        "response.custom_tool_call_input.delta",
        "response.code_interpreter_call_code.delta",
    ]
    delta: str


class InputDone(_OfItem):
    """All of what a tool is called with, under the name that it has in the call."""

    type: Literal[
        "response.function_call_arguments.done",
        "response.custom_tool_call_input.done",
        "response.code_interpreter_call_code.done",
    ]
    arguments: NotRequired[str]
    input: NotRequired[str]
    code: NotRequired[str]


class SummaryPart(_OfItem):
    """A part of a reasoning summary as it begins and as it ends."""

    type: Literal["response.reasoning_summary_part.added", "response.reasoning_summary_part.done"]
    part: SummaryText
    summary_index: int


class SummaryDelta(_OfItem):
    """A piece of a reasoning summary."""

    type: Literal["response.reasoning_summary_text.delta"]
    delta: str
    summary_index: int


class SummaryDone(_OfItem):
    """A whole part of a reasoning summary."""

    type: Literal["response.reasoning_summary_text.done"]
    text: str
    summary_index: int


class HostedCallEvent(_OfItem):
    """A stage of a call that the API makes itself."""

    type: Literal[
        "response.web_search_call.in_progress",
        "response.web_search_call.searching",
        "response.web_search_call.completed",
        "response.file_search_call.in_progress",
        "response.file_search_call.searching",
        "response.file_search_call.completed",
        "response.code_interpreter_call.in_progress",
        "response.code_interpreter_call.interpreting",
        "response.code_interpreter_call.completed",
        "response.image_generation_call.in_progress",
        "response.image_generation_call.generating",
        "response.image_generation_call.completed",
        "response.mcp_call.in_progress",
        "response.mcp_call.completed",
    ]


class StreamError(TypedDict):
    """The reason why a stream failed."""

    type: str
    code: str | None
    message: str
    param: str | None


class ErrorEvent(_Event):
    """The error that ends a stream."""

    type: Literal["error"]
    error: StreamError


ResponseStreamEvent = Annotated[
    StateEvent
    | ItemEvent
    | PartEvent
    | TextDelta
    | TextDone
    | AnnotationAdded
    | PartDelta
    | RefusalDone
    | ReasoningTextDone
    | InputDelta
    | InputDone
    | SummaryPart
    | SummaryDelta
    | SummaryDone
    | HostedCallEvent
    | ErrorEvent,
    Field(discriminator="type"),
]
