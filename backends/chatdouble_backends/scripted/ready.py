"""A rule made ready to be tried."""

from dataclasses import dataclass

from chatdouble.script.load import Placed
from chatdouble_backends.scripted.conditions import conditions
from chatdouble_backends.scripted.predicate import Predicate, predicate
from chatdouble_backends.scripted.tests import All


@dataclass(frozen=True, slots=True)
class ReadyRule:
    """A rule made ready.

    Attributes:
        placed: The rule, and where it stands.
        when: The test of a request's facts.
        hits: What the number of its earlier answers in the session must be, if it asks.
        limited: Whether its answers are limited by hits, times, a sequence or a scenario.
    """

    placed: Placed
    when: All
    hits: Predicate | None
    limited: bool


def ready(placed: Placed) -> ReadyRule:
    """Make a rule ready."""
    rule = placed.rule
    hits = predicate(rule.when.hits) if rule.when.hits is not None else None
    limited = bool(hits or rule.times or rule.sequence or rule.scenario)
    return ReadyRule(placed, conditions(rule.when), hits, limited)
