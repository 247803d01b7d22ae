"""What became of each recording, and of all of them together."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from chatdouble.verifying.drift import Drift


class Outcome(StrEnum):
    """What a check of a recording can come to."""

    TRUE = "true"
    DRIFT = "drift"
    UNCHECKED = "unchecked"
    """The upstream could not be asked, or was in trouble."""
    SKIPPED = "skipped"
    """It was left out: by the sample, the budget, or since no request brings such an answer about."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one recording.

    Attributes:
        name: The recording's name.
        file: The file it is in.
        outcome: How it came out.
        drifts: What drifted.
        reason: Why it was not checked or skipped.
        seconds: How long the upstream took.
    """

    name: str
    file: str
    outcome: Outcome
    drifts: tuple[Drift, ...] = ()
    reason: str = ""
    seconds: float = 0.0


def count(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """Return how many recordings came out how, every outcome named."""
    counted = Counter(verdict.outcome for verdict in verdicts)
    return {str(outcome): counted[outcome] for outcome in Outcome}


def exit_code(verdicts: Sequence[Verdict]) -> int:
    """Return 1 where something drifted, else 2 where something could not be checked or nothing was, else 0."""
    found = {verdict.outcome for verdict in verdicts}
    if Outcome.DRIFT in found:
        return 1
    return 0 if Outcome.TRUE in found and Outcome.UNCHECKED not in found else 2
