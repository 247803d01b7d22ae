"""The fault `corrupt_tool_arguments`: calls of tools whose arguments are no JSON."""

from collections.abc import Iterator
from typing import Any

from chatdouble.delivery import Timed
from chatdouble.layers.faults.base import Disturbance
from chatdouble.layers.faults.contents import changed_body, changed_frames


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
