"""The policy of a verdict: the severity of each kind, and the problems that are allowed."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from chatdouble.scripts.format.base import Spec
from chatdouble.verdict.kind import Kind, Severity
from chatdouble.verdict.kind_name import KindName


class Policy(Spec):
    """The severity of each kind, and the problems that are allowed.

    Attributes:
        error: The kinds that are errors.
        warning: The kinds that are warnings.
        off: The kinds that are not looked for.
        allow: The problems that do not count: a kind, or a kind and a pattern of what was found, such as
            `refused: *maximum context length*`.
        strict: Whether warnings are errors.
    """

    error: tuple[KindName, ...] = ()
    warning: tuple[KindName, ...] = ()
    off: tuple[KindName, ...] = ()
    allow: tuple[KindName, ...] = ()
    strict: bool = False

    def severity(self, kind: Kind) -> Severity:
        """Return the severity of a kind."""
        chosen = kind.severity
        if kind.name in self.off:
            return "off"
        if kind.name in self.error:
            chosen = "error"
        elif kind.name in self.warning:
            chosen = "warning"
        return "error" if self.strict and chosen == "warning" else chosen

    def allows(self, kind: str, found: str) -> bool:
        """Return whether a problem is allowed."""
        for line in self.allow:
            name, _, pattern = line.partition(":")
            if name.strip() == kind and fnmatchcase(found, pattern.strip() or "*"):
                return True
        return False

    def followed_by(self, other: "Policy") -> "Policy":
        """Return this policy with another one's settings, which go before its own."""
        changed = {*other.error, *other.warning, *other.off}

        def kept(own: Iterable[str]) -> tuple[str, ...]:
            return tuple(name for name in own if name not in changed)

        return Policy(
            error=(*kept(self.error), *other.error),
            warning=(*kept(self.warning), *other.warning),
            off=(*kept(self.off), *other.off),
            allow=(*self.allow, *other.allow),
            strict=self.strict or other.strict,
        )
