"""A verdict as workflow commands, which GitHub shows as annotations."""

from collections.abc import Iterator, Sequence
from typing import Final

from chatdouble.verdict.reports.text import few, grouped, summary
from chatdouble.verdict.verdict import Problem, Verdict


def github(verdict: Verdict) -> str:
    """Return one workflow command for each problem, and the summary as a notice."""
    lines = [_command(same) for same in grouped(verdict["problems"])]
    return "\n".join([*lines, f"::notice title=chatdouble::{_data(summary(verdict))}", ""])


def _command(same: Sequence[Problem]) -> str:
    problem = same[0]
    properties = "".join(f",{name}={_property(value)}" for name, value in _place(problem["source"]))
    message = "\n".join(
        (
            problem["title"],
            *([f"expected: {problem['expected']}"] if problem["expected"] else ()),
            f"found: {problem['found']}",
            problem["advice"],
        )
    )
    sessions = [one["session"] for one in same if one["session"]]
    title = _property(problem["kind"] + (f" ({few(sessions)})" if sessions else ""))
    return f"::{problem['severity']} title={title}{properties}::{_data(message)}"


def _place(source: str) -> Iterator[tuple[str, str]]:
    """Yield the file and the line of a source, if it is one."""
    place = place_of(source)
    if place:
        yield "file", place[0]
        yield "line", str(place[1])


def place_of(source: str) -> tuple[str, int] | None:
    """Return the file and line that a source such as `rules.yaml:3: rules[0]` begins with; None: it has none."""
    file, _, rest = source.partition(":")
    line = rest.split(":")[0].strip()
    return (file, int(line)) if file and line.isascii() and line.isdigit() else None


_DATA: Final = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_PROPERTY: Final = (*_DATA, (":", "%3A"), (",", "%2C"))


def _data(text: str) -> str:
    for mark, code in _DATA:
        text = text.replace(mark, code)
    return text


def _property(text: str) -> str:
    for mark, code in _PROPERTY:
        text = text.replace(mark, code)
    return text
