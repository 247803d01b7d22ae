"""The list of rules that a session has: those of files, of all sessions and its own, with their counts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from typing_extensions import TypedDict

from chatdouble.scripts.format.rule import Rule
from chatdouble.scripts.matching.changes import AddedRule, Kept, Position, compiled
from chatdouble.scripts.reading.load import Placed
from chatdouble.scripts.replying.by_rule import reply_index

Scope = Literal["file", "all", "session"]


class SequenceState(TypedDict):
    """The state of a rule's sequence.

    Attributes:
        next: The number of the next reply, from 1; None: the rule has stopped to match.
        of: The number of replies.
    """

    next: int | None
    of: int


class ShownRule(TypedDict):
    """A rule in the list.

    Attributes:
        id: Its id.
        name: Its name, as the journal has it.
        source: Its file; None: a test added it.
        line: Its line in the file.
        scope: Whether it comes from a file, holds for all sessions, or for this one.
        position: Whether an added rule is tried before or after those of files.
        disabled: Whether it is left out.
        hits: The number of answers that it has given in the session.
        sequence: The state of its sequence; None: it has none, or the list is for all sessions.
        rule: The rule as it was written.
    """

    id: str
    name: str
    source: str | None
    line: int | None
    scope: Scope
    position: Position | None
    disabled: bool
    hits: int
    sequence: SequenceState | None
    rule: Any


@dataclass(frozen=True, slots=True)
class Listed:
    """A rule that can be listed.

    Attributes:
        shown: It as it is shown, before its counts are known.
        placed: The rule and its place.
    """

    shown: ShownRule
    placed: Placed

    @property
    def key(self) -> str:
        """The key of its counts."""
        return self.placed.key

    def is_named(self, name: str) -> bool:
        """Tell whether it has this id or this name."""
        return name in (self.shown["id"], self.shown["name"])

    def with_hits(self, hits: int, *, one_session: bool) -> ShownRule:
        """Return it as it is shown after a number of answers."""
        return {**self.shown, "hits": hits, "sequence": _sequence(self.placed.rule, hits) if one_session else None}


def _sequence(rule: Rule, hits: int) -> SequenceState | None:
    if rule.sequence is None:
        return None
    of = len(rule.sequence)
    return {"next": None if rule.then == "unmatched" and hits >= of else reply_index(rule, hits) + 1, "of": of}


def listed(files: Iterable[Placed], own: Kept, everyone: Kept, *, for_all: bool) -> Iterator[Listed]:
    """Yield all rules in the order in which they are tried.

    Args:
        files: The rules of files.
        own: The changes of the session, or again of all sessions.
        everyone: The changes of all sessions.
        for_all: Whether the list is for all sessions.
    """
    disabled = {*own["disabled"], *everyone["disabled"]}
    scopes: list[tuple[Kept, Scope]] = [(everyone, "all")] if for_all else [(own, "session"), (everyone, "all")]
    for kept, scope in scopes:
        yield from _added(kept, scope, "first", disabled)
    for placed in files:
        yield _from_file(placed, placed.key in disabled)
    for kept, scope in scopes:
        yield from _added(kept, scope, "last", disabled)


def _added(kept: Kept, scope: Scope, position: Position, disabled: set[str]) -> Iterator[Listed]:
    for one in kept["added"]:
        if one["position"] == position:
            yield _one(one, scope, one["disabled"] or one["id"] in disabled)


def _one(one: AddedRule, scope: Scope, disabled: bool) -> Listed:
    placed = compiled(one).placed
    shown = ShownRule(
        id=one["id"],
        name=placed.id,
        source=None,
        line=None,
        scope=scope,
        position=one["position"],
        disabled=disabled,
        hits=0,
        sequence=None,
        rule=one["rule"],
    )
    return Listed(shown, placed)


def _from_file(placed: Placed, disabled: bool) -> Listed:
    shown = ShownRule(
        id=placed.control_id,
        name=placed.id,
        source=placed.source.name,
        line=placed.place().line,
        scope="file",
        position=None,
        disabled=disabled,
        hits=0,
        sequence=None,
        rule=placed.written,
    )
    return Listed(shown, placed)
