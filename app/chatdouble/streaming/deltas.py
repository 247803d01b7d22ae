"""The deltas that build up the message of a choice."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal, NamedTuple, cast

from chatdouble.catalogue.model import Encoding
from chatdouble.core.json import encode_each
from chatdouble.schema.chunk import Delta
from chatdouble.schema.completion import Audio, Choice, FunctionCall, Logprobs, Message, TokenLogprob, ToolCall
from chatdouble.tokens.tokenizer import PIECES, Tokenizers, in_groups

TextWithTokens = tuple[str, list[TokenLogprob]]
"""A piece of text and the log probabilities of its tokens."""
DeltaWithLogprobs = tuple[Delta, Logprobs | None]
"""A delta and the log probabilities of its tokens."""

# Base64 characters of audio in one delta: a multiple of 4, so that each piece can be decoded by itself.
_AUDIO_CHARACTERS: Final = 8192
# The field of each type of tool call that is streamed in pieces.
_INPUTS: Final[dict[str, str]] = {"function": "arguments", "custom": "input"}
_STREAMED: Final = frozenset({"role", "content", "tool_calls", "function_call", "refusal", "annotations", "audio"})


class TextCutter(NamedTuple):
    """Cuts texts into one piece for each chunk.

    Attributes:
        tokens: The tokenizers. One is loaded when there is a text to cut.
        encoding: The model's encoding.
        chunk_tokens: The number of tokens in a piece, or 0 to leave texts whole.
    """

    tokens: Tokenizers
    encoding: Encoding
    chunk_tokens: int = 1

    def __call__(self, text: str) -> Iterator[str]:
        """Yield the pieces of a text; an empty text has none."""
        if not text or not self.chunk_tokens:
            return iter([text] if text else ())
        pieces = self.tokens[self.encoding].pieces(text)
        return pieces if self.chunk_tokens == 1 else map("".join, in_groups(pieces, self.chunk_tokens))

    def with_tokens(self, text: str, tokens: Sequence[TokenLogprob]) -> "Iterator[TextWithTokens]":
        """Yield the pieces of a text, each with its tokens; without tokens the pieces have none."""
        if not tokens:
            yield from ((piece, []) for piece in self(text))
        else:
            yield from _with_tokens(text, tokens, self)

    def encoded(self, text: str) -> Iterator[list[bytes]]:
        """Yield the pieces of a text as JSON, in lists of `PIECES`."""
        if text and self.chunk_tokens == 1:
            return self.tokens[self.encoding].encoded_pieces(text)
        return map(encode_each, in_groups(self(text), PIECES))

    def join(self, groups: "list[TextWithTokens]") -> "list[TextWithTokens]":
        """Join pieces of one token each into pieces for one chunk each."""
        if self.chunk_tokens == 1:
            return groups
        return [
            ("".join(piece for piece, _ in group), [token for _, tokens in group for token in tokens])
            for group in in_groups(groups, self.chunk_tokens)
        ]


def deltas(choice: Choice, cutter: TextCutter) -> Iterator[DeltaWithLogprobs]:
    """Return the deltas of a choice in order, without the last one (`{}`, or the expiry of audio).

    The first delta depends on the message (streams#first-delta). For text it is `{role, content: "", refusal: null}`,
    for a refusal `{role, content: null, refusal: ""}`, for audio `{role, refusal: null}`. It includes the beginning
    of a single tool call or function_call. For several tool calls it is `{role, content: null}`, and each call begins
    in a delta of its own.

    The published contract does not stream custom tool calls. They begin as `{index, id, type, custom: {name,
    input: ""}}` and continue with `{index, custom: {input}}`. Annotations and unknown keys come in one delta after
    everything else; `reasoning_content`, which compatible servers send, comes before the text.
    """
    message, logprobs = choice["message"], choice.get("logprobs")
    yield _first_delta(message), _first_logprobs(message, logprobs) if logprobs else None
    thought = cast("dict[str, Any]", message).get("reasoning_content")
    streamed = _STREAMED
    if isinstance(thought, str):
        streamed |= {"reasoning_content"}
        for piece in cutter(thought):
            yield cast("Delta", {"reasoning_content": piece}), None
    if message["content"] is not None:
        yield from _text_deltas("content", message["content"], logprobs, cutter)
    if (refusal := message.get("refusal")) is not None:
        yield from _text_deltas("refusal", refusal, logprobs, cutter)
    for delta in _other_deltas(message, streamed, cutter):
        yield delta, None


def _first_delta(message: Message) -> Delta:
    calls = message.get("tool_calls") or []
    delta: dict[str, Any] = {"role": "assistant", "content": None if message["content"] is None else ""}
    if message["content"] is None:
        if message.get("audio") is not None:
            return {"role": "assistant", "refusal": None}
        if len(calls) > 1 and message.get("refusal") is None:
            return cast("Delta", delta)
        if len(calls) == 1:
            delta["tool_calls"] = [_tool_call_start(0, calls[0])]
        if (function_call := message.get("function_call")) is not None:
            delta["function_call"] = {"name": function_call["name"], "arguments": ""}
    delta["refusal"] = None if message.get("refusal") is None else ""
    return cast("Delta", delta)


def _first_logprobs(message: Message, logprobs: Logprobs) -> Logprobs:
    """Return the first delta's log probabilities: empty lists for texts, whose tokens follow, others in full."""
    fields = cast("dict[str, Any]", message)
    opening: dict[str, Any] = {
        kind: [] if tokens and fields.get(kind) is not None else tokens for kind, tokens in logprobs.items()
    }
    return cast("Logprobs", opening)


def _text_deltas(
    kind: Literal["content", "refusal"], text: str, logprobs: Logprobs | None, cutter: TextCutter
) -> Iterator[DeltaWithLogprobs]:
    tokens = logprobs.get(kind) if logprobs else None
    if not logprobs or not tokens:
        empty = _only(kind, [], logprobs) if logprobs else None
        for piece in cutter(text):
            delta: Any = {kind: piece}  # a cast would cost as much as the delta
            yield delta, empty
        return
    for piece, its_tokens in _with_tokens(text, tokens, cutter):
        yield cast("Delta", {kind: piece}), _only(kind, its_tokens, logprobs)


def _only(kind: str, tokens: list[TokenLogprob], logprobs: Logprobs) -> Logprobs:
    """Return the log probabilities of one kind of text, with the keys of the choice's."""
    return cast("Logprobs", {key: tokens if key == kind else None for key in logprobs})


def _with_tokens(text: str, tokens: Sequence[TokenLogprob], cutter: TextCutter) -> Iterator[TextWithTokens]:
    """Cut a text after tokens that end a character, each piece with its tokens.

    If the tokens do not spell the text, each piece has one of them, and the last piece the rest.
    """
    groups = _pieces_of(tokens)
    if "".join(piece for piece, _ in groups) == text:
        yield from cutter.join(groups)
        return
    pieces = [*cutter(text)] or [text]
    last = len(pieces) - 1
    for at, piece in enumerate(pieces):
        yield piece, list(tokens[at:] if at == last else tokens[at : at + 1])


def _pieces_of(tokens: Sequence[TokenLogprob]) -> list[TextWithTokens]:
    groups: list[TextWithTokens] = []
    held: list[TokenLogprob] = []
    waiting = b""
    for token in tokens:
        held.append(token)
        token_bytes = token["bytes"]
        waiting += token["token"].encode("utf-8", "surrogatepass") if token_bytes is None else bytes(token_bytes)
        # Tokens that share a character stay together.
        try:
            groups.append((waiting.decode(), held))
        except UnicodeDecodeError:
            continue
        held, waiting = [], b""
    if held:
        groups.append(("", held))
    return groups


def _other_deltas(message: Message, streamed: frozenset[str], cutter: TextCutter) -> Iterator[Delta]:
    """Return the deltas without log probabilities: of calls, of what was not streamed before, and of audio."""
    calls = message.get("tool_calls") or []
    has_begun = message["content"] is None  # the first delta begins a single call
    if (function_call := message.get("function_call")) is not None:
        yield from _function_call(function_call, cutter, has_begun=has_begun)
    for index, call in enumerate(calls):
        if not (has_begun and len(calls) == 1):
            yield {"tool_calls": [_tool_call_start(index, call)]}
        kind = call["type"]
        field = _INPUTS[kind]
        for piece in cutter(cast("Any", call)[kind][field]):
            yield cast("Delta", {"tool_calls": [{"index": index, kind: {field: piece}}]})
    rest = {key: value for key, value in message.items() if key not in streamed}
    if message.get("annotations"):
        rest = {"annotations": message.get("annotations"), **rest}
    if rest:
        yield cast("Delta", rest)
    if (audio := message.get("audio")) is not None:
        yield from _audio_deltas(message, audio, cutter)


def _function_call(call: FunctionCall, cutter: TextCutter, *, has_begun: bool) -> Iterator[Delta]:
    if not has_begun:
        yield {"function_call": {"name": call["name"], "arguments": ""}}
    for piece in cutter(call["arguments"]):
        yield {"function_call": {"arguments": piece}}


def _tool_call_start(index: int, call: ToolCall) -> Any:
    kind = call["type"]
    named = {"name": cast("Any", call)[kind]["name"], _INPUTS[kind]: ""}
    unknown = {key: value for key, value in call.items() if key not in ("id", "type", kind)}
    return {"index": index, "id": call["id"], "type": kind, kind: named, **unknown}


def _audio_deltas(message: Message, audio: Audio, cutter: TextCutter) -> Iterator[Delta]:
    """Return the deltas of the transcript, then those of the data; both begin with the audio's id (streams#audio)."""
    first, *rest = [*cutter(audio["transcript"])] or [""]
    content: Any = {} if message["content"] is not None else {"content": None}
    yield cast("Delta", {**content, "audio": {"id": audio["id"], "transcript": first}})
    for piece in rest:
        yield {"audio": {"transcript": piece}}
    data = audio["data"]
    opening = {"role": "assistant", **content, "refusal": None}
    yield cast("Delta", {**opening, "audio": {"id": audio["id"], "data": data[:_AUDIO_CHARACTERS]}})
    for at in range(_AUDIO_CHARACTERS, len(data), _AUDIO_CHARACTERS):
        yield {"audio": {"data": data[at : at + _AUDIO_CHARACTERS]}}
