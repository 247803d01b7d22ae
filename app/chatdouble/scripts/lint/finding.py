"""Findings of lint, and the parts of a script that they are about."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from chatdouble.core.legible import escaped
from chatdouble.scripts.reading.load import Placed, Script

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding of lint.

    Attributes:
        severity: `error`: it cannot work, or the real API could not do it; `warning`: it is likely a mistake.
        file: The file.
        line: The line, from 1.
        column: The column, from 1.
        rule: The rule's id; empty if the finding is about the file.
        message: The problem.
        hint: A way to fix it.
        key: The key of the rule, which no other rule has; empty if the finding is about the file.
        shadow: The key of the earlier rule that answers all requests of this one; empty: none does.
    """

    severity: Severity
    file: str
    line: int
    column: int
    rule: str
    message: str
    hint: str
    key: str = ""
    shadow: str = ""

    def __str__(self) -> str:
        """Return the finding in the format of compilers, with the hint on a line of its own."""
        rule = f"{self.rule}: " if self.rule else ""
        hint = f"\n    {escaped(self.hint)}" if self.hint else ""
        return escaped(f"{self.file}:{self.line}:{self.column}: {self.severity}: {rule}{self.message}") + hint


@dataclass(frozen=True, slots=True)
class Spot:
    """A part of a rule, for findings about it.

    Attributes:
        placed: The rule.
        loc: The keys and indices from the rule to the part.
    """

    placed: Placed
    loc: tuple[str | int, ...] = ()

    def __truediv__(self, step: str | int) -> "Spot":
        """Return the part under a key or index."""
        return Spot(self.placed, (*self.loc, step))

    def error(self, message: str, hint: str = "") -> Finding:
        """Return an error about this part."""
        return self._finding("error", message, hint)

    def warning(self, message: str, hint: str = "") -> Finding:
        """Return a warning about this part."""
        return self._finding("warning", message, hint)

    def _finding(self, severity: Severity, message: str, hint: str) -> Finding:
        one, place = self.placed, self.placed.place(*self.loc)
        return Finding(severity, one.source.name, place.line, place.column, one.id, message, hint, one.key)


def duplicate_names(script: Script) -> Iterator[Finding]:
    """Find rules with the same name, which messages and the journal could not tell apart."""
    first: dict[str, Placed] = {}
    for placed in script.rules:
        name = placed.rule.name
        if name is None:
            continue
        before = first.setdefault(name, placed)
        if before is not placed:
            yield (Spot(placed) / "name").error(
                f"the rule {before.at('name')} has the same name {name!r}", "Give each rule a unique name."
            )
