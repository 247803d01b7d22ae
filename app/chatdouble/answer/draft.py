"""Drafts of choices, before and after the request's limits are applied."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chatdouble.backend.call import LARGE
from chatdouble.schema.completion import Annotation, FinishReason, FunctionCall, Logprobs, ToolCall


@dataclass(slots=True)
class Draft:
    """One choice as a backend intends it. `compose` turns drafts into a completion.

    Attributes:
        content: The text; for a request with audio output, the transcript.
        refusal: The text of a refusal.
        tool_calls: Tool calls in order.
        function_call: A call in the legacy form, for requests with `functions`.
        annotations: Citations in the content.
        finish_reason: The finish reason. Computed if None.
        logprobs: The log probabilities. Computed if None and the request asks for them.
        reasoning_tokens: The number of reasoning tokens. Computed from the reasoning effort if None.
    """

    content: str | None = None
    refusal: str | None = None
    tool_calls: Sequence[ToolCall] = ()
    function_call: FunctionCall | None = None
    annotations: Sequence[Annotation] = ()
    finish_reason: FinishReason | None = None
    logprobs: Logprobs | None = None
    reasoning_tokens: int | None = None

    @property
    def is_long(self) -> bool:
        """True if counting its tokens may keep others waiting."""
        if self.content is not None and len(self.content) > LARGE:
            return True
        calls: Any = self.tool_calls
        return any(len(text) > LARGE for call in calls for text in call[call["type"]].values())


@dataclass(slots=True)
class ChoiceOutput:
    """The part of a draft that is within the request's limits.

    Attributes:
        content: The text.
        refusal: The text of a refusal.
        tool_calls: Tool calls in order; the last one may be truncated.
        function_call: The legacy call, which may be truncated.
        finish_reason: The finish reason.
        tokens: The number of tokens, reasoning included.
        reasoning: The number of reasoning tokens.
        text_tokens: The number of tokens of the content or refusal.
        token_ids: The tokens of the text if it was truncated: encoding it again could give others.
    """

    content: str | None = None
    refusal: str | None = None
    tool_calls: Sequence[ToolCall] = ()
    function_call: FunctionCall | None = None
    finish_reason: FinishReason = "stop"
    tokens: int = 0
    reasoning: int = 0
    text_tokens: int = 0
    token_ids: list[int] | None = None
