"""A verdict as text, short enough to read in the log of a CI job."""

from collections.abc import Iterator, Sequence
from difflib import ndiff
from typing import Final

from chatdouble.core.legible import escaped
from chatdouble.verdict.verdict import Problem, Verdict

_FEW: Final = 3
"""The requests and sessions of a problem that are listed."""

_LONGEST: Final = 400
"""The longest values in which marks show the difference."""


def text(verdict: Verdict) -> str:
    """Return the verdict with one block for each problem; sessions that have the same one share it."""
    lines: list[str] = []
    for same in grouped(verdict["problems"]):
        lines += [*block(same), ""]
    return "\n".join([*lines, summary(verdict), ""])


def grouped(problems: Sequence[Problem]) -> list[list[Problem]]:
    """Return the problems, those together that differ in their session alone."""
    groups: dict[tuple[str, ...], list[Problem]] = {}
    for one in problems:
        key = (one["kind"], one["severity"], one["expected"], one["found"], one["advice"], one["source"])
        groups.setdefault(key, []).append(one)
    return [*groups.values()]


def summary(verdict: Verdict) -> str:
    """Return the verdict in one line."""
    counts, tokens = verdict["counts"], verdict["tokens"]
    dropped = f", {counts['dropped']} no longer in the journal and not judged" if counts["dropped"] else ""
    return (
        f"verdict: {'ok' if verdict['ok'] else 'failed'}: {_number(counts['errors'], 'error')}, "
        f"{_number(counts['warnings'], 'warning')}; {_number(counts['requests'], 'request')} in "
        f"{_number(counts['sessions'], 'session')}{dropped}; {tokens['prompt']} tokens in, {tokens['completion']} out"
    )


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def block(same: Sequence[Problem]) -> Iterator[str]:
    """Yield the lines of a problem that one or more sessions have."""
    for part in _parts(same):
        first, *rest = part.split("\n")
        yield first
        for line in rest:
            # GitHub takes a line that begins with `::` for a command, whatever blanks come before.
            yield f"          | {line}"


def _parts(same: Sequence[Problem]) -> Iterator[str]:
    problem = same[0]
    sessions = [one["session"] for one in same if one["session"]]
    where = f" in {few(sessions)}" if sessions else ""
    yield f"{problem['severity']}: {problem['kind']}{where}: {problem['title']}"
    if problem["source"]:
        yield f"  source:   {problem['source']}"
    yield from difference(problem["expected"], problem["found"])
    yield f"  advice:   {problem['advice']}"
    requests = [request for one in same for request in one["requests"]]
    if requests:
        yield f"  requests: {few(requests)}"


def few(names: Sequence[str]) -> str:
    """Return the first names, and the number of the others."""
    more = len(names) - _FEW
    return ", ".join(map(escaped, names[:_FEW])) + (f" and {more} more" if more > 0 else "")


def difference(expected: str, found: str) -> Iterator[str]:
    """Yield the expected and the found value; where both are one line, marks show where they differ."""
    if not expected:
        yield _labelled("found", found)
    elif "\n" in expected + found or len(expected + found) > _LONGEST:
        yield _labelled("expected", expected)
        yield _labelled("found", found)
    else:
        for line in ndiff([expected], [found]):
            yield f"{_LABELS[line[:2]]}{line[2:].rstrip()}"


_LABELS: Final = {
    "- ": "  - expected: ",
    "+ ": "  + found:    ",
    "? ": "              ",
    "  ": "    expected and found: ",
}


def _labelled(label: str, value: str) -> str:
    return f"  {f'{label}:':<9} {value}"
