"""Checks of what a suite prepared and did not use."""

from collections.abc import Iterator

from chatdouble.verdict.finding import Finding
from chatdouble.verdict.suite import Suite, Unused


def turn_not_reached(suite: Suite) -> Iterator[Finding]:
    """Find turns that were not asked for."""
    return _left(suite, "turn", "a request for it")


def unused_reply(suite: Suite) -> Iterator[Finding]:
    """Find queued replies that nobody asked for."""
    return _left(suite, "reply", "a request for it")


def unused_rule(suite: Suite) -> Iterator[Finding]:
    """Find rules that never answered."""
    return _left(suite, "rule", "a request that it matches")


def unused_recording(suite: Suite) -> Iterator[Finding]:
    """Find recordings that were not replayed."""
    return _left(suite, "recording", "the request that was recorded")


def _left(suite: Suite, noun: Unused, expected: str) -> Iterator[Finding]:
    for left in suite.leftovers:
        if left.noun == noun:
            yield Finding(left.session, (), left.name, expected, source=left.source)
