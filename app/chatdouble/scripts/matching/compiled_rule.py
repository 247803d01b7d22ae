"""Rules compiled for matching."""

from dataclasses import dataclass
from typing import Final

from chatdouble.scripts.format.faults import FaultSpec
from chatdouble.scripts.format.reply import ReplySpec
from chatdouble.scripts.format.rule import When
from chatdouble.scripts.matching.combinators import AllOf, ValueCondition
from chatdouble.scripts.matching.compiled_matcher import CompiledMatcher, compile_matcher
from chatdouble.scripts.matching.conditions import conditions
from chatdouble.scripts.matching.request_view import RequestView
from chatdouble.scripts.matching.whole_request import key_of_equal
from chatdouble.scripts.reading.load import Placed


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule compiled for matching.

    Attributes:
        placed: The rule and its place.
        when: The conditions on a request view.
        hits: The matcher of the rule's hits, if it has one.
        limited: Whether hits, times, a sequence or a scenario limit the rule's answers.
        replies: The rule's replies in order, at least one.
        faults: The faults of replies without faults of their own.
        request_key: The key of the requests that equal the recorded one; None: it has none.
    """

    placed: Placed
    when: AllOf
    hits: CompiledMatcher | None
    limited: bool
    replies: tuple[ReplySpec, ...]
    faults: tuple[FaultSpec, ...]
    request_key: bytes | None


def compile_rule(placed: Placed) -> CompiledRule:
    """Compile a rule."""
    rule, request = placed.rule, placed.rule.when.request
    hits = compile_matcher(rule.when.hits) if rule.when.hits is not None else None
    limited = bool(hits or rule.times or rule.sequence or rule.scenario)
    when, key = compile_when(rule.when), key_of_equal(request) if request else None
    return CompiledRule(placed, when, hits, limited, tuple(rule.replies()), rule.all_faults(), key)


def compile_when(when: When) -> AllOf:
    """Return the conditions of a `when`, including the implied one.

    A rule with `user` matches the user's turn only: it does not match a conversation that ends with tool results,
    unless it also has `last` or `tool_result`. An agent loop so needs one rule for the question and one for the result.
    """
    stated = conditions(when)
    if not _has_keys(when, _USER) or _has_keys(when, _RESULTS, negated=True):
        return stated
    return AllOf([*stated.parts, ValueCondition("last.role", _last_role, _NO_RESULT)])


def _has_keys(when: When, keys: frozenset[str], *, negated: bool = False) -> bool:
    """Tell whether a `when` or its parts have one of the keys; negated parts count only if `negated`."""
    parts = [*(when.all or ()), *(when.any or ()), *([when.not_] if negated and when.not_ else ())]
    return bool(when.model_fields_set & keys) or any(_has_keys(part, keys, negated=negated) for part in parts)


def _last_role(view: RequestView) -> str | None:
    return view.messages[-1].get("role") if view.messages else None


_USER: Final = frozenset({"user"})
_RESULTS: Final = frozenset({"last", "tool_result"})
_NO_RESULT: Final = CompiledMatcher(
    lambda role: role not in ("tool", "function"), "the user's turn (the rule has `user` without `last`)"
)
