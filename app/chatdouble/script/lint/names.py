"""Lint: names that stand twice."""

from collections.abc import Iterator

from chatdouble.script.lint.finding import Finding, Spot
from chatdouble.script.load import Placed, Script


def duplicate_names(script: Script) -> Iterator[Finding]:
    """Find rules whose name another rule has: misses, journal and verdict could not tell them apart."""
    first: dict[str, Placed] = {}
    for placed in script.rules:
        name = placed.rule.name
        if name is None:
            continue
        before = first.setdefault(name, placed)
        if before is not placed:
            yield (Spot(placed) / "name").error(
                f"the name {name!r} is that of the rule at {before.where('name')}", "Give each rule a name of its own."
            )
