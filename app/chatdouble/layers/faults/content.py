"""The fault `corrupt_tool_arguments`: calls of tools whose arguments are no JSON."""

from collections.abc import Iterator
from itertools import count
from typing import Any, Final

from chatdouble.backend.delivery import Abort, Head, Timed
from chatdouble.core.chance import Chance
from chatdouble.layers.faults.base import Disturbance, changed_at, changed_body, changed_frames, whole_body


class CorruptToolArguments(Disturbance):
    """Takes the first character off every call's arguments, so that the brace that opens them is missing."""

    name = "corrupt_tool_arguments"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the frames with the first piece of each call's arguments shortened."""
        return changed_frames(frames, _Shortening())

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return the body with each call's arguments shortened."""
        return changed_body(pieces, _Shortening())


class _Shortening:
    """Shortens the arguments of each call the first time there are any."""

    def __init__(self) -> None:
        self._done: set[tuple[int, int]] = set()

    def __call__(self, answer: dict[str, Any]) -> None:
        for choice in answer.get("choices") or ():
            said: Any = choice.get("delta") or choice.get("message") or {}
            for at, call in enumerate(said.get("tool_calls") or ()):
                self._shorten((choice.get("index", 0), call.get("index", at)), call.get("function"))
            self._shorten((choice.get("index", 0), -1), said.get("function_call"))

    def _shorten(self, which: tuple[int, int], function: dict[str, Any] | None) -> None:
        arguments = (function or {}).get("arguments")
        if function is not None and arguments and which not in self._done:
            self._done.add(which)
            function["arguments"] = arguments[1:]


class MalformedJson(Disturbance):
    """Cuts the JSON of one chunk, the second unless told otherwise, or of a whole answer in half."""

    name = "malformed_json"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the frames, one with half its JSON; it is still a frame."""
        return changed_at(frames, self.spec, lambda frame: frame[: len(frame) // 2] + b"\n\n")

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return half of the body as if it were whole."""
        for due, body in whole_body(pieces):
            yield due, body if isinstance(body, Abort) else body[: len(body) // 2]


HTML: Final = "text/html; charset=utf-8"


class WrongContentType(Disturbance):
    """Sends another content type, HTML's unless one is given."""

    name = "wrong_content_type"

    def on_head(self, head: Head) -> Head:
        """Return the head with the content type replaced."""
        return head.replacing(b"content-type", (self.spec.content_type or HTML).encode("latin-1", "replace"))


class WrongIds(Disturbance):
    """Gives every chunk, or the whole answer, an id that no completion has, and all calls of tools the same id."""

    name = "wrong_ids"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the frames, each chunk with an id of its own."""
        return changed_frames(frames, _Renaming(self.chance))

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return the body with the id of another completion."""
        return changed_body(pieces, _Renaming(self.chance))


class _Renaming:
    """Gives each answer or chunk another id."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._count = count()

    def __call__(self, answer: dict[str, Any]) -> None:
        answer["id"] = f"chatcmpl-{self._chance.at(next(self._count)).text(29)}"
        for choice in answer.get("choices") or ():
            said: Any = choice.get("delta") or choice.get("message") or {}
            for call in said.get("tool_calls") or ():
                if "id" in call:
                    call["id"] = f"call_{self._chance.at('call').text(24)}"
