"""The events of a stream of a response, each by itself, or all deltas of a text together."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

Event = dict[str, Any]


class Deltas(NamedTuple):
    """The deltas of a text: events that differ only in their piece.

    Attributes:
        event: An event without its delta.
        pieces: The pieces of the text.
    """

    event: Event
    pieces: Iterator[str]

    def each(self) -> Iterator[Event]:
        """Yield the events."""
        return ({**self.event, "delta": piece} for piece in self.pieces)


Step = Event | Deltas
"""One event, or the deltas of a text."""


def event(kind: str, **fields: Any) -> Event:
    """Return an event."""
    return {"type": f"response.{kind}", **fields}


def one_by_one(steps: Iterable[Step]) -> Iterator[Event]:
    """Yield the events of steps."""
    for step in steps:
        if isinstance(step, Deltas):
            yield from step.each()
        else:
            yield step
