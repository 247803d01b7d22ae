"""What a backend wants to say in one choice, before the request's limits are applied."""

from dataclasses import dataclass, field

from chatdouble.schema.completion import Annotation, FinishReason, FunctionCall, Logprobs, ToolCall


@dataclass(slots=True)
class Draft:
    """One choice as intended; `compose` makes the answer of it.

    Attributes:
        content: The text, if any; with audio asked for it is the transcript.
        refusal: The refusal, if the model refuses.
        tool_calls: Calls of tools, in order.
        function_call: A call in the legacy form of `functions`.
        annotations: Citations in the content.
        finish_reason: How it ends; None: computed from what is there and what is cut.
        logprobs: Log probabilities as given; None: computed when the request asks for them.
        reasoning_tokens: Tokens spent on reasoning; None: computed from the request's effort.
    """

    content: str | None = None
    refusal: str | None = None
    tool_calls: list[ToolCall] = field(default_factory=list)
    function_call: FunctionCall | None = None
    annotations: list[Annotation] = field(default_factory=list)
    finish_reason: FinishReason | None = None
    logprobs: Logprobs | None = None
    reasoning_tokens: int | None = None
