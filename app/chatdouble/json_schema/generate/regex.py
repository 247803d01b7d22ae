"""Texts that match a regular expression, of any length or a given one."""

import string
from collections.abc import Iterator
from typing import Any, Final

from chatdouble.core.chance import Chance
from chatdouble.core.expressions import Expression, TooLargeError, TooSlowError
from chatdouble.json_schema.generate.common_texts import common_text
from chatdouble.json_schema.generate.dialect import parsed, to_python
from chatdouble.json_schema.generate.lookaheads import assembled_texts
from chatdouble.json_schema.generate.text_writer import LONGEST, Alphabet, NoTextError, TextWriter, parts_of
from chatdouble.json_schema.patterns import SLOW
from chatdouble.json_schema.steps import Steps

_PLAIN: Final = string.ascii_letters + string.digits
_PRINTABLE: Final = _PLAIN + string.punctuation + " "
_TRIES: Final = 60


def regex_instance(pattern: str, chance: Chance, steps: Steps | None = None) -> str:
    """Return a text that a regular expression matches as a whole.

    If none is found, for instance because of a contradiction such as `a(?=b)c`, the best attempt is returned.

    Args:
        pattern: The expression, in Python's or JavaScript's syntax.
        chance: The source of randomness.
        steps: The budget; by default one of its own.

    Raises:
        ValueError: The expression is invalid.
        OutOfStepsError: The budget is used up.
    """
    return text_pattern(to_python(pattern) or pattern, steps or Steps()).whole(chance)


def matching_text(pattern: str, chance: Chance, low: int, high: int, steps: Steps | None = None) -> str | None:
    """Return a text of `low` to `high` characters that contains a match of the pattern, or None.

    Args:
        pattern: The expression, in Python's syntax.
        chance: The source of randomness.
        low: The least number of characters.
        high: The greatest number of characters.
        steps: The budget; by default one of its own.

    Raises:
        OutOfStepsError: The budget is used up.
    """
    return text_pattern(pattern, steps or Steps()).containing(chance, low, high)


def text_pattern(pattern: str, steps: Steps) -> "TextPattern":
    """Return a regular expression that texts are written for; it is read once within a budget.

    Raises:
        ValueError: The expression is invalid.
        OutOfStepsError: The budget is used up.
    """
    if pattern not in steps.written:
        steps.written[pattern] = TextPattern(pattern, steps)
    found: TextPattern = steps.written[pattern]
    return found


class TextPattern:
    """A regular expression that texts are written for.

    Args:
        pattern: The expression, in Python's syntax.
        steps: The budget.

    Raises:
        ValueError: The expression is invalid.
        OutOfStepsError: The budget is used up.
    """

    def __init__(self, pattern: str, steps: Steps) -> None:
        steps.spend(20 + len(pattern) // 2)
        self._pattern = pattern
        self._steps = steps
        self._tree = parsed(pattern)
        self._expression = _compiled(pattern)
        self._plain, self._printable = (Alphabet(letters, steps) for letters in (_PLAIN, _PRINTABLE))

    @property
    def is_risky(self) -> bool:
        """True if searches may take exponential time, as for the nested repetitions of `^(a+)+$` or for `^(a|aa)+$`."""
        return any(_nested(self._tree, inside=False))

    def matches(self, text: str) -> bool:
        """Return whether a text contains a match; False if that takes too long to find out."""
        return self._expression is not None and self._found(self._expression.search, text)

    def whole(self, chance: Chance) -> str:
        """Return a text that matches as a whole, or the first attempt at one."""
        first = ""
        for number, (text, is_match) in enumerate(self._attempts(chance, 0, LONGEST)):
            if is_match or (self._expression is not None and self._found(self._expression.fullmatch, text)):
                return text
            first = first if number else text
        for text in assembled_texts(self._tree, self._printable, chance, (0, LONGEST), self._steps):
            if self._expression is not None and self._found(self._expression.fullmatch, text):
                return text
        return first

    def containing(self, chance: Chance, low: int, high: int) -> str | None:
        """Return a text of a given length that contains a match, or None."""
        for text, is_match in self._attempts(chance, low, min(high, LONGEST)):
            # A search may match inside a longer text, so a short one is padded on either side.
            padding = "a" * min(low - len(text), LONGEST)
            for candidate in (text + padding, padding + text) if padding else (text,):
                fits = low <= len(candidate) <= high
                if fits and ((is_match and not padding) or self.matches(candidate)):
                    return candidate
        for text in assembled_texts(self._tree, self._printable, chance, (low, min(high, LONGEST)), self._steps):
            if low <= len(text) <= high and self.matches(text):
                return text
        return common_text([self._pattern], low, high, chance, self._steps)

    def _attempts(self, chance: Chance, low: int, high: int) -> Iterator[tuple[str, bool]]:
        """Yield texts, each with whether it is known to match; none if the expression has a set without members."""
        for attempt in range(_TRIES):
            # Letters and digits read best; punctuation is only used when they do not match.
            alphabet = self._plain if attempt < _TRIES // 4 else self._printable
            writer = TextWriter(chance.at("attempt", attempt).random(), alphabet, self._steps)
            try:
                text = writer.sequence(self._tree, low, high)
            except NoTextError:
                return
            yield text, writer.is_exact and _is_anchored_outside(self._tree)

    def _found(self, search: Any, text: str) -> bool:
        self._steps.spend(1 + len(text) // 100)
        try:
            return search(text, self._steps.seconds(SLOW)) is not None
        except TooSlowError:
            self._steps.spend(SLOW)
            return False


def _compiled(pattern: str) -> Expression | None:
    """Return an expression for searches; None: it is too large for them, so that no text is known to match."""
    try:
        return Expression(pattern)
    except TooLargeError:
        return None


def _is_anchored_outside(tree: Any) -> bool:
    """Return whether the only anchors are `^` at the start and `$` at the end, which whole texts satisfy."""
    anchors = [(at, str(value)) for at, (operation, value) in enumerate(tree) if str(operation) == "AT"]
    starts, ends = ("AT_BEGINNING", "AT_BEGINNING_STRING"), ("AT_END", "AT_END_STRING")
    return all((at == 0 and name in starts) or (at == len(tree) - 1 and name in ends) for at, name in anchors)


def _nested(tree: Any, *, inside: bool) -> Iterator[bool]:
    for operation, value in tree:
        repeats = str(operation).endswith("_REPEAT")
        endless = repeats and value[1] > 1 and value[0] != value[1]
        # Alternatives in a repetition may be as many ways to match the same text.
        if inside and (endless or str(operation) == "BRANCH"):
            yield True
        for part in parts_of(value):
            yield from _nested(part, inside=inside or endless)
