"""Reports of verdicts: a table, JSON, JUnit XML."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import orjson

from chatdouble.verify.drift import Drift


class Outcome(StrEnum):
    """The outcome of verifying a recording."""

    TRUE = "true"
    DRIFT = "drift"
    UNCHECKED = "unchecked"
    """The API did not answer, or only with errors that depend on the moment."""
    SKIPPED = "skipped"
    """Not in the sample, over the budget, or an answer that cannot be reproduced."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of verifying one recording.

    Attributes:
        name: The recording's name.
        file: Its file.
        outcome: The outcome.
        drifts: The differences found.
        reason: The reason why it was skipped or not checked; or the number of differences that are not listed.
        seconds: The seconds that the API took.
    """

    name: str
    file: str
    outcome: Outcome
    drifts: tuple[Drift, ...] = ()
    reason: str = ""
    seconds: float = 0.0


def count(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """Return the number of recordings for each outcome, zeros included."""
    counted = Counter(verdict.outcome for verdict in verdicts)
    return {str(outcome): counted[outcome] for outcome in Outcome}


def exit_code(verdicts: Sequence[Verdict]) -> int:
    """Return 1 if a recording drifted, 2 if one or all could not be checked, else 0."""
    found = {verdict.outcome for verdict in verdicts}
    if Outcome.DRIFT in found:
        return 1
    return 0 if Outcome.TRUE in found and Outcome.UNCHECKED not in found else 2


def table(verdicts: Sequence[Verdict]) -> str:
    """Return a line for each recording and each further drift, and a summary."""
    width = max((len(verdict.name) for verdict in verdicts), default=0)
    lines = [line for verdict in verdicts for line in _lines(verdict, width)]
    counted = ", ".join(f"{number} {outcome}" for outcome, number in count(verdicts).items())
    return "\n".join([*lines, f"{len(verdicts)} recordings: {counted}", ""])


def _details(verdict: Verdict) -> list[str]:
    """Return the differences as lines, and the reason."""
    return [*map(str, verdict.drifts), *([verdict.reason] if verdict.reason else [])]


def _lines(verdict: Verdict, width: int) -> Iterator[str]:
    details = _details(verdict)
    yield f"{verdict.outcome:<9}  {verdict.name:<{width}}  {''.join(details[:1])}".rstrip()
    for more in details[1:]:
        yield f"{'':<9}  {'':<{width}}  {more}"


def as_json(verdicts: Sequence[Verdict]) -> str:
    """Return `{"summary": {outcome: count}, "recordings": [...]}`."""
    recordings = [
        {
            "name": verdict.name,
            "file": verdict.file,
            "outcome": verdict.outcome,
            "reason": verdict.reason or None,
            "seconds": round(verdict.seconds, 3),
            "drifts": [
                {"where": drift.where, "recorded": drift.recorded, "live": drift.live} for drift in verdict.drifts
            ],
        }
        for verdict in verdicts
    ]
    whole = {"summary": count(verdicts), "recordings": recordings}
    return orjson.dumps(whole, option=orjson.OPT_INDENT_2).decode() + "\n"


def junit(verdicts: Sequence[Verdict]) -> str:
    """Return JUnit XML: a test case for each recording, a failure for drift, an error for what could not be checked."""
    counted = count(verdicts)
    suite = Element(
        "testsuite",
        name="chatdouble verify",
        tests=str(len(verdicts)),
        failures=str(counted[Outcome.DRIFT]),
        errors=str(counted[Outcome.UNCHECKED]),
        skipped=str(counted[Outcome.SKIPPED]),
        time=f"{sum(verdict.seconds for verdict in verdicts):.3f}",
    )
    for verdict in verdicts:
        case = SubElement(
            suite, "testcase", classname=_safe(verdict.file), name=_safe(verdict.name), time=f"{verdict.seconds:.3f}"
        )
        if verdict.outcome in _ELEMENTS:
            text = _safe("\n".join(_details(verdict)))
            SubElement(case, _ELEMENTS[verdict.outcome], message=text.partition("\n")[0]).text = text
    root = Element("testsuites")
    root.append(suite)
    indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


_ELEMENTS: Final = {Outcome.DRIFT: "failure", Outcome.UNCHECKED: "error", Outcome.SKIPPED: "skipped"}
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _safe(text: str) -> str:
    """Return a text without characters that XML does not allow."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


REPORTS: Final[Mapping[str, Callable[[Sequence[Verdict]], str]]] = {"table": table, "json": as_json, "junit": junit}
"""Reports by format."""
