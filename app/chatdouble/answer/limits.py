"""What is left of a draft once the request's limits cut it: `stop` and the token limits."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from chatdouble.answer.draft import Draft
from chatdouble.schema.completion import FinishReason, FunctionCall, ToolCall
from chatdouble.tokens.overhead import Framing
from chatdouble.tokens.tokenizer import Tokenizer


@dataclass(slots=True)
class Limits:
    """What one choice may say.

    Attributes:
        tokens: How many tokens it may have, reasoning included (tokens#answers).
        stops: Texts that end it and are not in it.
        framing: The tokens around its words.
        price: What each token of its text costs; more than 1 where it is spoken, too.
        calls_end_with_stop: Whether calls end it with `stop`.
    """

    tokens: int
    stops: tuple[str, ...]
    framing: Framing
    price: int = 1
    calls_end_with_stop: bool = False


@dataclass(slots=True)
class Said:
    """What one choice says.

    Attributes:
        content: The text, if any.
        refusal: The refusal, if any.
        tool_calls: The calls of tools, the last perhaps cut.
        function_call: The legacy call, perhaps cut.
        finish_reason: How it ends.
        tokens: What it costs, reasoning included.
        reasoning: What of it is reasoning.
        text_tokens: How many tokens its content or refusal has.
        kept: The numbers of its text's tokens, where it was cut between tokens.
    """

    content: str | None
    refusal: str | None
    tool_calls: list[ToolCall] = field(default_factory=list)
    function_call: FunctionCall | None = None
    finish_reason: FinishReason = "stop"
    tokens: int = 0
    reasoning: int = 0
    text_tokens: int = 0
    kept: list[int] | None = None


def stop_texts(stop: str | Iterable[str] | None) -> tuple[str, ...]:
    """Return the texts of a request's `stop`, which is one text, several or none."""
    if not stop:
        return ()
    return (stop,) if isinstance(stop, str) else tuple(text for text in stop if text)


def until_stop(text: str, stops: tuple[str, ...]) -> str:
    """Return a text up to the earliest of the stops in it (rules#stop)."""
    found = [at for stop in stops if (at := text.find(stop)) >= 0]
    return text[: min(found)] if found else text


def stop_at(text: str, place: int, stops: tuple[str, ...]) -> str:
    """Return the longest of the stops that a text has at a place, "" if it has none there."""
    return max((stop for stop in stops if text.startswith(stop, place)), key=len, default="")


def whole(draft: Draft, room: int, around: int, tokenizer: Tokenizer) -> Said | None:
    """Say a draft that is one text, as most are, if there is room for all of it; None: `apply` has to cut it.

    It says what `apply` would where nothing is to be spoken aloud and no stop is asked for.

    Args:
        draft: What is to be said.
        room: How many tokens it may have.
        around: How many the model spends beside those of the text: on reasoning, on framing.
        tokenizer: The model's tokenizer.
    """
    if draft.content is None or draft.refusal is not None or draft.tool_calls or draft.function_call:
        return None
    count = tokenizer.count(draft.content)
    if around + count > room:
        return None
    finish = draft.finish_reason or "stop"
    return Said(draft.content, None, finish_reason=finish, tokens=around + count, text_tokens=count)


def apply(draft: Draft, limits: Limits, reasoning: int, tokenizer: Tokenizer) -> Said:
    """Cut a draft to its limits.

    A model reasons, then speaks, then calls; where the tokens end, so does the answer, with `length`,
    the text cut at a token's border and whole characters, a call's arguments wherever they are. Reasoning
    is inside the limit: where it uses it up the content is "" (answers#message).

    Args:
        draft: What was to be said.
        limits: How much may be said.
        reasoning: How many tokens the model reasons with if it may.
        tokenizer: The model's tokenizer.
    """
    speech = _Speech(limits, tokenizer)
    speech.spend(reasoning)
    reasoned = limits.tokens - speech.left
    said = Said(content=None, refusal=None, reasoning=reasoned)
    stopped = _speak(draft, speech, said)
    if not stopped:
        _call(draft, speech, said)
    if speech.cut and not (said.content or said.refusal or said.tool_calls or said.function_call):
        said.content = ""
    said.tokens = limits.tokens - speech.left
    said.finish_reason = draft.finish_reason or _ending(said, limits, cut=speech.cut)
    return said


class _Speech:
    """A choice being said: what is left of its tokens, and whether they ended."""

    def __init__(self, limits: Limits, tokenizer: Tokenizer) -> None:
        self.limits = limits
        self.left = limits.tokens
        self.cut = False
        self._tokenizer = tokenizer

    def spend(self, tokens: int) -> bool:
        """Use up tokens, and say whether there were so many."""
        self.cut = self.cut or tokens > self.left
        self.left = 0 if self.cut else self.left - tokens
        return not self.cut

    def count(self, text: str) -> int:
        """Return how many tokens a text has."""
        return self._tokenizer.count(text)

    def say(self, text: str, price: int = 1) -> tuple[str, int, list[int] | None]:
        """Return as much of a text as the tokens last for, its tokens, and which they are if it was cut."""
        count = self._tokenizer.count(text)
        room = self.left // price
        if count <= room:
            self.left -= count * price
            return text, count, None
        self.cut = True
        self.left = 0
        kept = self._tokenizer.encode(text)[:room]
        data = b"".join(map(self._tokenizer.piece, kept))
        return data.decode(errors="ignore"), room, kept


def _speak(draft: Draft, speech: _Speech, said: Said) -> bool:
    """Say a draft's text or refusal; say whether a stop ended the answer."""
    text = draft.content if draft.refusal is None else draft.refusal
    framing = speech.limits.framing
    if text is None or not speech.spend(framing.text if draft.refusal is None else framing.refusal):
        return False
    full = until_stop(text, speech.limits.stops) if draft.refusal is None else text
    cut, said.text_tokens, said.kept = speech.say(full, speech.limits.price)
    if draft.refusal is None:
        said.content = cut
    else:
        said.refusal = cut
    stopped = len(full) < len(text) and not speech.cut
    if stopped:  # the stop's tokens were written, too
        speech.left -= min(speech.left, speech.count(stop_at(text, len(full), speech.limits.stops)))
    return stopped


def _call(draft: Draft, speech: _Speech, said: Said) -> None:
    """Make a draft's calls, as far as the tokens last."""
    for wanted in draft.tool_calls:
        made = _tool_call(wanted, len(said.tool_calls), speech)
        if made is None:
            return
        said.tool_calls.append(made)
    if draft.function_call is not None:
        name = draft.function_call["name"]
        arguments = _written(name, draft.function_call["arguments"], 0, speech)
        if arguments is not None:
            said.function_call = {"name": name, "arguments": arguments}


def _tool_call(wanted: ToolCall, index: int, speech: _Speech) -> ToolCall | None:
    """Make one call, perhaps with cut arguments; None: the tokens do not last for its name."""
    if wanted["type"] == "custom":
        name = wanted["custom"]["name"]
        text = _written(name, wanted["custom"]["input"], index, speech)
        if text is None:
            return None
        return {"id": wanted["id"], "type": "custom", "custom": {"name": name, "input": text}}
    name = wanted["function"]["name"]
    text = _written(name, wanted["function"]["arguments"], index, speech)
    if text is None:
        return None
    return {"id": wanted["id"], "type": "function", "function": {"name": name, "arguments": text}}


def _written(name: str, text: str, index: int, speech: _Speech) -> str | None:
    """Return as much of a call's arguments as the tokens last for; None: not even its name."""
    framing = speech.limits.framing
    around = framing.call + (framing.calls if index == 0 else 0) + (speech.count(name) if framing.names else 0)
    return speech.say(text)[0] if speech.spend(around) else None


def _ending(said: Said, limits: Limits, *, cut: bool) -> FinishReason:
    if cut:
        return "length"
    if limits.calls_end_with_stop:
        return "stop"
    if said.tool_calls:
        return "tool_calls"
    return "function_call" if said.function_call else "stop"
