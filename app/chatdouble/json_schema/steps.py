"""A budget of steps, which bounds what a schema, an expression or a grammar may cost."""

import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

from chatdouble.core.expressions import SECONDS, Expression

TOTAL: Final = 150_000
"""The steps of one request; a step takes about ten microseconds."""
FEW: Final = 500
"""The steps that a request may take while others wait, some 10 to 30 milliseconds. What they make is short."""
_CALLS: Final = 30
"""The function calls of a step."""
_DEADLINE: Final = 30.0
_LEAST: Final = 500
"""The steps whose share of the time limit every search has."""


class OutOfStepsError(Exception):
    """The budget is used up."""


class Steps:
    """A budget of steps.

    Steps decide alone what is generated, so the same request has the same answer on every machine. The deadline is
    the last resort against work that steps do not count.

    Attributes:
        left: The number of steps that are left.
        gave_up: Whether something was left undone because the budget did not allow it.
        is_nearest: Whether no value was valid under a schema, so that the nearest attempt had to do.
        failed: Searches that found nothing; they need not be tried again.
        expressions: The expressions that were compiled, by their patterns: their steps are spent.
        written: What writes texts for patterns, by these: their steps are spent.

    Args:
        total: The number of steps.
    """

    def __init__(self, total: int = TOTAL) -> None:
        self.left = total
        self.gave_up = False
        self.is_nearest = False
        self.failed: set[object] = set()
        self.expressions: dict[str, Expression] = {}
        self.written: dict[str, Any] = {}
        self._floor: int = 0
        self._ends = time.monotonic() + _DEADLINE

    def spend(self, steps: int = 1) -> None:
        """Spend steps.

        Raises:
            OutOfStepsError: There are not enough of them.
        """
        self.left -= steps
        if self.left < self._floor or time.monotonic() > self._ends:
            raise OutOfStepsError

    def pay(self, steps: int) -> bool:
        """Spend steps if that many are left; return whether they were."""
        if self.left - steps < self._floor:
            return False
        self.left -= steps
        return True

    def seconds(self, price: int) -> float:
        """Return the time limit of a search: shorter if a slow one costs more steps than are left.

        Args:
            price: The steps that are spent on a search that reaches its limit.
        """
        return SECONDS * min(1, max(self.left - self._floor, _LEAST) / price)

    @contextmanager
    def at_most(self, limit: int) -> Generator[None]:
        """Allow a block a part of the steps; beyond it, the block raises `OutOfStepsError`."""
        floor = self._floor
        self._floor = max(floor, self.left - limit)
        try:
            yield
        finally:
            self._floor = floor

    @contextmanager
    def counting_calls(self) -> Generator[None]:
        """Spend a step on every so many function calls of a block: another package's work, which counts no steps.

        Raises:
            OutOfStepsError: The block, at any of its calls.
        """
        before, calls = sys.getprofile(), 0

        def count(_frame: FrameType, event: str, _argument: object) -> None:
            nonlocal calls
            calls += event in ("call", "c_call")
            if calls >= _CALLS:
                calls = 0
                self.spend()

        sys.setprofile(count)
        try:
            yield
        finally:
            sys.setprofile(before)

    @property
    def spent(self) -> bool:
        """True if not even one step is left here."""
        return self.left <= self._floor or time.monotonic() > self._ends


def cost(value: object, letters_of_a_step: int = 20) -> int:
    """Return the steps that it takes to read a JSON value, strings included; any depth is allowed.

    Args:
        value: The value.
        letters_of_a_step: The characters that are read in a step.
    """
    nodes = letters = 0
    waiting = [value]
    while waiting:
        one = waiting.pop()
        nodes += 1
        if isinstance(one, dict):
            waiting.extend(one.values())  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        elif isinstance(one, list):
            waiting.extend(one)  # pyright: ignore[reportUnknownArgumentType]
        elif isinstance(one, str):
            letters += len(one)
    return nodes // 4 + letters // letters_of_a_step
