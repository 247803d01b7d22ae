"""Faults of content: wrong JSON, tool arguments, ids and content types."""

from collections.abc import Iterator
from itertools import count
from typing import Any, Final

from chatdouble.backend.delivery import Abort, Head, Timed
from chatdouble.core.chance import Chance
from chatdouble.core.json import as_object, objects_in
from chatdouble.core.sse import Frame
from chatdouble.layers.faults.base import (
    Disturbance,
    changed_at,
    changed_body,
    changed_frames,
    whole_body,
)
from chatdouble.scripts.format.faults import ChunkFault, ContentTypeFault, PlainFault


class CorruptToolArguments(Disturbance[PlainFault]):
    """Removes the first character of every call's arguments, which is the opening brace."""

    name = "corrupt_tool_arguments"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the frames with the arguments of each call corrupted."""
        return changed_frames(frames, _ArgumentCutter())

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return the body with the arguments of each call corrupted."""
        return changed_body(pieces, _ArgumentCutter())


class _ArgumentCutter:
    """Cuts the arguments of each call in the first chunk that has some."""

    def __init__(self) -> None:
        self._done: set[tuple[int, int]] = set()

    def __call__(self, answer: dict[str, Any]) -> None:
        cut_items(answer)
        for choice in answer.get("choices") or ():
            message: Any = choice.get("delta") or choice.get("message") or {}
            for at, call in enumerate(message.get("tool_calls") or ()):
                self._cut((choice.get("index", 0), call.get("index", at)), call.get("function"))
            self._cut((choice.get("index", 0), -1), message.get("function_call"))

    def _cut(self, call: tuple[int, int], function: dict[str, Any] | None) -> None:
        arguments = (function or {}).get("arguments")
        if function is not None and arguments and call not in self._done:
            self._done.add(call)
            function["arguments"] = arguments[1:]


def cut_items(answer: dict[str, Any]) -> None:
    """Cut the arguments of each call in a response or in one of its events."""
    held = [answer, as_object(answer.get("item")), *objects_in(answer.get("output"))]
    held += objects_in(as_object(answer.get("response")).get("output"))
    for item in held:
        if str(item.get("arguments", "")).startswith("{"):
            item["arguments"] = item["arguments"][1:]
    if answer.get("type") == _FIRST_PIECE and str(answer.get("delta", "")).startswith("{"):
        answer["delta"] = answer["delta"][1:]


_FIRST_PIECE: Final = "response.function_call_arguments.delta"


class MalformedJson(Disturbance[ChunkFault]):
    """Cuts the JSON of one chunk, or of a whole answer, in half."""

    name = "malformed_json"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the frames, one of them with half its data."""
        return changed_at(frames, self.options.after_chunks, _halved)

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Yield half of the body as if it were complete."""
        for due, body in whole_body(pieces):
            yield due, body if isinstance(body, Abort) else body[: len(body) // 2]


def _halved(frame: bytes) -> bytes:
    event = Frame(frame)
    return frame if event.data is None else event.with_data(event.data[: len(event.data) // 2]).raw


class WrongContentType(Disturbance[ContentTypeFault]):
    """Sends another content type."""

    name = "wrong_content_type"

    def on_head(self, head: Head) -> Head:
        """Return the head with the content type replaced."""
        return head.replacing(b"content-type", self.options.content_type.encode("latin-1", "replace"))


class WrongIds(Disturbance[PlainFault]):
    """Gives every chunk, or the whole answer, another id, and all tool calls the same id."""

    name = "wrong_ids"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the frames, each chunk with a different id."""
        return changed_frames(frames, _IdChanger(self.chance))

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return the body with another id."""
        return changed_body(pieces, _IdChanger(self.chance))


class _IdChanger:
    """Gives each answer or chunk another id."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._count = count()

    def __call__(self, answer: dict[str, Any]) -> None:
        if self._of_response(answer):
            return
        answer["id"] = f"chatcmpl-{self._chance.at(next(self._count)).text(29)}"
        for choice in answer.get("choices") or ():
            message: Any = choice.get("delta") or choice.get("message") or {}
            for call in message.get("tool_calls") or ():
                if "id" in call:
                    call["id"] = f"call_{self._chance.at('call').text(24)}"

    def _of_response(self, answer: dict[str, Any]) -> bool:
        """Give a response, or the item that an event is about, another id; tell whether it was one."""
        if answer.get("object") == "response":
            answer["id"] = f"resp_{self._chance.at(next(self._count)).hex(50)}"
            for item in objects_in(answer.get("output")):
                if "call_id" in item:
                    item["call_id"] = f"call_{self._chance.at('call').text(24)}"
            return True
        if "sequence_number" in answer:
            for held, name in ((answer, "item_id"), (as_object(answer.get("item")), "id")):
                if name in held:
                    held[name] = f"msg_{self._chance.at(next(self._count)).hex(50)}"
            return True
        return False
