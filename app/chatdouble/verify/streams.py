"""Streams of chunks, and the comparison of what folding them would lose."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

import orjson

from chatdouble.core.json import as_array, as_object, is_object
from chatdouble.core.sse import DONE, read_frames
from chatdouble.schema.chunk import Chunk
from chatdouble.streaming.fold import fold
from chatdouble.verify.drift import MISSING, PRESENT, Drift, differing, json_type


@dataclass(frozen=True, slots=True)
class Stream:
    """The events of a stream.

    Attributes:
        chunks: Its chunks.
        done: Whether it has a `[DONE]`.
        error: The error that was sent in place of a chunk; None if there was none.
        broken: The first event that is not JSON; None if there is none.
    """

    chunks: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    done: bool = False
    error: dict[str, Any] | None = None
    broken: str | None = None

    def folded(self) -> dict[str, Any]:
        """Return the completion that the chunks add up to.

        Raises:
            ValueError: There are no chunks.
        """
        return dict(fold(cast("list[Chunk]", self.chunks)))


def read_stream(body: bytes) -> Stream:
    """Read a stream's bytes; comments and fields other than `data` are ignored."""
    chunks: list[dict[str, Any]] = []
    error: dict[str, Any] | None = None
    broken: str | None = None
    done = False
    for data in filter(None, (frame.data for frame in read_frames(body))):
        if data == DONE:
            done = True
            continue
        try:
            value = orjson.loads(data)
        except orjson.JSONDecodeError:
            broken = broken or data[:80].decode(errors="replace")
            continue
        if is_object(value) and "error" in value:
            error = as_object(value["error"])
        elif is_object(value):
            chunks.append(value)
    return Stream(chunks, done, error, broken)


def stream_drift(recorded: Stream, live: Stream) -> Iterator[Drift]:
    """Return the drift of two streams as streams; their content is compared once they are folded."""
    for name, fact in _FACTS.items():
        was, now = fact(recorded), fact(live)
        if was is not None and now is not None:
            yield from differing(f"stream.{name}", was, now)


def _choices(stream: Stream) -> Iterator[dict[str, Any]]:
    for chunk in stream.chunks:
        yield from as_array(chunk.get("choices"))


def _keys(stream: Stream) -> list[str]:
    """Return the keys of chunks with choices, except those that other facts are about."""
    found = {key for chunk in stream.chunks if chunk.get("choices") for key in chunk}
    return sorted(found - {"usage", "obfuscation"})


def _choice_keys(stream: Stream) -> list[str]:
    return sorted({key for choice in _choices(stream) for key in choice})


def _first_delta(stream: Stream) -> dict[str, str] | None:
    """Return the shape of a text's first delta; None for calls and refusals, which differ (streams#first-delta)."""
    deltas = [as_object(choice.get("delta")) for choice in _choices(stream)]
    if not deltas or any(delta.get(key) is not None for delta in deltas for key in _NOT_TEXT):
        return None
    return {key: json_type(value) for key, value in sorted(deltas[0].items())}


_NOT_TEXT: Final = ("tool_calls", "function_call", "refusal", "audio")


def _first_call(stream: Stream) -> list[str] | None:
    """Return the keys of the first delta of a tool call."""
    for choice in _choices(stream):
        for call in as_array(as_object(choice.get("delta")).get("tool_calls")):
            inner = as_object(call.get("function") or call.get("custom"))
            return sorted([*call, *(f"{call.get('type')}.{key}" for key in inner)])
    return None


def _last_delta(stream: Stream) -> list[str] | None:
    """Return the keys of the delta beside the finish reason."""
    ends = [choice for choice in _choices(stream) if choice.get("finish_reason")]
    return sorted(as_object(ends[0].get("delta"))) if ends else None


def _usage_of_chunks(stream: Stream) -> list[str]:
    """Return the types of `usage` in chunks with choices."""
    chunks = [chunk for chunk in stream.chunks if chunk.get("choices")]
    return sorted({json_type(chunk["usage"]) if "usage" in chunk else MISSING for chunk in chunks})


def _usage_chunk(stream: Stream) -> str:
    """Return the place of the chunk that has nothing but usage."""
    places = [place for place, chunk in enumerate(stream.chunks) if chunk.get("usage") and not chunk.get("choices")]
    return MISSING if not places else "last" if places == [len(stream.chunks) - 1] else "in between"


_FACTS: Final[Mapping[str, Callable[[Stream], Any]]] = {
    "broken": lambda stream: stream.broken or "nothing",
    "error": lambda stream: as_object(stream.error).get("type") or "nothing",
    "[DONE]": lambda stream: PRESENT if stream.done else MISSING,
    "object": lambda stream: sorted({str(chunk.get("object")) for chunk in stream.chunks}),
    "keys": _keys,
    "choice keys": _choice_keys,
    "first delta": _first_delta,
    "first delta of a call": _first_call,
    "last delta": _last_delta,
    "usage of chunks": _usage_of_chunks,
    "usage chunk": _usage_chunk,
    "obfuscation": lambda stream: PRESENT if any("obfuscation" in chunk for chunk in stream.chunks) else MISSING,
}
"""Facts that must be equal for two streams; one that is None for either does not apply."""
