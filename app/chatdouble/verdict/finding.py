"""A finding: one thing that a check found, before it has a severity and a place among others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chatdouble.verdict.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found. Findings that differ only in their requests are one problem.

    Attributes:
        session: The session.
        requests: The ids of the requests, in order.
        expected: The expectation; empty: the kind says it.
        found: The fact.
        advice: The correction of this one.
        source: The file and line of the rule behind it, or the section of the reference.
        near_misses: The nearest rules, if no rule matched.
    """

    session: str
    requests: tuple[str, ...]
    found: str
    expected: str = ""
    advice: str = ""
    source: str = ""
    near_misses: Sequence[Mapping[str, Any]] = ()


def of(exchanges: Exchange | Iterable[Exchange], found: str, expected: str = "", **more: Any) -> Finding:
    """Return a finding about one or more exchanges of a session."""
    listed = (exchanges,) if isinstance(exchanges, Exchange) else tuple(exchanges)
    return Finding(listed[0].session, tuple(one.id for one in listed), found, expected, **more)
