"""Problems of requests that one entry of the journal shows, by their names in the verdict."""

from collections.abc import Iterator
from typing import Final

from chatdouble.core.json import as_object
from chatdouble.scripts.matching.near_misses import UNMATCHED
from chatdouble.server.entry import Entry, Problem

_REFUSED: Final = range(400, 500)
_RATE_LIMIT: Final = 429
_CODES: Final = {
    UNMATCHED: "unmatched_request",
    "turn_mismatch": "turn_mismatch",
    "endpoint_not_doubled": "endpoint_not_doubled",
    "script_error": "script_error",
}
"""The problems that an error of the double has by its code."""


def problems_of(entry: Entry) -> list[Problem]:
    """Return the problems of a request, without refusals that its test asked for by a rule, a fault or a limit."""
    noted = entry.get("problems", [])
    kinds = {problem["kind"] for problem in noted}
    shown = (Problem(kind=kind) for kind in _shown(entry))
    return [*noted, *(problem for problem in shown if problem["kind"] not in kinds)]


def _shown(entry: Entry) -> Iterator[str]:
    code = as_object(as_object(entry["response"]).get("error")).get("code")
    if code in _CODES:
        yield _CODES[code]
    elif entry["ended"] == "refused" and entry["status"] in _REFUSED and not _asked_for(entry):
        yield "refused"
    elif entry["ended"] == "client left" and entry["status"] and "gates" not in entry:
        yield "answer_not_read"


def _asked_for(entry: Entry) -> bool:
    return entry["status"] == _RATE_LIMIT or "rule" in entry or "faults" in entry
