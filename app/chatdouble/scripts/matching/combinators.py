"""Conditions on a request that combine, report their failures and capture texts."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from chatdouble.scripts.matching.compiled_matcher import Captures, CompiledMatcher


@dataclass(frozen=True, slots=True)
class Failure:
    """A condition that did not hold.

    Attributes:
        condition: The condition as the script writes it: `user`, `headers.x-team`.
        expected: The expected value, in words.
        found: The value in the request.
    """

    condition: str
    expected: str
    found: Any


class Condition(Protocol):
    """A condition on a subject: a request, or a part of one."""

    @property
    def cost(self) -> int:
        """The relative cost of a test; cheap conditions are tested first."""
        ...

    @property
    def counts(self) -> int:
        """The number of conditions as which near misses count it."""
        ...

    def holds(self, subject: Any) -> bool:
        """Tell whether the condition holds."""
        ...

    def failures(self, subject: Any) -> Iterator[Failure]:
        """Yield the failures, in the order of the script."""
        ...

    def captures(self, subject: Any) -> Captures:
        """Return the named groups of its regular expressions; call it only if the condition holds."""
        ...


class ValueCondition:
    """A condition on one value of the subject.

    Args:
        label: The condition as the script writes it.
        get: Returns the value.
        wanted: The matcher of the value.
    """

    counts = 1

    def __init__(self, label: str, get: Callable[[Any], Any], wanted: CompiledMatcher) -> None:
        self.label = label
        self.get = get
        self.wanted = wanted
        self.test = wanted.test
        self.cost = wanted.cost

    def holds(self, subject: Any) -> bool:
        """Tell whether the value matches."""
        return self.test(self.get(subject))

    def failures(self, subject: Any) -> Iterator[Failure]:
        """Yield a failure if the value does not match."""
        value = self.get(subject)
        if not self.test(value):
            yield Failure(self.label, self.wanted.words, value)

    def captures(self, subject: Any) -> Captures:
        """Return the named groups in the value."""
        return self.wanted.captures(self.get(subject))


class AllOf:
    """A condition that holds if all its parts hold.

    Args:
        parts: The parts, in the order of the script.
    """

    counts = 1

    def __init__(self, parts: Iterable[Condition]) -> None:
        self.parts = tuple(parts)
        self.cheapest_first = sorted(self.parts, key=lambda part: part.cost)
        self.cost = sum(part.cost for part in self.parts)

    def holds(self, subject: Any) -> bool:
        """Tell whether all parts hold."""
        for part in self.cheapest_first:  # noqa: SIM110 - all() would make a generator for every rule tried
            if not part.holds(subject):
                return False
        return True

    def failures(self, subject: Any) -> Iterator[Failure]:
        """Yield the failures of all parts."""
        for part in self.parts:
            yield from part.failures(subject)

    def captures(self, subject: Any) -> Captures:
        """Return the captures of all parts."""
        return {name: text for part in self.parts for name, text in part.captures(subject).items()}


class AnyOf:
    """A condition that holds if one of its parts holds.

    Args:
        label: The condition as the script writes it.
        parts: The parts.
    """

    counts = 1

    def __init__(self, label: str, parts: Iterable[Condition]) -> None:
        self.label = label
        self.parts = tuple(parts)
        self.cost = sum(part.cost for part in self.parts)

    def holds(self, subject: Any) -> bool:
        """Tell whether one part holds."""
        return any(part.holds(subject) for part in self.parts)

    def failures(self, subject: Any) -> Iterator[Failure]:
        """Yield a single failure with the first failure of each part."""
        if not self.holds(subject):
            firsts = [next(part.failures(subject)) for part in self.parts]
            expected = " or ".join(f"{first.condition} {first.expected}" for first in firsts)
            yield Failure(self.label, expected, {first.condition: first.found for first in firsts})

    def captures(self, subject: Any) -> Captures:
        """Return the captures of the first part that holds."""
        return next(part.captures(subject) for part in self.parts if part.holds(subject))


class Not:
    """A condition that holds if its part does not.

    Args:
        label: The condition as the script writes it.
        part: The part.
        values: Returns the values to show in a failure, by condition.
    """

    counts = 1

    def __init__(self, label: str, part: Condition, values: Callable[[Any], Mapping[str, Any]]) -> None:
        self.label = label
        self.part = part
        self.values = values
        self.cost = part.cost

    def holds(self, subject: Any) -> bool:
        """Tell whether the part does not hold."""
        return not self.part.holds(subject)

    def failures(self, subject: Any) -> Iterator[Failure]:
        """Yield a failure if the part holds."""
        if self.part.holds(subject):
            yield Failure(self.label, "not all of these", self.values(subject))

    def captures(self, subject: Any) -> Captures:
        """Return nothing: a negated condition captures nothing."""
        del subject
        return {}


class Exists:
    """A condition that holds if its part holds for one of several items.

    Args:
        label: The condition as the script writes it.
        get: Returns the items.
        part: The condition on an item.
        words: The expected item, in words.
        show: Returns a short form of an item for messages.
    """

    counts = 1

    def __init__(
        self,
        label: str,
        get: Callable[[Any], Iterable[Any]],
        part: Condition,
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
        """Tell whether the part holds for one item."""
        return any(map(self.part.holds, self.get(subject)))

    def failures(self, subject: Any) -> Iterator[Failure]:
        """Yield a failure if the part holds for no item."""
        if not self.holds(subject):
            yield Failure(self.label, self.words, [*map(self.show, self.get(subject))] or None)

    def captures(self, subject: Any) -> Captures:
        """Return the captures of the first item for which the part holds."""
        return next(self.part.captures(item) for item in self.get(subject) if self.part.holds(item))
