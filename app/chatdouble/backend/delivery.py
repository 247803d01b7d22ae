"""How an answer travels: its pace, its faults, its extra headers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

from chatdouble.core.headers import Pairs

if TYPE_CHECKING:
    from chatdouble.scripts.format.delivery import FaultSpec, PaceSpec


class Abort(Enum):
    """How an answer ends without being whole; nothing comes after one."""

    HANGUP = auto()
    """The connection closes after what was due before; the client misses the body's end."""
    RESET = auto()
    """The connection is reset (TCP RST); before any byte the client gets no response at all."""
    STALL = auto()
    """Nothing more is sent, and the connection stays open until the client goes."""


Timed = tuple[float, bytes | Abort]
"""A piece of an answer and when it is due, in seconds after the request came.

Pieces leave in order, none before it is due; those that are due together leave in one write. The response's
head leaves with the first piece, even an empty one.
"""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a response.

    Attributes:
        status: The HTTP status.
        headers: The headers in order, names in lower case.
    """

    status: int
    headers: tuple[tuple[bytes, bytes], ...]

    def replacing(self, name: bytes, value: bytes) -> "Head":
        """Return this head with one header set to a value, in its old place or at the end."""
        if all(held != name for held, _ in self.headers):
            return Head(self.status, (*self.headers, (name, value)))
        return Head(self.status, tuple((held, value if held == name else was) for held, was in self.headers))


class Pace(Protocol):
    """When each piece of an answer is due."""

    def offsets(self) -> Iterator[float]:
        """Return for each chunk in turn the seconds after the request at which it is due.

        A whole answer leaves when its last token's chunk would have been due. When there are more chunks
        than offsets, the last offset stands for the rest; `[DONE]` is due with the last chunk.
        """
        ...


class Fault(Protocol):
    """Something that goes wrong on the wire; see `chatdouble.layers.faults`.

    A subclass overrides what it disturbs. Pieces may be dropped, altered, doubled, held back or ended with an
    `Abort`; several faults are applied in order, each to what the one before it made. The iterators may be
    run in a worker thread, and hold all the state there is: one fault may disturb many answers at once.

    Attributes:
        name: The fault's name, as scripts word it.
    """

    name: str

    def on_head(self, head: Head) -> Head:
        """Return the head to send, for streams and whole answers alike."""
        return head

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Transform a stream: one whole `data: ...` frame with its blank line a piece, `[DONE]` the last."""
        return frames

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Transform a whole answer: its body as one piece, or what an earlier fault made of it."""
        return pieces


@dataclass(slots=True)
class Delivery:
    """How one answer travels.

    Attributes:
        pace: When its pieces are due; None: at once.
        chunk_tokens: Tokens in one chunk when a whole answer is sliced; the API sends one.
        faults: What goes wrong on the way, in order.
        rate_limits: The response headers of the rate limits.
        headers: Further response headers, which replace those of the same name.
        wanted_pace: The pace that a reply asks for; the pace layer makes `pace` of it.
        wanted_faults: The faults that a reply asks for; the fault layer chooses among them.
        wanted_by: The reply that asks for them: its rule's id, or the place in the queue.
    """

    pace: Pace | None = None
    chunk_tokens: int = 1
    faults: list[Fault] = field(default_factory=list)
    rate_limits: Pairs = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    wanted_pace: "PaceSpec | None" = None
    wanted_faults: "tuple[FaultSpec, ...]" = ()
    wanted_by: str = ""
