"""The project's performance targets."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from bench.payloads import TOOLS, WHOLE
from bench.servers import AT_ONCE, LIMIT, OURS

Results = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """One target.

    Attributes:
        name: A short description.
        value: Returns the value from the results.
        bound: The least or the most it may be.
        least: Whether the bound is the least, not the most.
    """

    name: str
    value: Callable[[Results], float]
    bound: float
    least: bool = True

    def found(self, results: Results) -> dict[str, Any] | None:
        """Return the value reached; None if it was not measured."""
        try:
            value = round(self.value(results), 3)
        except (KeyError, TypeError):
            return None
        met = value >= self.bound if self.least else value <= self.bound
        return {
            "target": self.name,
            "wanted": f"{'>=' if self.least else '<='} {self.bound:g}",
            "is": value,
            "met": met,
        }


def _than(load: str, server: str) -> Callable[[Results], float]:
    return lambda results: results[load][server]["ours"]


def _late(crowd: str) -> Callable[[Results], float]:
    """Return the lateness of a crowd's streams, as a share of the limit's."""
    return lambda results: _crowd(results, crowd, OURS)["late_p99"] / _crowd(results, crowd, LIMIT)["late_p99"]


def _crowd(results: Results, crowd: str, server: str) -> Results:
    found: Results = results["crowds"][crowd][server]
    return found


def _errors(results: Results) -> float:
    return sum(float(found[OURS]["errors"]) for found in results["crowds"].values())


_THOUSAND: Final = "1000 x 20/s"
_FIVE_THOUSAND: Final = "5000 x 4/s"

TARGETS: Final = (
    Target("1 KB: of the limit", _than(WHOLE.name, LIMIT), 0.55),
    Target("1 KB: times mocktopus", _than(WHOLE.name, "mocktopus"), 1.15),
    Target("1 KB: times aimock", _than(WHOLE.name, "aimock"), 1.6),
    Target("10 KB with 8 tools: of the limit", _than(TOOLS.name, LIMIT), 0.40),
    Target("10 KB with 8 tools: times mocktopus", _than(TOOLS.name, "mocktopus"), 1.0),
    Target("10 KB with 8 tools: times aimock", _than(TOOLS.name, "aimock"), 1.6),
    Target("stream of 200 tokens: of the limit, all at once", _than("stream", AT_ONCE), 0.5),
    Target("stream of 200 tokens: times aimock", _than("stream", "aimock"), 3.5),
    Target("1,000 streams at 20/s: lateness p99, times the limit's", _late(_THOUSAND), 1.1, least=False),
    Target("5,000 streams at 4/s: lateness p99, times the limit's", _late(_FIVE_THOUSAND), 1.1, least=False),
    Target("paced streams: errors", _errors, 0, least=False),
    Target(
        "5,000 streams at 4/s: KB per stream",
        lambda results: _crowd(results, _FIVE_THOUSAND, OURS)["kb_per_stream"],
        18,
        least=False,
    ),
    Target("first 200 after, in s", lambda results: results["starts"][OURS]["seconds"], 0.24, least=False),
    Target("idle memory in MiB", lambda results: results["starts"][OURS]["idle_mib"], 42, least=False),
    Target("1,000 rules: times the cost of 10", _than("scripts", "1000 rules"), 1.10, least=False),
    Target(
        "journal, metrics and limits: times the cost without",
        lambda results: 1 / results["features"]["bare"]["ours"],
        1.12,
        least=False,
    ),
)


def judged(results: Results) -> list[dict[str, Any]]:
    """Return every target that was measured."""
    return [found for target in TARGETS if (found := target.found(results)) is not None]
