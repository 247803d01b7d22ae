"""Findings of lint in the rules of a running server, those that were added included."""

from collections.abc import Sequence
from typing import Final, Literal

from typing_extensions import TypedDict

from chatdouble.scripts.lint import Finding, lint
from chatdouble.scripts.lint.finding import Severity
from chatdouble.scripts.reading.load import Script
from chatdouble.server.control.rule_list import Listed

MOST: Final = 1_000
"""Rules that are checked: each is compared with all before it."""


class ShownFinding(TypedDict):
    """A mistake in a rule.

    Attributes:
        rule: The rule's id.
        name: The rule's name.
        severity: `error`: it cannot work, or the real API could not do it; `warning`: it is likely a mistake.
        source: The rule's file; None: a test added it.
        line: The line of the mistake in the file.
        column: The column of the mistake.
        message: The mistake.
        hint: A way to fix it; may be empty.
        shadowed_by: The id of the earlier rule that answers every request that this one matches; None: there is none.
    """

    rule: str
    name: str
    severity: Severity
    source: str | None
    line: int | None
    column: int | None
    message: str
    hint: str
    shadowed_by: str | None


class Findings(TypedDict):
    """The mistakes in rules.

    Attributes:
        object: `list`.
        data: The mistakes.
        checked: The number of rules that were checked: the first 1,000 that are not disabled.
    """

    object: Literal["list"]
    data: list[ShownFinding]
    checked: int


def findings(rules: Sequence[Listed]) -> Findings:
    """Return the mistakes in rules, given in the order in which they are tried."""
    checked = {one.key: one for one in rules[:MOST]}
    found = lint(Script(tuple(one.placed for one in checked.values())))
    return {"object": "list", "data": [_shown(one, checked) for one in found], "checked": len(checked)}


def _shown(finding: Finding, rules: dict[str, Listed]) -> ShownFinding:
    rule = rules[finding.key].shown
    is_added = rule["source"] is None
    return {
        "rule": rule["id"],
        "name": rule["name"],
        "severity": finding.severity,
        "source": rule["source"],
        "line": None if is_added else finding.line,
        "column": None if is_added else finding.column,
        "message": finding.message,
        "hint": finding.hint,
        "shadowed_by": rules[finding.shadow].shown["id"] if finding.shadow else None,
    }
