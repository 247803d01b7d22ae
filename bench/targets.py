"""The project's performance targets."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from bench.payloads import TOOLS, WHOLE
from bench.servers import LIMIT, OURS

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


def _crowd(crowd: str, key: str) -> Callable[[Results], float]:
    return lambda results: results["crowds"][crowd][OURS][key]


_THOUSAND: Final = "1000 x 20/s"
_FIVE_THOUSAND: Final = "5000 x 4/s"

TARGETS: Final = (
    Target("1 KB: of the limit", _than(WHOLE.name, LIMIT), 0.50),
    Target("1 KB: times mocktopus", _than(WHOLE.name, "mocktopus"), 1.5),
    Target("1 KB: times aimock", _than(WHOLE.name, "aimock"), 2),
    Target("10 KB with 8 tools: of the limit", _than(TOOLS.name, LIMIT), 0.30),
    Target("stream of 200 tokens: times the limit that sends chunk by chunk", _than("stream", LIMIT), 5),
    Target(
        "stream of 200 tokens: chunks, times aimock",
        lambda results: results["stream"][OURS]["chunks_per_second"] / results["stream"]["aimock"]["chunks_per_second"],
        3,
    ),
    Target("1,000 streams at 20/s: lateness p99 in ms", _crowd(_THOUSAND, "late_p99"), 12, least=False),
    Target("1,000 streams at 20/s: errors", _crowd(_THOUSAND, "errors"), 0, least=False),
    Target("5,000 streams at 4/s: lateness p99 in ms", _crowd(_FIVE_THOUSAND, "late_p99"), 25, least=False),
    Target("5,000 streams at 4/s: errors", _crowd(_FIVE_THOUSAND, "errors"), 0, least=False),
    Target("5,000 streams at 4/s: KB per stream", _crowd(_FIVE_THOUSAND, "kb_per_stream"), 25, least=False),
    Target("first 200 after, in s", lambda results: results["starts"][OURS]["seconds"], 0.6, least=False),
    Target("idle memory in MiB", lambda results: results["starts"][OURS]["idle_mib"], 55, least=False),
    Target("1,000 rules: times the cost of 10", _than("scripts", "1000 rules"), 1.10, least=False),
    Target(
        "journal, metrics and limits: times the cost without",
        lambda results: 1 / results["features"]["bare"]["ours"],
        1.15,
        least=False,
    ),
)


def judged(results: Results) -> list[dict[str, Any]]:
    """Return every target that was measured."""
    return [found for target in TARGETS if (found := target.found(results)) is not None]
