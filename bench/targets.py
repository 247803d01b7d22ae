"""The project's performance targets."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from bench.payloads import RESPONSE, RESPONSE_STREAM, TOOLS, WHOLE
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
        why: The reason why it is missed, and what was tried, if it is.
    """

    name: str
    value: Callable[[Results], float]
    bound: float
    least: bool = True
    why: str = ""

    def found(self, results: Results) -> dict[str, Any] | None:
        """Return the value reached; None if it was not measured."""
        try:
            value = round(self.value(results), 3)
        except (KeyError, TypeError, ZeroDivisionError):
            return None
        met = value >= self.bound if self.least else value <= self.bound
        return {
            "target": self.name,
            "wanted": f"{'>=' if self.least else '<='} {self.bound:g}",
            "is": value,
            "met": met,
            "why": self.why,
        }


def _than(load: str, server: str) -> Callable[[Results], float]:
    return lambda results: results[load][server]["ours"]


def _late(crowd: str) -> Callable[[Results], float]:
    """Return the lateness of a crowd's streams, as a share of the limit's."""
    return lambda results: _crowd(results, crowd, OURS)["late_p99"] / _crowd(results, crowd, LIMIT)["late_p99"]


def _started(peer: str) -> Callable[[Results], float]:
    """Return the time to our first answer, as a multiple of a peer's."""
    return lambda results: results["starts"][OURS]["seconds"] / results["starts"][peer]["seconds"]


def _crowd(results: Results, crowd: str, server: str) -> Results:
    found: Results = results["crowds"][crowd][server]
    return found


def _errors(results: Results) -> float:
    return sum(float(found[OURS]["errors"]) for found in results["crowds"].values())


_THOUSAND: Final = "1000 x 20/s"
_FIVE_THOUSAND: Final = "5000 x 4/s"

_LIMITED: Final = (
    "The limit parses and makes nothing; of the parts below, none alone closes the gap. Tried: half as many functions "
    "for a request; one function for plain texts without layers and backends, which also missed; other interpreters "
    "and compiled modules, without effect."
)
_UNCHECKED: Final = (
    "mocktopus neither validates requests nor counts tokens; JSON, shape and tokens below are what that takes. "
    "Tried: as above."
)
_COMPILED: Final = "aimock's JavaScript is compiled while it runs, and checks little of a request. Tried: as above."
_FRAMED: Final = (
    "Here a text is cut, and each token gets a frame and an obfuscation of its own. Tried: cutting, encoding and "
    "framing in one pass; paddings looked up by length; all parts joined once; one write without a further copy, which "
    "took a stream to 0.94 of its time; templates, smaller joins, and texts in place of bytes, without effect."
)
_ADAPTED: Final = (
    "A response is made as a chat completion, adapted and stored, items and all. Tried: deltas framed in blocks as "
    "those of chunks are, which took a stream to 0.41 of its time; defaults copied and items encoded once, which took "
    "a whole answer to 0.79."
)
_BUSY: Final = (
    "A stream's begin takes the core several times as long as in the limit, and events wait meanwhile; an event itself "
    "costs about the same, see below. Tried: timers that write and set themselves again, a bounded number of writes in "
    "each turn of the loop, no cycles for the garbage collector, no packing of what was written."
)
_HELD: Final = (
    "A stream holds its call and its place in the journal beside its connection, see below. Tried: shared pieces of "
    "text, frames made when they are due, also for the journal; answers as bytes; fewer coroutines that wait."
)
_IMPORTED: Final = (
    "Imports are most of a start and of the idle memory, see below. Tried: imports on first use for all that a first "
    "chat completion does not need; a command line without its library."
)
_KEPT: Final = (
    "Limits, journal and metrics are rows below. Tried: no layers for what a session does not set; entries that are "
    "bytes until somebody reads them."
)

TARGETS: Final = (
    Target("1 KB: of the limit", _than(WHOLE.name, LIMIT), 0.55, why=_LIMITED),
    Target("1 KB: times mocktopus", _than(WHOLE.name, "mocktopus"), 1.15, why=_UNCHECKED),
    Target("1 KB: times aimock", _than(WHOLE.name, "aimock"), 1.6, why=_COMPILED),
    Target("10 KB with 8 tools: of the limit", _than(TOOLS.name, LIMIT), 0.40, why=_LIMITED),
    Target("10 KB with 8 tools: times mocktopus", _than(TOOLS.name, "mocktopus"), 1.0, why=_UNCHECKED),
    Target("10 KB with 8 tools: times aimock", _than(TOOLS.name, "aimock"), 1.6, why=_COMPILED),
    Target("stream of 200 tokens: of the limit, all at once", _than("stream", AT_ONCE), 0.5, why=_FRAMED),
    Target("stream of 200 tokens: times aimock", _than("stream", "aimock"), 3.5, why=_FRAMED),
    Target("1 KB, Responses: times aimock", _than(RESPONSE.name, "aimock"), 1.0, why=_ADAPTED),
    Target("stream, Responses: times aimock", _than(RESPONSE_STREAM.name, "aimock"), 1.0, why=_ADAPTED),
    Target("1,000 streams at 20/s: lateness p99, times the limit's", _late(_THOUSAND), 1.1, least=False, why=_BUSY),
    Target("5,000 streams at 4/s: lateness p99, times the limit's", _late(_FIVE_THOUSAND), 1.1, least=False, why=_BUSY),
    Target("paced streams: errors", _errors, 0, least=False),
    Target(
        "5,000 streams at 4/s: KB per stream",
        lambda results: _crowd(results, _FIVE_THOUSAND, OURS)["kb_per_stream"],
        18,
        least=False,
        why=_HELD,
    ),
    Target("first 200, times aimock's", _started("aimock"), 1.5, least=False, why=_IMPORTED),
    Target(
        "first 200 after, in s", lambda results: results["starts"][OURS]["seconds"], 0.24, least=False, why=_IMPORTED
    ),
    Target("idle memory in MiB", lambda results: results["starts"][OURS]["idle_mib"], 42, least=False, why=_IMPORTED),
    Target("1,000 rules: times the cost of 10", _than("scripts", "1000 rules"), 1.10, least=False),
    Target(
        "journal, metrics and limits: times the cost without",
        lambda results: 1 / results["features"]["bare"]["ours"],
        1.12,
        least=False,
        why=_KEPT,
    ),
)


def judged(results: Results) -> list[dict[str, Any]]:
    """Return every target that was measured."""
    return [found for target in TARGETS if (found := target.found(results)) is not None]
