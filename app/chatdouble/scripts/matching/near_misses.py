"""What is said when no rule matches: the nearest rules, and where each of them failed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from heapq import nlargest
from typing import Any, Final

from chatdouble.core.errors import APIError
from chatdouble.scripts.matching.combinators import Failure
from chatdouble.scripts.matching.compiled_matcher import shown
from chatdouble.scripts.matching.compiled_rule import CompiledRule
from chatdouble.scripts.matching.request_view import RequestView

NEAREST: Final = 3
CONSIDERED: Final = 50
"""How many rules are compared text by text, the most promising ones."""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A rule that did not match.

    Attributes:
        rule: The rule.
        failure: Its first condition that failed.
        held: The share of its conditions that held; all of them, where it only had no turn.
    """

    rule: CompiledRule
    failure: Failure
    held: float

    def data(self) -> dict[str, Any]:
        """Return it as JSON, for the journal."""
        return {
            "rule": self.rule.placed.id,
            "where": self.rule.placed.where(),
            "condition": self.failure.condition,
            "expected": self.failure.expected,
            "found": self.failure.found,
        }


def nearest(rules: Iterable[CompiledRule], facts: RequestView, refused: Mapping[str, Failure]) -> list[NearMiss]:
    """Return the rules that came nearest to matching, the nearest first.

    Args:
        rules: All rules.
        facts: The request's facts.
        refused: Rules that matched but had no turn, by id, with the reason.
    """
    tried = [_near_miss(rule, facts, refused.get(rule.placed.id)) for rule in rules]
    likely = nlargest(CONSIDERED, tried, key=lambda miss: miss.held)
    return nlargest(NEAREST, likely, key=lambda miss: (miss.held, _likeness(miss.failure)))


def _near_miss(rule: CompiledRule, facts: RequestView, refused: Failure | None) -> NearMiss:
    if refused is not None:
        return NearMiss(rule, refused, 1.0)
    failures = [*rule.when.failures(facts)]
    parts = len(rule.when.parts) + 1
    return NearMiss(rule, failures[0], (parts - len(failures)) / parts)


def _likeness(failure: Failure) -> float:
    """Return how much what was found looks like what was expected, from 0 to 1."""
    found = failure.found if isinstance(failure.found, str) else shown(failure.found)
    return SequenceMatcher(None, failure.expected[:200], found[:200], autojunk=False).ratio()


def miss(near: list[NearMiss], tried: int) -> APIError:
    """Return the error of a call that no rule matches, which no SDK retries."""
    rules = "1 rule" if tried == 1 else f"{tried} rules"
    lines = [f"No rule of the script matches this request ({rules} tried)."]
    if near:
        lines.append("Nearest:" if len(near) > 1 else "The nearest is:")
    for position, one in enumerate(near, 1):
        place = one.rule.placed
        lines += [
            f"  {position}. {place.id} ({place.where()}) failed at {one.failure.condition}",
            f"       expected: {one.failure.expected}",
            f"       found:    {shown(one.failure.found)}",
        ]
    error = APIError("\n".join(lines), status=404, code="no_rule_matched")
    return error.with_headers({"x-should-retry": "false"})
