"""A stream as it came, read, and the facts about it that folding loses, compared."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

import orjson

from chatdouble.core.json import as_array, as_object, is_object
from chatdouble.schema.chunk import Chunk
from chatdouble.streaming.fold import fold
from chatdouble.verify.drift import MISSING, Drift, differing, kind

_FRAME_END: Final = re.compile(rb"\r?\n\r?\n|\r\r")
_LINE_END: Final = re.compile(rb"\r\n|\r|\n")
_DATA: Final = re.compile(rb"data: ?")


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream of server-sent events, read.

    Attributes:
        chunks: Its chunks.
        done: Whether `[DONE]` ended it.
        error: The error that came instead of a chunk, if one did.
        broken: The first event that was not JSON, if there was one.
    """

    chunks: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    done: bool = False
    error: dict[str, Any] | None = None
    broken: str | None = None

    def folded(self) -> dict[str, Any]:
        """Return the whole answer that the chunks make.

        Raises:
            ValueError: There is no chunk.
        """
        return dict(fold(cast("list[Chunk]", self.chunks)))


def read(body: bytes) -> Stream:
    """Read a stream's bytes; comments and fields other than `data` are passed over."""
    chunks: list[dict[str, Any]] = []
    error: dict[str, Any] | None = None
    broken: str | None = None
    done = False
    for data in filter(None, map(_data, _FRAME_END.split(body))):
        if data == b"[DONE]":
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


def _data(frame: bytes) -> bytes:
    lines = [_DATA.match(line) and _DATA.sub(b"", line, count=1) for line in _LINE_END.split(frame)]
    return b"\n".join(filter(None, lines))


def stream_drift(recorded: Stream, live: Stream) -> Iterator[Drift]:
    """Return what drifted of two streams as such; what they say is compared once they are folded."""
    for name, fact in _FACTS.items():
        was, now = fact(recorded), fact(live)
        if was is not None and now is not None:
            yield from differing(f"stream.{name}", was, now)


def _choices(stream: Stream) -> Iterator[dict[str, Any]]:
    for chunk in stream.chunks:
        yield from as_array(chunk.get("choices"))


def _keys(stream: Stream) -> list[str]:
    """Return the keys of the chunks that have choices, beside those that have facts of their own."""
    found = {key for chunk in stream.chunks if chunk.get("choices") for key in chunk}
    return sorted(found - {"usage", "obfuscation"})


def _choice_keys(stream: Stream) -> list[str]:
    return sorted({key for choice in _choices(stream) for key in choice})


def _first_delta(stream: Stream) -> dict[str, str] | None:
    """Return the shape of the first delta of a text; those of calls and refusals are others (streams#first-delta)."""
    deltas = [as_object(choice.get("delta")) for choice in _choices(stream)]
    if not deltas or any(delta.get(key) is not None for delta in deltas for key in _NO_TEXT):
        return None
    return {key: kind(value) for key, value in sorted(deltas[0].items())}


_NO_TEXT: Final = ("tool_calls", "function_call", "refusal", "audio")


def _first_call(stream: Stream) -> list[str] | None:
    """Return the keys with which a call begins."""
    for choice in _choices(stream):
        for call in as_array(as_object(choice.get("delta")).get("tool_calls")):
            inner = as_object(call.get("function") or call.get("custom"))
            return sorted([*call, *(f"{call.get('type')}.{key}" for key in inner)])
    return None


def _last_delta(stream: Stream) -> list[str] | None:
    """Return the keys of the delta that comes with the finish reason."""
    ends = [choice for choice in _choices(stream) if choice.get("finish_reason")]
    return sorted(as_object(ends[0].get("delta"))) if ends else None


def _usage_before(stream: Stream) -> list[str]:
    """Return what `usage` is in the chunks that have choices."""
    spoken = [chunk for chunk in stream.chunks if chunk.get("choices")]
    return sorted({kind(chunk["usage"]) if "usage" in chunk else MISSING for chunk in spoken})


def _usage_chunk(stream: Stream) -> str:
    places = [place for place, chunk in enumerate(stream.chunks) if chunk.get("usage") and not chunk.get("choices")]
    return MISSING if not places else "last" if places == [len(stream.chunks) - 1] else "in between"


_FACTS: Final[Mapping[str, Callable[[Stream], Any]]] = {
    "broken": lambda stream: stream.broken or "nothing",
    "error": lambda stream: as_object(stream.error).get("type") or "nothing",
    "[DONE]": lambda stream: "there" if stream.done else MISSING,
    "object": lambda stream: sorted({str(chunk.get("object")) for chunk in stream.chunks}),
    "keys": _keys,
    "choice keys": _choice_keys,
    "first delta": _first_delta,
    "first delta of a call": _first_call,
    "last delta": _last_delta,
    "usage of chunks": _usage_before,
    "usage chunk": _usage_chunk,
    "obfuscation": lambda stream: "there" if any("obfuscation" in chunk for chunk in stream.chunks) else MISSING,
}
"""What must be equal in two streams; a fact that is None for either does not apply."""
