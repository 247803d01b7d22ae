"""Changes of rules while the server runs: rules that a test adds around those of the files, and rules it disables."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import Any, Final, Literal, cast

from typing_extensions import TypedDict

from chatdouble.backend import Call
from chatdouble.core.json_in_steps import digest_in_steps
from chatdouble.scripts.format.rule import Rule
from chatdouble.scripts.matching.compiled_rule import CompiledRule, compile_rule
from chatdouble.scripts.matching.index import Index, names_another
from chatdouble.scripts.matching.request_view import RequestView
from chatdouble.scripts.reading.load import Placed
from chatdouble.scripts.reading.source import Source
from chatdouble.state.session import Session
from chatdouble.state.sessions import Sessions

Position = Literal["first", "last"]

_REMEMBERED: Final = 4096
_SOURCE: Final = Source("added while the server runs", "")


class AddedRule(TypedDict):
    """A rule that a test added.

    Attributes:
        id: Its id, which is the key of its counts too.
        rule: The rule as it was written.
        wording: A digest of it, because many long rules take long to compare.
        position: Whether it is tried before or after the rules of the files.
        disabled: Whether it is left out.
    """

    id: str
    rule: dict[str, Any]
    wording: str
    position: Position
    disabled: bool


class Kept(TypedDict):
    """The changes of one session, or of all sessions, as they are kept.

    Attributes:
        made: The number of rules that were ever added.
        added: The rules that were added, in the order in which they are tried.
        disabled: The keys of rules of files, or of all sessions, that are left out.
    """

    made: int
    added: list[AddedRule]
    disabled: list[str]


NOTHING: Final = Kept(made=0, added=[], disabled=[])


async def kept_of(session: Session) -> Kept:
    """Return the changes of a session, or of all sessions."""
    return cast("Kept", await session.document("rules") or NOTHING)


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes that are in force for a call.

    Attributes:
        first: The rules that are tried before those of the files.
        last: The rules that are tried after those of the files.
        disabled: The keys of the rules that are left out.
    """

    first: tuple[CompiledRule, ...] = ()
    last: tuple[CompiledRule, ...] = ()
    disabled: frozenset[str] = frozenset()

    def candidates(self, index: Index | None, view: RequestView) -> Iterator[CompiledRule]:
        """Return the rules that may match, in order, with those of an index if there is one."""
        indexed = index.candidates(view) if index is not None else iter(())
        elsewhere = view.is_elsewhere
        return (
            rule
            for rule in chain(self.first, indexed, self.last)
            if rule.placed.key not in self.disabled and (not elsewhere or names_another(rule.placed.rule.when))
        )

    def rules(self, index: Index | None) -> list[CompiledRule]:
        """Return all rules in the order in which they are tried, with those of an index if there is one."""
        every = chain(self.first, index.rules if index is not None else (), self.last)
        return [rule for rule in every if rule.placed.key not in self.disabled]


async def changes_of(call: Call) -> Changes:
    """Return the changes that are in force for a call: those of its session around those of all sessions."""
    return await changes_in(call.session, call.services.sessions)


async def changes_in(session: Session, sessions: Sessions) -> Changes:
    """Return the changes that are in force in a session: its own around those of all sessions."""
    own, everyone = await kept_of(session), await kept_of(sessions.everyone)
    first = [*_compiled_of(own["added"], "first"), *_compiled_of(everyone["added"], "first")]
    last = [*_compiled_of(own["added"], "last"), *_compiled_of(everyone["added"], "last")]
    return Changes(tuple(first), tuple(last), frozenset([*own["disabled"], *everyone["disabled"]]))


def _compiled_of(added: Iterable[AddedRule], position: Position) -> Iterator[CompiledRule]:
    for one in added:
        if one["position"] == position and not one["disabled"]:
            yield compiled(one)


def added(rule_id: str, rule: dict[str, Any], position: Position, *, disabled: bool = False) -> AddedRule:
    """Return a rule as it is added."""
    wording = digest_in_steps(rule).hex()
    return {"id": rule_id, "rule": rule, "wording": wording, "position": position, "disabled": disabled}


def compiled(one: AddedRule) -> CompiledRule:
    """Return an added rule compiled for matching, once for each wording."""
    return _compiled(_Worded(one["id"], one["wording"], one["rule"]))


@dataclass(frozen=True, slots=True)
class _Worded:
    """A rule as a key: two are the same if their ids and their wordings are."""

    id: str
    wording: str
    rule: dict[str, Any] = field(compare=False)


@lru_cache(maxsize=_REMEMBERED)
def _compiled(one: _Worded) -> CompiledRule:
    rule = Rule.model_validate(one.rule)
    return compile_rule(Placed(rule, rule.name or one.id, _SOURCE, -1, one.id))
