"""The verdict: all problems of a suite, in a fixed order, with what was served and what was not used."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final, Literal

from typing_extensions import TypedDict

from chatdouble.core.in_turns import in_order
from chatdouble.core.json import as_object
from chatdouble.core.legible import legible
from chatdouble.verdict.checks.table import CHECKS
from chatdouble.verdict.finding import Finding
from chatdouble.verdict.kind import KINDS, Kind
from chatdouble.verdict.policy import Policy
from chatdouble.verdict.suite import Suite

PAGE: Final = "docs/verdict.md"
"""The page that documents every kind."""

_UNMATCHED: Final = ("no_rule_matched", "turn_mismatch")


class Problem(TypedDict):
    """A problem of a suite.

    Attributes:
        id: Its id, the same in every run of the suite.
        kind: Its kind.
        severity: `error` or `warning`.
        session: The session; empty: the server's own.
        requests: The ids of the requests that have it.
        title: What happened, in one sentence.
        expected: The expectation.
        found: The fact.
        advice: What to do.
        source: The file and line of the rule behind it; else the section of the reference that supports it; else empty.
        docs: The page that explains it.
        near_misses: The nearest rules, if no rule matched.
    """

    id: str
    kind: str
    severity: Literal["error", "warning"]
    session: str
    requests: list[str]
    title: str
    expected: str
    found: str
    advice: str
    source: str
    docs: str
    near_misses: list[Mapping[str, Any]]


class Served(TypedDict):
    """A rule, turn or backend that answered, with the number of its answers.

    Attributes:
        by: The rule, turn or recording; `echo` or another backend if there was none.
        requests: The number of requests.
    """

    by: str
    requests: int


class UnusedThing(TypedDict):
    """Something that was prepared and not used.

    Attributes:
        what: `rule`, `recording`, `reply` or `turn`.
        name: Its name, or the reply in short.
        session: The session that it belongs to; empty: the server's own.
        source: Its file and line; empty: it came over the network.
    """

    what: str
    name: str
    session: str
    source: str


class Verdict(TypedDict):
    """The verdict on a session, or on all of them.

    Attributes:
        ok: True if there is no error.
        sessions: The names of the sessions, sorted.
        counts: Numbers of requests, sessions and problems.
        tokens: Tokens of all answers.
        served: What answered.
        unused: What was not used.
        problems: The problems, errors first.
    """

    ok: bool
    sessions: list[str]
    counts: dict[str, int]
    tokens: dict[str, int]
    served: list[Served]
    unused: list[UnusedThing]
    problems: list[Problem]


Policies = Callable[[str], Policy]
"""Returns the policy of a session; the server's own for the empty name."""


def judge(suite: Suite, policies: Policies, backend: str = "echo") -> Verdict:
    """Return the verdict on a suite.

    Args:
        suite: The suite.
        policies: The severities and allowed problems of each session.
        backend: The name of what answers requests that no rule answered.
    """
    problems = [*_problems(suite, policies)]
    problems.sort(key=lambda problem: problem["severity"] != "error")
    return {
        "ok": not any(problem["severity"] == "error" for problem in problems),
        "sessions": [*in_order([*_sessions(suite)], str)],
        "counts": {**_counts(suite), **_severities(problems)},
        "tokens": _tokens(suite),
        "served": _served(suite, backend),
        "unused": [
            {"what": left.noun, "name": legible(left.name), "session": left.session, "source": legible(left.source)}
            for left in suite.leftovers
        ],
        "problems": problems,
    }


def _sessions(suite: Suite) -> set[str]:
    return {*suite.sessions, *suite.dropped, *(left.session for left in suite.leftovers if left.session)}


def without(verdict: Verdict, known: Collection[str]) -> Verdict:
    """Return a verdict without the problems whose ids are known, as a baseline lists them."""
    problems = [problem for problem in verdict["problems"] if problem["id"] not in known]
    counts = {**verdict["counts"], **_severities(problems)}
    return {**verdict, "ok": not counts["errors"], "counts": counts, "problems": problems}


def _severities(problems: Sequence[Problem]) -> dict[str, int]:
    found = Counter(problem["severity"] for problem in problems)
    return {"errors": found["error"], "warnings": found["warning"]}


def _problems(suite: Suite, policies: Policies) -> Iterator[Problem]:
    """Yield the problems in the order of their kinds; findings that differ only in their requests are one."""
    for kind in KINDS:
        for finding in _merged(CHECKS[kind.name](suite)):
            policy = policies(finding.session)
            severity = policy.severity(kind)
            if severity != "off" and not policy.allows(kind.name, finding.found):
                yield _problem(kind, severity, finding)


def _merged(findings: Iterator[Finding]) -> Sequence[Finding]:
    found: dict[tuple[str, ...], Finding] = {}
    for one in findings:
        key = (one.session, one.expected, one.found, one.advice, one.source)
        same = found.get(key)
        requests = one.requests if same is None else tuple(dict.fromkeys((*same.requests, *one.requests)))
        found[key] = Finding(one.session, requests, one.found, one.expected, one.advice, one.source, one.near_misses)
    return [*found.values()]


def _problem(kind: Kind, severity: Literal["error", "warning"], finding: Finding) -> Problem:
    named = f"{kind.name}\n{finding.session}\n{finding.expected}\n{finding.found}\n{finding.source}"
    return {
        "id": blake2b(named.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest(),
        "kind": kind.name,
        "severity": severity,
        "session": finding.session,
        "requests": [*finding.requests],
        "title": kind.title,
        "expected": legible(finding.expected),
        "found": legible(finding.found),
        "advice": legible(finding.advice or kind.fix),
        "source": legible(finding.source) or _evidence(kind),
        "docs": f"{PAGE}#{kind.name}",
        "near_misses": [{name: legible(value) for name, value in miss.items()} for miss in finding.near_misses],
    }


def _evidence(kind: Kind) -> str:
    page, _, section = kind.evidence.partition("#")
    return f"docs/reference/{page}.md#{section}" if page else ""


def _counts(suite: Suite) -> dict[str, int]:
    return {
        "sessions": len({*suite.sessions, *suite.dropped}),
        "requests": len(suite.exchanges),
        "answered": sum(exchange.answered for exchange in suite.exchanges),
        "refused": sum(exchange.was_refused for exchange in suite.exchanges),
        "unmatched": sum(exchange.code in _UNMATCHED for exchange in suite.exchanges),
        "dropped": sum(suite.dropped.values()),
    }


def _tokens(suite: Suite) -> dict[str, int]:
    total: Counter[str] = Counter(prompt=0, cached=0, completion=0, total=0)
    for exchange in suite.exchanges:
        usage = exchange.usage
        read = usage.get("prompt_tokens", usage.get("input_tokens")) or 0
        written = usage.get("completion_tokens", usage.get("output_tokens")) or 0
        details = as_object(usage.get("prompt_tokens_details") or usage.get("input_tokens_details"))
        total.update(
            prompt=int(read),
            cached=int(details.get("cached_tokens") or 0),
            completion=int(written),
            total=int(usage.get("total_tokens") or 0),
        )
    return dict(total)


def _served(suite: Suite, backend: str) -> list[Served]:
    by = Counter(exchange.rule or backend for exchange in suite.exchanges if exchange.rule or exchange.answered)
    return [{"by": name, "requests": number} for name, number in sorted(by.items())]
