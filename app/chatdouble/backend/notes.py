"""Notes that layers and backends make about a call, for its journal entry."""

from dataclasses import dataclass, fields
from typing import Any, Final

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
@dataclass(init=False)
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
