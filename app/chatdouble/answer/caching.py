"""The prompt cache: how much of a prompt its session has sent before."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from struct import pack
from typing import Any, Final

import orjson

from chatdouble.answer.namespace import tools_text
from chatdouble.answer.prompt import PromptCount, part_tokens
from chatdouble.answer.shapes import object_or_empty, objects_in
from chatdouble.answer.texts import messages_of
from chatdouble.backend import Call
from chatdouble.catalogue.model import Model
from chatdouble.schema.toolbox import Toolbox
from chatdouble.tokens import Tokenizer

LEAST: Final = 1024
"""The shortest prefix that is cached, in tokens (reference 3.1, `cached_tokens`)."""

STEP: Final = 128
"""Longer ones are cached in steps of so many tokens."""

_FRAME: Final = (-1, -1, -1)
_REMEMBERED: Final = 64


@dataclass(frozen=True, slots=True)
class Cached:
    """What the cache says of a prompt, in tokens.

    Attributes:
        read: What of it was there.
        written: What was not, and is now.
    """

    read: int = 0
    written: int = 0


def is_cached(model: Model) -> bool:
    """Say whether a model's prompts are cached: all but those of the older vocabulary."""
    return model.encoding == "o200k_base"


async def cached(call: Call, prompt: PromptCount) -> Cached:
    """Look a prompt up among the latest of its session and model, and remember it.

    A prefix counts from 1,024 tokens on, in steps of 128 (reference 3.1); with `prompt_cache_options` mode
    `explicit` it counts up to the last breakpoint. A `prompt_cache_key` keeps its prompts apart.

    Args:
        call: The call whose prompt it is.
        prompt: Its tokens.
    """
    if prompt.total < LEAST or not is_cached(call.model):
        return Cached()
    tokenizer = call.services.tokens.get(call.model.encoding)
    begun = prompt.tools.once(_begun_with, tokenizer) if prompt.tools else _Begun()
    sequence = _sequence(call, tokenizer)
    if object_or_empty(call.body.get("prompt_cache_options")).get("mode") == "explicit":
        if not sequence.breakpoint:
            return Cached()
        del sequence.numbers[sequence.breakpoint :]
    marks = _marks(begun, sequence.numbers, prompt.total)
    name = f"prompt_cache:{call.model.snapshot}:{call.request.prompt_cache_key or ''}"
    earlier = await call.services.store.items(call.session, name)
    best = _longest(marks, earlier)
    if best < len(marks):
        await call.services.store.push(call.session, name, marks, _REMEMBERED)
    return Cached(read=_length(best), written=_length(len(marks)) - _length(best))


@dataclass(frozen=True, slots=True)
class _Begun:
    """How prompts with the same tools begin.

    Attributes:
        length: How many numbers that is.
        marks: The marks of its prefixes.
        told: The digest of all of it.
    """

    length: int = 0
    marks: Sequence[str] = ()
    told: "blake2b" = field(default_factory=lambda: blake2b(digest_size=8))


def _begun_with(toolbox: Toolbox, tokenizer: Tokenizer) -> _Begun:
    """Return how prompts with these tools begin; all models that cache have one vocabulary, and read titles."""
    numbers = tokenizer.encode(tools_text(toolbox, titles=True))
    begun = _Begun(len(numbers), _marks(_Begun(), numbers, len(numbers)))
    begun.told.update(_bytes(numbers))
    return begun


@dataclass(slots=True)
class _Sequence:
    """What follows the tools in a prompt as one sequence of numbers, and where its last breakpoint is."""

    numbers: list[int] = field(default_factory=list[int])
    breakpoint: int = 0


def _sequence(call: Call, tokenizer: Tokenizer) -> _Sequence:
    sequence = _Sequence()
    for message in messages_of(call.body):
        sequence.numbers += _FRAME
        sequence.numbers += tokenizer.encode(str(message.get("role")))
        _add(message.get("content"), sequence, call.model, tokenizer)
        if calls := message.get("tool_calls"):
            sequence.numbers += tokenizer.encode(orjson.dumps(calls).decode())
    return sequence


def _add(content: Any, sequence: _Sequence, model: Model, tokenizer: Tokenizer) -> None:
    """Add a content: text as its tokens, any other part as one number for each of its tokens."""
    if isinstance(content, str):
        sequence.numbers += tokenizer.encode(content)
    for part in objects_in(content):
        if isinstance(text := part.get("text"), str):
            sequence.numbers += tokenizer.encode(text)
        else:
            digest = blake2b(orjson.dumps(part), digest_size=7).digest()
            sequence.numbers += [int.from_bytes(digest)] * part_tokens(part, model, tokenizer).total
        if "prompt_cache_breakpoint" in part:
            sequence.breakpoint = len(sequence.numbers)


def _marks(begun: _Begun, rest: list[int], total: int) -> list[str]:
    """Return a mark for each prefix that may be cached; equal marks are equal prefixes."""
    ends = range(LEAST, min(total, begun.length + len(rest)) + 1, STEP)
    marks = [*begun.marks[: len(ends)]]
    told, start = begun.told.copy(), 0
    for end in ends[len(marks) :]:
        told.update(_bytes(rest[start : end - begun.length]))
        marks.append(told.hexdigest())
        start = end - begun.length
    return marks


def _bytes(numbers: list[int]) -> bytes:
    return pack(f"{len(numbers)}q", *numbers)


def _longest(marks: list[str], earlier: Sequence[list[str]]) -> int:
    """Return how many marks an earlier prompt shares; those before one that is shared are shared, too."""
    lengths = range(len(marks), 0, -1)
    return next((n for n in lengths if any(len(seen) >= n and seen[n - 1] == marks[n - 1] for seen in earlier)), 0)


def _length(marks: int) -> int:
    return LEAST + (marks - 1) * STEP if marks else 0
