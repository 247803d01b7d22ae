"""From one choice's message to the deltas that build it up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, Literal, TypeVar, cast

from chatdouble.catalogue.model import Encoding
from chatdouble.core.json import encode_each
from chatdouble.schema.chunk import Delta
from chatdouble.schema.completion import Choice, FunctionCall, Logprobs, Message, TokenLogprob, ToolCall
from chatdouble.tokens.tokenizer import Tokenizers

T = TypeVar("T")
Spelled = tuple[str, list[TokenLogprob]]
"""A piece of text and the tokens that spell it."""
Said = tuple[Delta, Logprobs | None]
"""A delta and the log probabilities of exactly its tokens."""

_DATA: Final = 8192
"""Characters of sound in one delta; a multiple of 4, so that each piece is base64 of its own."""
_INPUTS: Final[dict[str, str]] = {"function": "arguments", "custom": "input"}
"""Where each type of tool call keeps the text that grows."""
_STREAMED: Final = frozenset({"role", "content", "tool_calls", "function_call", "refusal", "annotations", "audio"})


@dataclass(frozen=True, slots=True)
class Cut:
    """Cuts texts into the pieces that go into one chunk each.

    Attributes:
        tokens: The tokenizers; one is loaded when there is a text to cut.
        encoding: The model's vocabulary.
        together: Tokens in one piece; 0: all of them.
    """

    tokens: Tokenizers
    encoding: Encoding
    together: int = 1

    def __call__(self, text: str) -> list[str]:
        """Return the pieces of a text, none of an empty one."""
        if not self.together:
            return [text] if text else []
        pieces = self.tokens.get(self.encoding).pieces(text) if text else []
        if self.together == 1:
            return pieces
        return ["".join(group) for group in self._by(pieces)]

    def encoded(self, text: str) -> list[bytes]:
        """Return the pieces of a text as JSON."""
        if self.together == 1:
            return self.tokens.get(self.encoding).encoded_pieces(text) if text else []
        return encode_each(self(text))

    def join(self, groups: "list[Spelled]") -> "list[Spelled]":
        """Join pieces of one token each, with their tokens, to as many as go into one chunk."""
        if self.together == 1:
            return groups
        return [
            ("".join(piece for piece, _ in group), [token for _, tokens in group for token in tokens])
            for group in self._by(groups)
        ]

    def _by(self, items: "list[T]") -> "Iterator[list[T]]":
        return (items[at : at + self.together] for at in range(0, len(items), self.together))


def deltas(choice: Choice, cut: Cut) -> Iterator[Said]:
    """Return the deltas of a choice in order, all but the end (`{}`, or a sound's expiry).

    The first one depends on what there is (streams#first-delta): text `{role, content: "", refusal: null}`; one tool
    call opens in it; several leave it `{role, content: null}` alone and open one by one; a refusal `{role, content:
    null, refusal: ""}`; a function_call opens in it as one tool call does; sound `{role, refusal: null}`. Custom tool
    calls, which the published contract does not stream, open as `{index, id, type, custom: {name, input: ""}}`
    and grow by `{index, custom: {input}}`. Non-empty annotations, and keys the schema does not know, come in
    one delta after everything else; `reasoning_content`, which compatible servers send, grows before the text.
    """
    message, logprobs = choice["message"], choice.get("logprobs")
    return chain(
        [(_opening(message), _opening_logprobs(message, logprobs))],
        ((cast("Delta", {"reasoning_content": piece}), None) for piece in cut(_reasoning(message) or "")),
        _spoken("content", message["content"], logprobs, cut),
        _spoken("refusal", message.get("refusal"), logprobs, cut),
        ((delta, None) for delta in _silent(message, cut)),
    )


def _reasoning(message: Message) -> str | None:
    text = cast("dict[str, Any]", message).get("reasoning_content")
    return text if isinstance(text, str) else None


def _opening(message: Message) -> Delta:
    calls = message.get("tool_calls") or []
    delta: dict[str, Any] = {"role": "assistant", "content": None if message["content"] is None else ""}
    if message["content"] is None:
        if message.get("audio") is not None:
            return {"role": "assistant", "refusal": None}
        if len(calls) > 1 and message.get("refusal") is None:
            return cast("Delta", delta)
        if len(calls) == 1:
            delta["tool_calls"] = [_call_opening(0, calls[0])]
        if (called := message.get("function_call")) is not None:
            delta["function_call"] = {"name": called["name"], "arguments": ""}
    delta["refusal"] = None if message.get("refusal") is None else ""
    return cast("Delta", delta)


def _opening_logprobs(message: Message, logprobs: Logprobs | None) -> Logprobs | None:
    """Return empty lists where tokens will come; log probabilities of no text come at once."""
    if not logprobs:
        return None
    said = cast("dict[str, Any]", message)
    opening: dict[str, Any] = {
        kind: [] if tokens and said.get(kind) is not None else tokens for kind, tokens in logprobs.items()
    }
    return cast("Logprobs", opening)


def _spoken(
    kind: Literal["content", "refusal"], text: str | None, logprobs: Logprobs | None, cut: Cut
) -> Iterator[Said]:
    if text is None:
        return
    tokens = logprobs.get(kind) if logprobs else None
    if not logprobs or not tokens:
        empty = _only(kind, [], logprobs) if logprobs else None
        for piece in cut(text):
            delta: Any = {kind: piece}  # a cast would cost as much as the delta
            yield delta, empty
        return
    for piece, its_tokens in _with_tokens(text, tokens, cut):
        yield cast("Delta", {kind: piece}), _only(kind, its_tokens, logprobs)


def _only(kind: str, tokens: list[TokenLogprob], logprobs: Logprobs) -> Logprobs:
    """Return log probabilities of one kind of text, with the keys of a choice's."""
    return cast("Logprobs", {key: tokens if key == kind else None for key in logprobs})


def _with_tokens(text: str, tokens: Sequence[TokenLogprob], cut: Cut) -> Iterator[Spelled]:
    """Cut a text where its tokens' bytes are whole characters, each piece with its tokens.

    Tokens that do not spell the text go one to a piece, and the last piece takes what is left.
    """
    groups = _grouped(tokens)
    if "".join(piece for piece, _ in groups) == text:
        yield from cut.join(groups)
        return
    pieces = cut(text) or [text]
    last = len(pieces) - 1
    for at, piece in enumerate(pieces):
        yield piece, list(tokens[at:] if at == last else tokens[at : at + 1])


def _grouped(tokens: Sequence[TokenLogprob]) -> list[Spelled]:
    groups: list[Spelled] = []
    held: list[TokenLogprob] = []
    waiting = b""
    for token in tokens:
        held.append(token)
        spelled = token["bytes"]
        waiting += token["token"].encode("utf-8", "surrogatepass") if spelled is None else bytes(spelled)
        try:
            groups.append((waiting.decode(), held))
        except UnicodeDecodeError:
            continue
        held, waiting = [], b""
    if held:
        groups.append(("", held))
    return groups


def _silent(message: Message, cut: Cut) -> Iterator[Delta]:
    """Return the deltas that have no log probabilities."""
    calls = message.get("tool_calls") or []
    opened = message["content"] is None
    if (called := message.get("function_call")) is not None:
        yield from _function_call(called, cut, opened=opened)
    for index, call in enumerate(calls):
        if not (opened and len(calls) == 1):
            yield {"tool_calls": [_call_opening(index, call)]}
        kind = call["type"]
        field = _INPUTS[kind]
        for piece in cut(cast("Any", call)[kind][field]):
            yield cast("Delta", {"tool_calls": [{"index": index, kind: {field: piece}}]})
    streamed = _STREAMED if _reasoning(message) is None else _STREAMED | {"reasoning_content"}
    rest = {key: value for key, value in message.items() if key not in streamed}
    if message.get("annotations"):
        rest = {"annotations": message.get("annotations"), **rest}
    if rest:
        yield cast("Delta", rest)
    yield from _sound(message, cut)


def _function_call(call: FunctionCall, cut: Cut, *, opened: bool) -> Iterator[Delta]:
    if not opened:
        yield {"function_call": {"name": call["name"], "arguments": ""}}
    for piece in cut(call["arguments"]):
        yield {"function_call": {"arguments": piece}}


def _call_opening(index: int, call: ToolCall) -> Any:
    kind = call["type"]
    named = {"name": cast("Any", call)[kind]["name"], _INPUTS[kind]: ""}
    more = {key: value for key, value in call.items() if key not in ("id", "type", kind)}
    return {"index": index, "id": call["id"], "type": kind, kind: named, **more}


def _sound(message: Message, cut: Cut) -> Iterator[Delta]:
    """Return the transcript's deltas, then the data's; both begin with the sound's id (streams#audio)."""
    audio = message.get("audio")
    if audio is None:
        return
    first, *more = [*cut(audio["transcript"])] or [""]
    named: Any = {} if message["content"] is not None else {"content": None}
    yield cast("Delta", {**named, "audio": {"id": audio["id"], "transcript": first}})
    for piece in more:
        yield {"audio": {"transcript": piece}}
    named = {"role": "assistant", **named, "refusal": None}
    data = audio["data"]
    yield cast("Delta", {**named, "audio": {"id": audio["id"], "data": data[:_DATA]}})
    for at in range(_DATA, len(data), _DATA):
        yield {"audio": {"data": data[at : at + _DATA]}}
