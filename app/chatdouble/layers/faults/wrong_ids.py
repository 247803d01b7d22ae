"""The fault `wrong_ids`: ids that do not belong together."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from chatdouble.chance import Chance
from chatdouble.delivery import Timed
from chatdouble.layers.faults.base import Disturbance
from chatdouble.layers.faults.contents import changed_body, changed_frames


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
