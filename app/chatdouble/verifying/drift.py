"""One thing that is no longer as it was recorded."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from chatdouble.script.expression import glob

_LONGEST: Final = 120


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference that a program could stumble over.

    Attributes:
        where: The part of the answer: `status`, `headers.openai-version`, `choices[0].finish_reason`,
            `stream.[DONE]`.
        recorded: What the recording has, in words.
        live: What the upstream answers now, in words.
    """

    where: str
    recorded: str
    live: str

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{self.where}: recorded {self.recorded}, now {self.live}"


def said(value: Any) -> str:
    """Return a JSON value as a drift says it: compact, and cut where it is long."""
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def differing(where: str, recorded: Any, live: Any) -> Iterator[Drift]:
    """Return the drift of a value that should be equal, if it is not."""
    if recorded != live:
        yield Drift(where, said(recorded), said(live))


def without(drifts: Iterable[Drift], ignored: Sequence[str]) -> tuple[Drift, ...]:
    """Return the drifts whose `where` none of the ignored patterns is; `*` in a pattern is any characters."""
    patterns = [glob(pattern) for pattern in ignored]
    return tuple(drift for drift in drifts if not any(pattern.match(drift.where) for pattern in patterns))
