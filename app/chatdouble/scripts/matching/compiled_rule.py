"""A rule made ready to be tried."""

from dataclasses import dataclass
from typing import Final

from chatdouble.scripts.format.rule import When
from chatdouble.scripts.matching.combinators import All, Check
from chatdouble.scripts.matching.compiled_matcher import CompiledMatcher, compile_matcher
from chatdouble.scripts.matching.conditions import conditions
from chatdouble.scripts.matching.request_view import RequestView
from chatdouble.scripts.reading.load import Placed


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule made ready.

    Attributes:
        placed: The rule, and where it stands.
        when: The test of a request's facts.
        hits: What the number of its earlier answers in the session must be, if it asks.
        limited: Whether its answers are limited by hits, times, a sequence or a scenario.
    """

    placed: Placed
    when: All
    hits: CompiledMatcher | None
    limited: bool


def ready(placed: Placed) -> CompiledRule:
    """Make a rule ready."""
    rule = placed.rule
    hits = compile_matcher(rule.when.hits) if rule.when.hits is not None else None
    limited = bool(hits or rule.times or rule.sequence or rule.scenario)
    return CompiledRule(placed, _whole(rule.when), hits, limited)


def _whole(when: When) -> All:
    """Return the test of a `when`, with what it leaves unsaid.

    A rule that asks for the user's text speaks of the user's turn: it does not answer a conversation that goes on
    with tool results, unless it says `last` or `tool_result` itself. So an agent's loop needs no more than one rule
    for the question and one for the result.
    """
    stated = conditions(when)
    if not _asks(when, _USER) or _asks(when, _RESULTS, negated=True):
        return stated
    return All([*stated.parts, Check("last.role", _last_role, _NO_RESULT)])


def _asks(when: When, keys: frozenset[str], *, negated: bool = False) -> bool:
    """Say whether a `when` asks for one of these keys, in its parts too, and where wanted in negated ones."""
    parts = [*(when.all or ()), *(when.any or ()), *([when.not_] if negated and when.not_ else ())]
    return bool(when.model_fields_set & keys) or any(_asks(part, keys, negated=negated) for part in parts)


def _last_role(facts: RequestView) -> str | None:
    return facts.messages[-1].get("role") if facts.messages else None


_USER: Final = frozenset({"user"})
_RESULTS: Final = frozenset({"last", "tool_result"})
_NO_RESULT: Final = CompiledMatcher(
    lambda role: role not in ("tool", "function"), "the user's turn (the rule asks for `user` and not for `last`)"
)
