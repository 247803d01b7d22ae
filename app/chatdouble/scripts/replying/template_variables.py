"""The variables of templates in replies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

from chatdouble.core.chance import Chance
from chatdouble.scripts.format.sandbox import LONGEST
from chatdouble.scripts.matching.request_view import RequestView


class RandomValues:
    """Random values for templates, the same for the same seed, session and request.

    Args:
        chance: The source of randomness.
    """

    def __init__(self, chance: Chance) -> None:
        self._random: Random = chance.random()

    def integer(self, low: int, high: int) -> int:
        """Return an integer from `low` to `high`, both included."""
        return self._random.randint(low, high)

    def number(self, low: float = 0.0, high: float = 1.0) -> float:
        """Return a number from `low` to `high`."""
        return self._random.uniform(low, high)

    def choice(self, values: Sequence[Any]) -> Any:
        """Return one of the values."""
        return self._random.choice(values)

    def hex(self, length: int = 8) -> str:
        """Return a string of hexadecimal digits.

        Raises:
            ValueError: They are more than a template may make.
        """
        if length > LONGEST:
            raise ValueError(f"random.hex gives up to {LONGEST} digits")
        return "".join(self._random.choices("0123456789abcdef", k=length))

    def uuid(self) -> str:
        """Return a UUID of version 4."""
        return str(UUID(int=self._random.getrandbits(128), version=4))


@dataclass(slots=True)
class TemplateVariables:
    """The variables of one reply's templates; call it to get them. They are built on the first call.

    Attributes:
        view: The request.
        match: The named groups that the rule's regular expressions captured.
        hits: The number of times the rule has answered in this session before.
        occasion: The reply's source, such as a rule; a part of the seed for random values.
    """

    view: RequestView
    match: Mapping[str, str]
    hits: int
    occasion: str
    _built: Mapping[str, Any] | None = field(default=None, init=False)

    def __call__(self) -> Mapping[str, Any]:
        """Return the variables by name; `templates.VARIABLES` lists them."""
        if self._built is None:
            self._built = self._build()
        return self._built

    def _build(self) -> Mapping[str, Any]:
        view, call = self.view, self.view.call
        results = view.tool_results
        built: dict[str, Any] = {
            "request": call.sent,
            "match": self.match,
            "user": view.user or "",
            "tools": {result.name: result for result in results},
            "counter": {"rule": self.hits + 1, "session": call.ordinal},
            "random": RandomValues(call.chance.at("template", self.occasion)),
            "now": datetime.fromtimestamp(call.services.clock.now(), UTC),
            "session": call.session.shown,
            "turn": view.turn,
            "headers": call.headers,
        }
        return built | ({"tool": results[-1]} if results else {})
