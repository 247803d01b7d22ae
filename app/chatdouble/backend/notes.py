"""Notes about a call for its journal entry: what layers and backends say of it, and when its answer was written."""

import zlib
from array import array
from dataclasses import dataclass, fields
from typing import Any, Final, Protocol

from typing_extensions import TypedDict

from chatdouble.core.errors import Error


class TurnNote(TypedDict):
    """The turn of a scripted conversation that a request was for.

    Attributes:
        conversation: The name or id of the conversation.
        number: The turn's number, from 1; beyond `of` if no turn was left.
        of: The number of turns in the conversation.
        fits: Whether the request fits the turn; if not, it got a `turn_mismatch`.
    """

    conversation: str
    number: int
    of: int
    fits: bool


# Defaults are the class's, so that an instance has only what was noted: every request makes one.
@dataclass(init=False, eq=False, repr=False)
class Notes:
    """Details that layers and backends add to the journal entry.

    Attributes:
        rule: The rule that answered, `queue` for a queued reply, `turn` for a turn of a conversation.
        turn: The turn of a scripted conversation that the request was for.
        near_misses: The rules that nearly matched, nearest first.
        warnings: Faults of a request that was answered all the same.
        remarks: Warnings for the journal alone: no header, no log line.
        faults: The names of the faults that happened.
        mode: The recording mode in use.
        recorded: The file that was recorded.
        not_recorded: Why nothing was recorded.
        error: The error that ended a stream, as the envelope's inside.
        unread: Whether the client left while there was more to send than the end of a stream.
        ignored: Faults of the request that lenient validation ignored.
        impossible: Faults of a scripted reply that the API could not give.
        retry_after: The seconds that an error's `retry-after` named.
        is_final: Whether an error carried `x-should-retry: false`.
        gates: The gates at which the answer stopped, and why it went on.
        problems: Mistakes of the test that show only here, each with its `kind`.
    """

    rule: str | None = None
    turn: TurnNote | None = None
    near_misses: tuple[dict[str, Any], ...] = ()
    warnings: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    mode: str | None = None
    recorded: str | None = None
    not_recorded: str | None = None
    error: Error | None = None
    unread: bool | None = None
    ignored: tuple[str, ...] = ()
    impossible: tuple[str, ...] = ()
    retry_after: float | None = None
    is_final: bool | None = None
    gates: tuple[dict[str, Any], ...] = ()
    problems: tuple[dict[str, Any], ...] = ()

    def noted(self) -> dict[str, Any]:
        """Return the notes that are set, by name; remarks are among the warnings."""
        noted = {name: value for name in _NOTES if (value := getattr(self, name)) not in _UNSET}
        if self.remarks:
            noted["warnings"] = self.warnings + noted.pop("remarks")
        return noted

    def warn(self, *warnings: str) -> None:
        """Add warnings."""
        self.warnings += warnings

    def ignore(self, *faults: str) -> None:
        """Warn of faults of the request that are ignored, as long as there are few."""
        faults = faults[: max(_MOST_IGNORED - len(self.ignored), 0)]
        self.warnings += faults
        self.ignored += faults


_MOST_IGNORED: Final = 1000
_NOTES: Final = tuple(one.name for one in fields(Notes))
_UNSET: Final = (None, ())


_KEPT: Final = 16 * 1024
"""The bytes at the beginning of an answer that are kept as they were written."""
_BLOCK: Final = 4 * 1024
"""The bytes that are packed together. Frames resemble each other, so a tenth of them is left."""
_FASTEST: Final = 1
_WINDOW: Final = 12
"""The window bits of a block: 4 KB, for which zlib needs less memory."""


class Remade(Protocol):
    """Bytes that can be made again, which takes less memory than keeping them."""

    @property
    def size(self) -> int:
        """The bytes that it takes itself, roughly."""
        ...

    def beginning(self, most: int) -> bytes:
        """Return the first bytes, at most so many."""
        ...


class Writes:
    """When an answer was written, in pieces of which size, and its beginning.

    Args:
        remade: What is written, if it can be made again; None: the beginning is kept as it is written.

    Attributes:
        remade: As given.
        times: The time of each write, in seconds since the request came.
        sizes: The bytes of each.
        packed: The first bytes of the answer, packed, because thousands of slow answers may be under way; see
            `beginning_of`.
        rest: The bytes after those, up to the end of what is kept.
    """

    __slots__ = ("_room", "packed", "remade", "rest", "sizes", "times")

    def __init__(self, remade: Remade | None = None) -> None:
        self.remade = remade
        self.times = array("d")
        self.sizes = array("I")
        self.packed = self.rest = b""
        self._room = _KEPT if remade is None else 0

    def add(self, at: float, body: bytes) -> None:
        """Add a write."""
        self.times.append(at)
        self.sizes.append(len(body))
        if self._room > 0:
            kept = body[: self._room]
            self._room -= len(kept)
            self.rest += kept
            if len(self.rest) >= _BLOCK:
                self.packed += zlib.compress(self.rest, _FASTEST, _WINDOW)
                self.rest = b""


def beginning_of(packed: bytes, rest: bytes, remade: Remade | None, written: int) -> bytes:
    """Return the first bytes of an answer as they were kept in `Writes`.

    Args:
        packed: Those that were packed, in one block or several.
        rest: Those after them.
        remade: What was written, if it can be made again.
        written: The bytes that were written.
    """
    if remade is not None:
        return remade.beginning(min(written, _KEPT))
    found = b""
    while packed:
        block = zlib.decompressobj()
        found += block.decompress(packed)
        packed = block.unused_data
    return found + rest
