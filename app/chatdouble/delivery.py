"""How an answer travels: its pace, its faults, its extra headers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol


class Pace(Protocol):
    """When each piece of an answer is due."""

    def offsets(self) -> Iterator[float]:
        """Return for each chunk in turn the seconds after the request at which it is due.

        A whole answer leaves when its last token's chunk would have been due.
        """
        ...


class Fault(Protocol):
    """Something that goes wrong on the wire; see `chatdouble.layers.faults`."""

    name: str


@dataclass(slots=True)
class Delivery:
    """How one answer is to travel.

    Attributes:
        pace: When its pieces are due; None: at once.
        faults: What goes wrong on the way, in order.
        headers: Further response headers.
        warnings: What lenient validation let pass, one sentence each.
        facts: Anything a layer wants to hand to another.
    """

    pace: Pace | None = None
    faults: list[Fault] = field(default_factory=list[Fault])
    headers: dict[str, str] = field(default_factory=dict[str, str])
    warnings: list[str] = field(default_factory=list[str])
    facts: dict[str, Any] = field(default_factory=dict[str, Any])
