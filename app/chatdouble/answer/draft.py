"""Drafts of choices, and what is left of them within the limits of a request: `stop` and the numbers of tokens."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from chatdouble.backend.call import LARGE
from chatdouble.schema.completion import Annotation, FinishReason, FunctionCall, Logprobs, ToolCall
from chatdouble.tokens.overhead import Framing
from chatdouble.tokens.tokenizer import Tokenizer


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


def are_long(drafts: Iterable[Draft]) -> bool:
    """Tell whether counting the tokens of drafts may keep others waiting."""
    for draft in drafts:
        if draft.content is not None and len(draft.content) > LARGE:
            return True
        calls: Any = draft.tool_calls
        if calls and any(len(text) > LARGE for call in calls for text in call[call["type"]].values()):
            return True
    return False


@dataclass(slots=True, repr=False)
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
    token_ids: Sequence[int] | None = None


class OutputLimits(NamedTuple):
    """The limits of one choice.

    Attributes:
        tokens: The greatest number of tokens, reasoning included (tokens#answers).
        stops: The texts that end the content.
        framing: The tokens around texts and calls.
        price: The tokens that each token of text costs; more than 1 if it is spoken as well.
        calls_end_with_stop: Whether the finish reason of tool calls is `stop`.
    """

    tokens: int
    stops: tuple[str, ...]
    framing: Framing
    price: int = 1
    calls_end_with_stop: bool = False


def stop_texts(stop: str | Iterable[str] | None) -> tuple[str, ...]:
    """Return the texts of a request's `stop`, which is a text, a list of texts or null."""
    if not stop:
        return ()
    return (stop,) if isinstance(stop, str) else tuple(text for text in stop if text)


def until_stop(text: str, stops: tuple[str, ...]) -> str:
    """Return the text before the first stop in it (rules#stop)."""
    found = [at for stop in stops if (at := text.find(stop)) >= 0]
    return text[: min(found)] if found else text


def stop_at(text: str, start: int, stops: tuple[str, ...]) -> str:
    """Return the longest stop that a text has at a place, or "" if it has none there."""
    return max((stop for stop in stops if text.startswith(stop, start)), key=len, default="")


def apply_limits(draft: Draft, limits: OutputLimits, reasoning: int, tokenizer: Tokenizer) -> ChoiceOutput:
    """Truncate a draft to its limits.

    Tokens are spent on reasoning first, then on text, then on calls. When they run out, the output ends with the
    finish reason `length`: text after a whole token and a whole character, arguments anywhere. If reasoning uses all
    of them, the content is "" (answers#message).

    Args:
        draft: The draft.
        limits: The limits.
        reasoning: The number of tokens that the model would spend on reasoning.
        tokenizer: The model's tokenizer.
    """
    text = draft.content
    only_text = draft.refusal is None and not draft.tool_calls and draft.function_call is None
    if text is not None and only_text and not limits.stops:
        # Most drafts are a text within the limits, and take a third of the time this way.
        count = tokenizer.count(text)
        tokens = reasoning + limits.framing.text + count * limits.price
        if tokens <= limits.tokens:
            finish = draft.finish_reason or "stop"
            return ChoiceOutput(text, finish_reason=finish, tokens=tokens, reasoning=reasoning, text_tokens=count)
    return _truncate(draft, limits, reasoning, tokenizer)


def _truncate(draft: Draft, limits: OutputLimits, reasoning: int, tokenizer: Tokenizer) -> ChoiceOutput:
    budget = _TokenBudget(limits, tokenizer, limits.tokens)
    budget.spend(reasoning)
    output = ChoiceOutput(reasoning=limits.tokens - budget.left)
    text = draft.content if draft.refusal is None else draft.refusal
    if text is None or not _add_text(text, draft, budget, output):
        _add_calls(draft, budget, output)
    if budget.exhausted and not (output.content or output.refusal or output.tool_calls or output.function_call):
        output.content = ""
    output.tokens = limits.tokens - budget.left
    if draft.finish_reason:  # it is asked for even if the draft is truncated
        output.finish_reason = draft.finish_reason
    elif budget.exhausted:
        output.finish_reason = "length"
    elif not limits.calls_end_with_stop:
        output.finish_reason = (
            "tool_calls" if output.tool_calls else "function_call" if output.function_call else "stop"
        )
    return output


@dataclass(slots=True, eq=False, repr=False)
class _TokenBudget:
    """The tokens that are left for a choice.

    Attributes:
        limits: The limits of the choice.
        tokenizer: The model's tokenizer.
        left: The number of tokens that are left.
        exhausted: Whether more were asked for.
    """

    limits: OutputLimits
    tokenizer: Tokenizer
    left: int
    exhausted: bool = False

    def spend(self, tokens: int) -> bool:
        """Spend tokens and return whether there were enough of them."""
        # Once exhausted, the budget allows nothing more, however cheap.
        self.exhausted = self.exhausted or tokens > self.left
        self.left = 0 if self.exhausted else self.left - tokens
        return not self.exhausted

    def count(self, text: str) -> int:
        """Return the number of tokens of a text."""
        return self.tokenizer.count(text)

    def spend_on(self, text: str, price: int = 1) -> tuple[str, int, Sequence[int] | None]:
        """Return as much of a text as the budget allows, its number of tokens, and the tokens if it is truncated."""
        count = self.tokenizer.count(text)
        affordable = self.left // price
        if count <= affordable:
            self.left -= count * price
            return text, count, None
        self.exhausted = True
        self.left = 0
        token_ids = self.tokenizer.numbers(text)[:affordable]
        data = b"".join(map(self.tokenizer.piece, token_ids))
        # The last token may end within a character, which is dropped.
        return data.decode(errors="ignore"), affordable, token_ids


def _add_text(text: str, draft: Draft, budget: _TokenBudget, output: ChoiceOutput) -> bool:
    """Add the draft's text or refusal, and return whether a stop ended the output."""
    framing = budget.limits.framing
    if not budget.spend(framing.text if draft.refusal is None else framing.refusal):
        return False
    until = until_stop(text, budget.limits.stops) if draft.refusal is None else text
    affordable, output.text_tokens, output.token_ids = budget.spend_on(until, budget.limits.price)
    if draft.refusal is None:
        output.content = affordable
    else:
        output.refusal = affordable
    stopped = len(until) < len(text) and not budget.exhausted
    if stopped:
        # The model wrote the stop as well.
        budget.left -= min(budget.left, budget.count(stop_at(text, len(until), budget.limits.stops)))
    return stopped


def _add_calls(draft: Draft, budget: _TokenBudget, output: ChoiceOutput) -> None:
    """Add as many of the draft's calls as the budget allows."""
    for index, drafted in enumerate(draft.tool_calls):
        if drafted["type"] == "custom":
            name, given = drafted["custom"]["name"], drafted["custom"]["input"]
        else:
            name, given = drafted["function"]["name"], drafted["function"]["arguments"]
        text = _arguments(name, given, index, budget)
        if text is None:
            return
        if drafted["type"] == "custom":
            call: ToolCall = {"id": drafted["id"], "type": "custom", "custom": {"name": name, "input": text}}
        else:
            call = {"id": drafted["id"], "type": "function", "function": {"name": name, "arguments": text}}
        output.tool_calls = [*output.tool_calls, call]
    if draft.function_call is not None:
        name = draft.function_call["name"]
        arguments = _arguments(name, draft.function_call["arguments"], 0, budget)
        if arguments is not None:
            output.function_call = {"name": name, "arguments": arguments}


def _arguments(name: str, text: str, index: int, budget: _TokenBudget) -> str | None:
    """Return as much of a call's arguments as the budget allows, or None if it does not allow its name."""
    framing = budget.limits.framing
    around = framing.call + (framing.calls if index == 0 else 0) + (budget.count(name) if framing.names else 0)
    return budget.spend_on(text)[0] if budget.spend(around) else None
