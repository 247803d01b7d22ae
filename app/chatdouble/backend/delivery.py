"""The delivery of an answer: its pace, its faults, its further headers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum, auto
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from chatdouble.state.gates import Gate

if TYPE_CHECKING:
    from chatdouble.scripts.format.delivery import PaceSpec
    from chatdouble.scripts.format.faults import FaultSpec


CONNECTION: Final = "chatdouble.connection"
"""The key of the connection in `scope["extensions"]` while the request is answered."""


class Abort(Enum):
    """The ways in which an answer ends early; nothing comes after one."""

    HANGUP = auto()
    """The connection closes after the pieces before; the client misses the end of the body."""
    RESET = auto()
    """The connection is reset (TCP RST); before any byte the client gets no response at all."""
    STALL = auto()
    """Nothing more is sent; the connection stays open until the client leaves."""


Timed = tuple[float, bytes | Abort]
"""A piece of an answer and when it is due, in seconds after the request.

Pieces are sent in order, none before it is due; those that are due together are sent in one write. The response's head
is sent with the first piece, even an empty one.
"""


class Head(NamedTuple):
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
    """The due times of an answer's pieces."""

    def offsets(self) -> Iterator[float]:
        """Yield the due time of each chunk, in seconds after the request.

        A whole answer is due with the chunk of its last token. Chunks beyond the last offset are due with it, and so
        is `[DONE]`.
        """
        ...


class Fault(Protocol):
    """A fault on the wire; see `chatdouble.layers.faults`.

    A subclass overrides the parts it disturbs. It may drop, alter, repeat or delay pieces, or end them with an
    `Abort`. Faults are applied in order, each to the result of the one before. The iterators may run in a worker
    thread and hold all state, so one fault may disturb several answers at once.

    Attributes:
        name: The fault's name in scripts.
    """

    name: str

    def on_head(self, head: Head) -> Head:
        """Return the head to send, for streams and whole answers alike."""
        return head

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Transform a stream. Each piece is one whole frame with its blank line; `[DONE]` is the last."""
        return frames

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Transform a whole answer. Its body is one piece, or the pieces of an earlier fault."""
        return pieces


class Cancellable(Protocol):
    """A scheduled call."""

    def cancel(self) -> None:
        """Cancel the call."""
        ...


class Connection(Protocol):
    """The connection of one request.

    Attributes:
        unheard: Whether the client has left before any byte of the response.
        disconnected: Whether the client has left, or the server has closed the connection.
    """

    unheard: bool
    disconnected: bool

    def at(self, time: float, call: Callable[[], float | None], /) -> Cancellable:
        """Schedule a call at a time of the event loop, after the earlier calls of all connections.

        The call returns the time at which it is called again; None: it is not.
        """
        ...

    def write(self, body: bytes) -> bool:
        """Write a piece of the body directly; return False if it has to be sent through ASGI instead."""
        ...

    def watch(self, left: Callable[[], None] | None) -> None:
        """Set what is called when the client leaves; None: nothing."""
        ...

    def hang_up(self) -> None:
        """Close the connection after what was sent; an incomplete response stays incomplete."""
        ...

    def reset(self) -> None:
        """Reset the connection (TCP RST); nothing more is sent."""
        ...


class Stop(NamedTuple):
    """A gate at which an answer stops.

    Attributes:
        name: The gate's name.
        gate: The gate, as it is now.
        chunks: The chunks of a stream that are sent before; None: all, so that `[DONE]` waits.
        timeout: Seconds after which an answer that nobody releases goes on by itself.
        since: Returns the time, in seconds since 1970.
    """

    name: str
    gate: Gate
    chunks: int | None
    timeout: float
    since: Callable[[], float]


class Delivery:
    """The delivery of one answer.

    Attributes:
        pace: When its pieces are due; None: at once.
        chunk_tokens: Tokens in one chunk when a whole answer is sliced; the API sends one.
        faults: What goes wrong on the way, in order.
        gates: The gates at which it has still to stop, in order.
        is_long: Whether the answer is so long that a thread encodes it.
        rate_limits: The response headers of the rate limits.
        headers: Further response headers, which replace those of the same name.
        wanted_pace: The pace that a reply asks for; the pace layer makes `pace` of it.
        wanted_faults: The faults that a reply asks for; the fault layer chooses among them.
        wanted_by: The reply that asks for them: its rule's key, or the place in the queue.
        at_end: Whether nothing is left to send but the usage and the last frame, which says that the stream is over.
        over: Whether the last frame of a relayed stream was sent.
        asked_faults: The faults that the request itself asks for, in a header.
        asked_by: The header that asks for them, by which they are counted.
        asked_gate: The gate that the request itself names, in a header.
    """

    # Defaults are the class's, as in `Notes`; what is added to one replaces it.
    pace: Pace | None = None
    chunk_tokens: int = 1
    is_long: bool = False
    faults: tuple[Fault, ...] = ()
    gates: tuple[Stop, ...] = ()
    rate_limits: Sequence[tuple[bytes, bytes]] = ()
    headers: Mapping[str, str] = MappingProxyType({})
    wanted_pace: "PaceSpec | None" = None
    wanted_faults: "tuple[FaultSpec, ...]" = ()
    wanted_by: str = ""
    at_end: bool = False
    over: bool = False
    asked_faults: "tuple[FaultSpec, ...]" = ()
    asked_by: str = ""
    asked_gate: str = ""
