"""Lint: mistakes in scripts that load, such as rules that are never reached."""

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from pathlib import Path
from typing import Final

from chatdouble.scripts.lint.conditions import conditions_never_met
from chatdouble.scripts.lint.finding import Finding, Severity, Spot, duplicate_names
from chatdouble.scripts.lint.plausibility import implausible_replies, incoherent_errors, invalid_schemas
from chatdouble.scripts.lint.reach import never_reached, spare_replies, states_never_set
from chatdouble.scripts.lint.templates import captures, templates
from chatdouble.scripts.reading.load import Problem, Script, ScriptError, load

__all__ = ["Finding", "Spot", "lint", "lint_paths"]

_CHECKS: Final[tuple[Callable[[Script], Iterator[Finding]], ...]] = (
    duplicate_names,
    never_reached,
    states_never_set,
    conditions_never_met,
    incoherent_errors,
    spare_replies,
    implausible_replies,
    invalid_schemas,
    templates,
    captures,
)


def lint(script: Script) -> list[Finding]:
    """Return the findings in a script, in the order of its files and lines."""
    found = [finding for check in _CHECKS for finding in check(script)]
    files = {placed.source.name: position for position, placed in enumerate(reversed(script.rules))}
    order = attrgetter("line", "column")
    return sorted(found, key=lambda finding: (-files[finding.file], *order(finding)))


def lint_paths(paths: Iterable[Path], *, has_upstream: bool = True) -> list[Finding]:
    """Return the findings in script files and folders; if they do not load, the mistakes.

    Args:
        paths: The files and folders.
        has_upstream: Whether the server will have an upstream; without one, no reply may ask for it.
    """
    try:
        script = load(paths)
    except ScriptError as wrong:
        return [_finding(one, "error") for one in wrong.problems]
    missing = [] if has_upstream else script.without_upstream()
    return [*(_finding(one, "warning") for one in missing), *lint(script)]


def _finding(problem: Problem, severity: Severity) -> Finding:
    place = problem.place
    return Finding(severity, problem.file, place.line, place.column, problem.key, problem.message, "")
