"""The rules as docs/validation.md lists them; run the module to print them."""

import re
from collections.abc import Iterator
from typing import Final

from chatdouble.validation.rules.rule import Rule
from chatdouble.validation.rules.table import RULES

_SOURCE: Final = re.compile(r" \([^()]*\)(?=\.$)")
"""The source in a docstring; the table has its own column for it."""


def listing() -> str:
    """Return the rules as a table, in the order in which the API looks: by stage, then by field as they stand."""
    head = ["| stage | field | rule | evidence | newest |", "|---|---|---|---|---|"]
    return "\n".join([*head, *map(_row, sorted(RULES, key=_stage))])


def _stage(rule: Rule) -> int:
    return rule.stage


def _row(rule: Rule) -> str:
    field = "several" if rule.field in {"model", "null"} else f"`{rule.field}`"
    cells = (rule.stage.name.lower(), field, _said(rule), rule.evidence.kind, rule.evidence.date or "-")
    return f"| {' | '.join(cells)} |"


def _said(rule: Rule) -> str:
    """Return what a rule says of itself, its source aside."""
    return _SOURCE.sub("", next(_lines(rule)))


def _lines(rule: Rule) -> Iterator[str]:
    yield from (rule.find.__doc__ or rule.find.__name__).splitlines()


if __name__ == "__main__":
    print(listing())  # noqa: T201 - for who writes the page
