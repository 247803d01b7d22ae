"""Tests that combine as values, and say where they fail and what they capture."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from chatdouble.scripts.matching.compiled_matcher import Captures, CompiledMatcher


@dataclass(frozen=True, slots=True)
class Failure:
    """A condition that did not hold.

    Attributes:
        condition: Which one, as in the script: `user`, `headers.x-team`.
        expected: What it asks for, in words.
        found: What the request has.
    """

    condition: str
    expected: str
    found: Any


class Test(Protocol):
    """Something that holds for a subject, or fails somewhere."""

    @property
    def cost(self) -> int:
        """How dear it is, to try cheap ones first."""
        ...

    def holds(self, subject: Any) -> bool:
        """Say whether it holds."""
        ...

    def failures(self, subject: Any) -> Iterator[Failure]:
        """Return what does not hold, in the order it is written."""
        ...

    def captures(self, subject: Any) -> Captures:
        """Return what its regular expressions capture; only asked when it holds."""
        ...


class Check:
    """One condition: a value taken from the subject, and what it must be.

    Args:
        label: What the condition is called in the script.
        get: Takes the value from the subject.
        wanted: What the value must be.
    """

    def __init__(self, label: str, get: Callable[[Any], Any], wanted: CompiledMatcher) -> None:
        self.label = label
        self.get = get
        self.wanted = wanted
        self.test = wanted.test
        self.cost = wanted.cost

    def holds(self, subject: Any) -> bool:
        """Say whether the value is as wanted."""
        return self.test(self.get(subject))

    def failures(self, subject: Any) -> Iterator[Failure]:
        """Return the failure, if it fails."""
        value = self.get(subject)
        if not self.test(value):
            yield Failure(self.label, self.wanted.words, value)

    def captures(self, subject: Any) -> Captures:
        """Return the named groups in the value."""
        return self.wanted.captures(self.get(subject))


class All:
    """Holds when all its parts do.

    Args:
        parts: The parts in the order they are written.
    """

    def __init__(self, parts: Iterable[Test]) -> None:
        self.parts = tuple(parts)
        self.cheapest_first = sorted(self.parts, key=lambda part: part.cost)
        self.cost = sum(part.cost for part in self.parts)

    def holds(self, subject: Any) -> bool:
        """Say whether all hold, the cheap ones first."""
        for part in self.cheapest_first:  # noqa: SIM110 - all() would make a generator for every rule tried
            if not part.holds(subject):
                return False
        return True

    def failures(self, subject: Any) -> Iterator[Failure]:
        """Return the failures of all parts."""
        for part in self.parts:
            yield from part.failures(subject)

    def captures(self, subject: Any) -> Captures:
        """Return what all parts capture."""
        return {name: text for part in self.parts for name, text in part.captures(subject).items()}


class AnyOf:
    """Holds when one of its parts does.

    Args:
        label: What it is called in the script.
        parts: The parts.
    """

    def __init__(self, label: str, parts: Iterable[Test]) -> None:
        self.label = label
        self.parts = tuple(parts)
        self.cost = sum(part.cost for part in self.parts)

    def holds(self, subject: Any) -> bool:
        """Say whether one holds."""
        return any(part.holds(subject) for part in self.parts)

    def failures(self, subject: Any) -> Iterator[Failure]:
        """Return one failure that lists the first of each part."""
        if not self.holds(subject):
            firsts = [next(part.failures(subject)) for part in self.parts]
            expected = " or ".join(f"{first.condition} {first.expected}" for first in firsts)
            yield Failure(self.label, expected, {first.condition: first.found for first in firsts})

    def captures(self, subject: Any) -> Captures:
        """Return what the first part that holds captures."""
        return next(part.captures(subject) for part in self.parts if part.holds(subject))


class Not:
    """Holds when its part does not.

    Args:
        label: What it is called in the script.
        part: The part.
        values: Takes from the subject what a reader wants to see of it, by condition.
    """

    def __init__(self, label: str, part: Test, values: Callable[[Any], Mapping[str, Any]]) -> None:
        self.label = label
        self.part = part
        self.values = values
        self.cost = part.cost

    def holds(self, subject: Any) -> bool:
        """Say whether the part does not hold."""
        return not self.part.holds(subject)

    def failures(self, subject: Any) -> Iterator[Failure]:
        """Return the failure, if the part holds."""
        if self.part.holds(subject):
            yield Failure(self.label, "that this does not hold", self.values(subject))

    def captures(self, subject: Any) -> Captures:
        """Return nothing: what must not be there captures nothing."""
        del subject
        return {}


class Exists:
    """Holds when its part holds for one of several things in the subject.

    Args:
        label: What it is called in the script.
        get: Takes the things from the subject.
        part: What one of them must be.
        words: The same for a reader.
        show: Makes a thing short for a reader.
    """

    def __init__(
        self,
        label: str,
        get: Callable[[Any], Iterable[Any]],
        part: Test,
        words: str,
        show: Callable[[Any], Any],
    ) -> None:
        self.label = label
        self.get = get
        self.part = part
        self.words = words
        self.show = show
        self.cost = part.cost * 4

    def holds(self, subject: Any) -> bool:
        """Say whether one of the things is as wanted."""
        return any(map(self.part.holds, self.get(subject)))

    def failures(self, subject: Any) -> Iterator[Failure]:
        """Return the failure, if no thing is as wanted."""
        if not self.holds(subject):
            yield Failure(self.label, self.words, [*map(self.show, self.get(subject))] or None)

    def captures(self, subject: Any) -> Captures:
        """Return what the first thing that is as wanted gives to capture."""
        return next(self.part.captures(thing) for thing in self.get(subject) if self.part.holds(thing))
