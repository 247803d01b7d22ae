"""The prompt cache: how much of a prompt its session has sent before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import orjson

from chatdouble.catalogue.model import Model
from chatdouble.core.json import as_object, objects_in
from chatdouble.schema.texts import messages_of
from chatdouble.schema.tools import Toolbox
from chatdouble.state.session import Session
from chatdouble.tokens.tokenizer import Tokenizer
from chatdouble.tokens.tools_as_text import with_titles
from chatdouble.tokens.usage import LEAST_CACHED, PromptCount, part_tokens

STEP: Final = 128
"""Step in which longer prefixes are cached, in tokens."""

_NUMBER: Final = 4
"""Bytes of a number in `Tokenizer.numbers`."""

_FRAME: Final = b"\xff" * 3 * _NUMBER
_REMEMBERED: Final = 64


class Cached(NamedTuple):
    """Cached and newly written tokens of a prompt.

    Attributes:
        read: What of it was there.
        written: What was not, and is now.
    """

    read: int = 0
    written: int = 0


def is_cached(model: Model) -> bool:
    """Return True if a model's prompts are cached: all but those of the older vocabulary."""
    return model.encoding == "o200k_base"


def marks_of(body: Mapping[str, Any], model: Model, prompt: PromptCount, tokenizer: Tokenizer) -> list[str]:
    """Return the marks of a prompt's prefixes that may be cached, shortest first.

    A prefix counts from 1,024 tokens on, in steps of 128 (tokens#caching); with `prompt_cache_options` mode
    `explicit` it counts up to the last breakpoint.

    Args:
        body: The request.
        model: The model that answers.
        prompt: The prompt's tokens.
        tokenizer: The model's tokenizer.
    """
    if prompt.total < LEAST_CACHED or not is_cached(model):
        return []
    begun = prompt.tools.once(_begun_with, tokenizer) if prompt.tools else _Begun()
    sequence = _sequence(body, model, tokenizer)
    if as_object(body.get("prompt_cache_options")).get("mode") == "explicit":
        if not sequence.breakpoint:
            return []
        del sequence.written[sequence.breakpoint :]
    return _marks(begun, sequence.written, prompt.total)


async def cached(session: Session, body: Mapping[str, Any], model: Model, marks: list[str]) -> Cached:
    """Look a prompt up among the latest of its session and model, and remember it.

    A `prompt_cache_key` keeps its prompts apart.

    Args:
        session: The session, which remembers prompts.
        body: The request.
        model: The model that answers.
        marks: The marks of the prompt's prefixes.
    """
    if not marks:
        return Cached()
    cache = f"{model.snapshot}:{body.get('prompt_cache_key') or ''}"
    earlier = await session.prompts(cache)
    best = _longest(marks, earlier)
    if best < len(marks):
        await session.remember_prompt(cache, marks, _REMEMBERED)
    return Cached(read=_length(best), written=_length(len(marks)) - _length(best))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Begun:
    """The common beginning of prompts with the same tools.

    Attributes:
        length: How many bytes of numbers that is.
        marks: The marks of its prefixes.
        told: The digest of all of it.
    """

    length: int = 0
    marks: Sequence[str] = ()
    told: "blake2b" = field(default_factory=lambda: blake2b(digest_size=8))


def _begun_with(toolbox: Toolbox, tokenizer: Tokenizer) -> _Begun:
    """Return the common beginning of prompts with these tools; all models that cache share one vocabulary."""
    written = bytearray(tokenizer.numbers(toolbox.once(with_titles)))
    begun = _Begun(len(written), _marks(_Begun(), written, len(written)))
    begun.told.update(written)
    return begun


@dataclass(slots=True, eq=False, repr=False)
class _Sequence:
    """The rest of a prompt after the tools, as one sequence of numbers, and the position of its last breakpoint."""

    written: bytearray = field(default_factory=bytearray)
    breakpoint: int = 0


def _sequence(body: Mapping[str, Any], model: Model, tokenizer: Tokenizer) -> _Sequence:
    sequence = _Sequence()
    for message in messages_of(body):
        sequence.written += _FRAME
        sequence.written += tokenizer.numbers(str(message.get("role")))
        _add(message.get("content"), sequence, model, tokenizer)
        if calls := message.get("tool_calls"):
            sequence.written += tokenizer.numbers(orjson.dumps(calls).decode())
    return sequence


def _add(content: Any, sequence: _Sequence, model: Model, tokenizer: Tokenizer) -> None:
    """Add a content: text as its tokens, any other part as one number for each of its tokens."""
    if isinstance(content, str):
        sequence.written += tokenizer.numbers(content)
    for part in objects_in(content):
        if isinstance(text := part.get("text"), str):
            sequence.written += tokenizer.numbers(text)
        else:
            digest = blake2b(orjson.dumps(part), digest_size=_NUMBER).digest()
            sequence.written += digest * part_tokens(part, model, tokenizer).total
        if "prompt_cache_breakpoint" in part:
            sequence.breakpoint = len(sequence.written)


def _marks(begun: _Begun, rest: bytearray, total: int) -> list[str]:
    """Return a digest for each prefix that may be cached."""
    ends = range(LEAST_CACHED, min(total, (begun.length + len(rest)) // _NUMBER) + 1, STEP)
    marks = [*begun.marks[: len(ends)]]
    told, start = begun.told.copy(), 0
    for end in ends[len(marks) :]:
        stop = end * _NUMBER - begun.length
        told.update(rest[start:stop])
        marks.append(told.hexdigest())
        start = stop
    return marks


def _longest(marks: list[str], earlier: Sequence[list[str]]) -> int:
    """Return the number of leading digests that an earlier prompt shares."""
    lengths = range(len(marks), 0, -1)
    return next((n for n in lengths if any(len(seen) >= n and seen[n - 1] == marks[n - 1] for seen in earlier)), 0)


def _length(marks: int) -> int:
    return LEAST_CACHED + (marks - 1) * STEP if marks else 0
