"""Checks of how requests were answered: unmatched, refused, repeated, not read."""

from collections.abc import Iterator
from typing import Final

from chatdouble.core.json import objects_in
from chatdouble.core.legible import legible
from chatdouble.verdict.exchange import Exchange
from chatdouble.verdict.finding import Finding, of
from chatdouble.verdict.suite import Suite

UNMATCHED: Final = "no_rule_matched"
MISMATCH: Final = "turn_mismatch"
NOT_DOUBLED: Final = "endpoint_not_doubled"
SCRIPT_ERROR: Final = "script_error"
_OF_THE_DOUBLE: Final = (UNMATCHED, MISMATCH, NOT_DOUBLED)
_LONGEST: Final = 300
"""The longest message or value of a request that is quoted."""

_SLACK: Final = 0.05
"""Seconds that clocks and networks may differ."""


def unmatched_request(suite: Suite) -> Iterator[Finding]:
    """Find requests that no rule and no recording matched."""
    for exchange in suite.exchanges:
        if exchange.code == UNMATCHED:
            yield _near(exchange, "a rule for this request")


def turn_mismatch(suite: Suite) -> Iterator[Finding]:
    """Find requests that did not fit the next turn."""
    for exchange in suite.exchanges:
        if exchange.code == MISMATCH:
            yield _near(exchange, str(exchange.error.get("message", "")).partition("\n")[0])


def _near(exchange: Exchange, otherwise: str) -> Finding:
    """Return a finding with the condition of the nearest rule."""
    if not exchange.near_misses:
        return of(exchange, exchange.endpoint, otherwise)
    near = exchange.near_misses[0]
    return of(
        exchange,
        f"{near.get('condition')}: {legible(near.get('found'), _LONGEST)}",
        f"{near.get('condition')}: {near.get('expected')}",
        source=str(near.get("where") or ""),
        near_misses=exchange.near_misses,
    )


def refused(suite: Suite) -> Iterator[Finding]:
    """Find requests that the API refuses."""
    for exchange in suite.exchanges:
        if exchange.was_refused and exchange.code not in _OF_THE_DOUBLE:
            message = str(exchange.error.get("message") or "an answer without an error's envelope")
            param = exchange.error.get("param")
            advice = f"Correct `{param}`." if param else ""
            yield of(exchange, f"{exchange.status}: {legible(message, _LONGEST)}", advice=advice)


def endpoint_not_doubled(suite: Suite) -> Iterator[Finding]:
    """Find requests to endpoints that the double does not have."""
    for exchange in suite.exchanges:
        if exchange.code == NOT_DOUBLED:
            yield of(exchange, exchange.endpoint, advice=f'Write a rule with `endpoint: "{exchange.endpoint}"`.')


def script_error(suite: Suite) -> Iterator[Finding]:
    """Find requests whose scripted reply could not be made."""
    for exchange in suite.exchanges:
        if exchange.code == SCRIPT_ERROR:
            yield of(exchange, legible(str(exchange.error.get("message")), _LONGEST), "a reply", source=exchange.rule)


def retry_after_ignored(suite: Suite) -> Iterator[Finding]:
    """Find requests that were repeated too early."""
    for before, after in suite.repetitions:
        wait = before.retry_after
        stands_still = after.began == before.began  # with a fixed clock nobody knows
        if wait and not stands_still and after.began + _SLACK < before.ended_at + wait:
            yield of(
                (before, after),
                f"sent again before {wait:g} s had passed",
                f"a pause of {wait:g} s, as `retry-after` says",
            )


def retried_what_is_final(suite: Suite) -> Iterator[Finding]:
    """Find requests that were repeated after an error that does not go away."""
    for before, after in suite.repetitions:
        if before.is_final:
            yield of((before, after), f"sent again after {before.status} {before.code}".rstrip(), "no repetition")


def repeated_request(suite: Suite) -> Iterator[Finding]:
    """Find requests that were sent again although they had been answered."""
    for before, after in suite.repetitions:
        if before.answered and after.answered:
            yield of((before, after), f"{before.endpoint} with the same body", "one request")


def answer_not_read(suite: Suite) -> Iterator[Finding]:
    """Find answers that the client left before their end."""
    for exchange in suite.exchanges:
        if _left_unasked(exchange) and exchange.entry.get("unread"):
            yield of(exchange, "the client left in the middle of the answer", "the whole answer is read")


def stream_abandoned(suite: Suite) -> Iterator[Finding]:
    """Find streams of which the client did not wait for the end."""
    for exchange in suite.exchanges:
        if _left_unasked(exchange) and not exchange.entry.get("unread"):
            yield of(exchange, "the client left before `[DONE]`", "the stream is read to its end")


def _left_unasked(exchange: Exchange) -> bool:
    """Tell whether the client left, and neither a fault nor a gate gave it a reason to."""
    return exchange.ended == "client left" and not exchange.faults and not exchange.entry.get("gates")


def gate_timed_out(suite: Suite) -> Iterator[Finding]:
    """Find answers that nobody released."""
    for exchange in suite.exchanges:
        for gate in objects_in(exchange.entry.get("gates")):
            if gate.get("outcome") == "timed out":
                yield of(exchange, f"gate `{gate.get('name')}` was not released in time", "a release or an abort")


def not_judged(suite: Suite) -> Iterator[Finding]:
    """Find requests that the journal does not have."""
    for session, dropped in suite.dropped.items():
        kept = len(suite.sessions.get(session, ()))
        yield Finding(session, (), f"{kept} of {kept + dropped} requests", "the journal has every request")


def impossible_reply(suite: Suite) -> Iterator[Finding]:
    """Find scripted replies that the API could not give."""
    for exchange in suite.exchanges:
        for problem in exchange.entry.get("impossible") or ():
            yield of(exchange, str(problem), "a reply that the API can give", source=exchange.rule)
