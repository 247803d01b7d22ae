"""What templates may use."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

from chatdouble.core.chance import Chance
from chatdouble.scripts.matching.request_view import RequestView


class Draws:
    """Chance for templates: the same seed, session and call draw the same, in the same order.

    Args:
        chance: Where it comes from.
    """

    def __init__(self, chance: Chance) -> None:
        self._random: Random = chance.random()

    def integer(self, low: int, high: int) -> int:
        """Return a number from `low` to `high`, both included."""
        return self._random.randint(low, high)

    def number(self, low: float = 0.0, high: float = 1.0) -> float:
        """Return a number from `low` to `high`."""
        return self._random.uniform(low, high)

    def choice(self, values: Sequence[Any]) -> Any:
        """Return one of the values."""
        return self._random.choice(values)

    def hex(self, length: int = 8) -> str:
        """Return so many hexadecimal digits."""
        return "".join(self._random.choices("0123456789abcdef", k=length))

    def uuid(self) -> str:
        """Return a UUID of version 4."""
        return str(UUID(int=self._random.getrandbits(128), version=4))


class Scope:
    """What the templates of one reply may use, made when the first of them asks.

    Args:
        facts: The request.
        match: What the rule's regular expressions captured.
        hits: How often the rule has answered in this session before.
        occasion: What the reply belongs to; it names its chance.
    """

    def __init__(self, facts: RequestView, match: Mapping[str, str], hits: int, occasion: str) -> None:
        self.facts = facts
        self.match = match
        self.hits = hits
        self.occasion = occasion
        self._made: Mapping[str, Any] | None = None

    def variables(self) -> Mapping[str, Any]:
        """Return what templates may use, by name; `VARIABLES` lists it."""
        if self._made is None:
            self._made = self._make()
        return self._made

    def _make(self) -> Mapping[str, Any]:
        facts, call = self.facts, self.facts.call
        results = facts.tool_results
        made: dict[str, Any] = {
            "request": call.body,
            "match": self.match,
            "user": facts.user or "",
            "tools": {result.name: result for result in results},
            "counter": {"rule": self.hits + 1, "session": call.ordinal},
            "random": Draws(call.chance.at("template", self.occasion)),
            "now": datetime.fromtimestamp(call.services.clock.now(), UTC),
            "session": call.session.name,
            "turn": facts.turn,
            "headers": call.headers,
        }
        return made | ({"tool": results[-1]} if results else {})
