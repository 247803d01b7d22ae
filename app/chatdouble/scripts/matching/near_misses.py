"""The error of a request that no rule matches, with the nearest rules and the condition each failed at."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from heapq import nlargest
from typing import Any, Final

from chatdouble.core.errors import APIError
from chatdouble.scripts.matching.combinators import Failure
from chatdouble.scripts.matching.compiled_matcher import brief, shown
from chatdouble.scripts.matching.compiled_rule import CompiledRule
from chatdouble.scripts.matching.index import names_another
from chatdouble.scripts.matching.request_view import RequestView

UNMATCHED: Final = "no_rule_matched"
"""The error code of a call that nothing matches."""

NEAREST: Final = 3
"""The number of near misses to report."""

CONSIDERED: Final = 50
"""The number of rules whose texts are compared: the ones of which most conditions hold."""

_BYTES: Final = 200_000_000
"""The bytes that are read for one request: of 20 MB for each of the 50, for example. It takes a second."""

_FEW: Final = 10
"""The rules that are compared with a short request in a few milliseconds."""

_SHORT: Final = 16_384
"""The characters of a file in which a line is soon found."""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A rule that did not match.

    Attributes:
        rule: The rule.
        failure: The first condition that failed.
        held: The share of conditions that held; 1 if only its hits or its scenario prevented an answer.
    """

    rule: CompiledRule
    failure: Failure
    held: float

    def data(self) -> dict[str, Any]:
        """Return the near miss as JSON, for the journal."""
        return {
            "rule": self.rule.placed.id,
            "where": self.rule.placed.where(),
            "condition": self.failure.condition,
            "expected": self.failure.expected,
            "found": brief(self.failure.found),
        }


def considered(rules: Sequence[CompiledRule], view: RequestView) -> Sequence[CompiledRule]:
    """Return the rules that are compared with a request: of many rules, a large request has the first ones."""
    return rules[: max(CONSIDERED, _BYTES // max(view.size, 1))]


async def nearest_apart(
    rules: Sequence[CompiledRule], view: RequestView, refused: Mapping[str, Failure]
) -> list[NearMiss]:
    """Return what `nearest` does; a thread compares a large request, or many rules, or those of long files."""
    call = view.call
    is_short = len(rules) <= _FEW and all(len(rule.placed.source.text) <= _SHORT for rule in rules)
    return await (call.apart if is_short else call.in_thread)(_nearest_placed, rules, view, refused)


def _nearest_placed(rules: Sequence[CompiledRule], view: RequestView, refused: Mapping[str, Failure]) -> list[NearMiss]:
    """Return what `nearest` does, and look for the rules' lines; files remember those that take long to find."""
    near = nearest(considered(rules, view), view, refused)
    for one in near:
        one.rule.placed.where()
    return near


def nearest(rules: Iterable[CompiledRule], view: RequestView, refused: Mapping[str, Failure]) -> list[NearMiss]:
    """Return the rules that came nearest to matching, the nearest first.

    Args:
        rules: The rules.
        view: The request.
        refused: The reasons why rules that matched may not answer, by rule id.
    """
    tried = [_near_miss(rule, view, refused.get(rule.placed.id)) for rule in rules]
    likely = nlargest(CONSIDERED, tried, key=lambda miss: miss.held)
    return nlargest(NEAREST, likely, key=lambda miss: (miss.held, _similarity(miss.failure)))


def missed(rules: Iterable[CompiledRule], view: RequestView, answered: str | None) -> list[dict[str, Any]]:
    """Return the rules that came nearest to answering a request of the journal, the nearest first.

    Args:
        rules: The rules as they are now.
        view: The request.
        answered: The rule that answered it, which is left out; None: no rule.
    """
    every = [rule for rule in rules if rule.placed.id != answered and _may_answer(rule, view)]
    others = considered(every, view)
    matched = Failure("answer", "no answer before it, and hits, times and a scenario that allow one", answered)
    refused = {rule.placed.id: matched for rule in others if rule.when.holds(view)}
    return [one.data() for one in nearest(others, view, refused)]


def _may_answer(rule: CompiledRule, view: RequestView) -> bool:
    """Tell whether a rule is for the endpoint that a request asks."""
    when = rule.placed.rule.when
    return names_another(when) if view.is_elsewhere else when.endpoint is None


def _near_miss(rule: CompiledRule, view: RequestView, refused: Failure | None) -> NearMiss:
    if refused is not None:
        return NearMiss(rule, refused, 1.0)
    failures = [*rule.when.failures(view)]
    parts = sum(part.counts for part in rule.when.parts) + 1
    return NearMiss(rule, failures[0], (parts - len(failures)) / parts)


def _similarity(failure: Failure) -> float:
    """Return the similarity of the found and the expected value, from 0 to 1."""
    found = failure.found if isinstance(failure.found, str) else shown(failure.found)
    return SequenceMatcher(None, failure.expected[:200], found[:200], autojunk=False).ratio()


def contrast(failure: Failure) -> list[str]:
    """Return the lines that show the expected against the found value."""
    return [f"       expected: {failure.expected}", f"       found:    {shown(failure.found)}"]


def unmatched_error(near: list[NearMiss], tried: int, noun: str = "rule") -> APIError:
    """Return the error of a call that nothing matches. It tells SDKs not to retry.

    Args:
        near: The near misses, the nearest first.
        tried: The number of rules.
        noun: The word for a rule: `rule` or `recording`.
    """
    lines = [f"No {noun} matched this request ({tried} {noun}{'' if tried == 1 else 's'} tried)."]
    if near:
        lines.append("Nearest:")
    for position, one in enumerate(near, 1):
        place = one.rule.placed
        lines += [
            f"  {position}. {place.id} ({place.where()}) failed at {one.failure.condition}",
            *contrast(one.failure),
        ]
    error = APIError("\n".join(lines), status=404, code=UNMATCHED)
    return error.with_headers({"x-should-retry": "false"})
