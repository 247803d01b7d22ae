"""Texts that match a regular expression, of any length or a given one."""

import importlib
import math
import random
import re
import string
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

from chatdouble.core.chance import Chance
from chatdouble.json_schema.generate.dialect import to_python

_PLAIN: Final = string.ascii_letters + string.digits
_PRINTABLE: Final = _PLAIN + string.punctuation + " "
_TRIES: Final = 60
_LONGEST: Final = 100_000
_MOST_REPEATS: Final = 10_000
_WITHOUT_END: Final = 1 << 30

_CATEGORIES: Final[dict[str, Callable[[str], bool]]] = {
    "CATEGORY_DIGIT": str.isdigit,
    "CATEGORY_NOT_DIGIT": lambda c: not c.isdigit(),
    "CATEGORY_SPACE": str.isspace,
    "CATEGORY_NOT_SPACE": lambda c: not c.isspace(),
    "CATEGORY_WORD": lambda c: c.isalnum() or c == "_",
    "CATEGORY_NOT_WORD": lambda c: not (c.isalnum() or c == "_"),
}


def regex_instance(pattern: str, chance: Chance) -> str:
    """Return a text that a regular expression matches as a whole.

    If none is found, for instance because of a contradiction such as `a(?=b)c`, the best attempt is returned.

    Args:
        pattern: The expression, in Python's or JavaScript's syntax.
        chance: The source of randomness.

    Raises:
        ValueError: The expression is invalid.
    """
    readable = to_python(pattern) or pattern
    matches = _compiled(readable).fullmatch
    texts = list(_until_match(matches, _attempts(readable, chance, 0, _LONGEST)))
    return texts[-1]


def matching_text(pattern: str, chance: Chance, low: int, high: int) -> str | None:
    """Return a text of `low` to `high` characters that contains a match of the pattern, or None.

    Args:
        pattern: The expression, in Python's syntax.
        chance: The source of randomness.
        low: The least number of characters.
        high: The greatest number of characters.
    """
    compiled = _compiled(pattern)
    for text in _attempts(pattern, chance, low, min(high, _LONGEST)):
        for candidate in _padded(text, low):
            if low <= len(candidate) <= high and compiled.search(candidate):
                return candidate
    return None


def is_risky(pattern: str) -> bool:
    """Return whether matching the pattern may take exponential time, as nested repetitions such as `^(a+)+$` do."""
    return any(_nested(_parse(pattern), inside=False))


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(str(error)) from error


def _parse(pattern: str) -> Any:
    # The standard library's own parser, which `re.compile` uses.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("re._parser").parse(pattern)


def _until_match(matches: Callable[[str], object], texts: Iterator[str]) -> Iterator[str]:
    first = ""
    for number, text in enumerate(texts):
        first = first if number else text
        if matches(text):
            yield text
            return
    yield first


def _attempts(pattern: str, chance: Chance, low: int, high: int) -> Iterator[str]:
    tree = _parse(pattern)
    for attempt in range(_TRIES):
        # Letters and digits read best; punctuation is only used when they do not match.
        alphabet = _PLAIN if attempt < _TRIES // 4 else _PRINTABLE
        yield _TextWriter(chance.at("attempt", attempt).random(), alphabet).sequence(tree, low, high)


def _padded(text: str, low: int) -> Iterator[str]:
    # A search may match inside a longer text, so a short one is padded on either side.
    padding = "a" * min(low - len(text), _LONGEST)
    yield text + padding
    if padding:
        yield padding + text


def _nested(tree: Any, *, inside: bool) -> Iterator[bool]:
    for operation, value in tree:
        repeats = str(operation).endswith("_REPEAT")
        endless = repeats and value[1] > 1 and value[0] != value[1]
        if inside and endless:
            yield True
        for part in _parts(value):
            yield from _nested(part, inside=inside or endless)


def _parts(value: Any) -> Iterator[Any]:
    """Yield the subpatterns in an operation's value, at any depth of tuples and lists."""
    if hasattr(value, "getwidth"):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:  # pyright: ignore[reportUnknownVariableType] - the parser has no types
            yield from _parts(item)


class _TextWriter:
    """Writes a text that follows a parsed pattern."""

    def __init__(self, rng: random.Random, alphabet: str) -> None:
        self._random = rng
        self._alphabet = alphabet
        self._groups: dict[int, str] = {}
        self._operations: dict[str, Callable[[Any, int, int], str]] = {
            "LITERAL": lambda code, _low, _high: chr(code),
            "NOT_LITERAL": lambda code, _low, _high: self._draw(lambda c: ord(c) != code),
            "ANY": lambda _value, _low, _high: self._draw(lambda c: c != "\n"),
            "IN": self._set,
            "BRANCH": self._branch,
            "SUBPATTERN": self._group,
            "ATOMIC_GROUP": self.sequence,
            "MAX_REPEAT": self._repeat,
            "MIN_REPEAT": self._repeat,
            "POSSESSIVE_REPEAT": self._repeat,
            "GROUPREF": lambda group, _low, _high: self._groups.get(group, ""),
            "GROUPREF_EXISTS": self._conditional,
        }

    def sequence(self, tree: Any, low: int, high: int) -> str:
        """Write all items of a sequence, in `low` to `high` characters if the items allow it."""
        widths = [tree[i : i + 1].getwidth() for i in range(len(tree))]
        least = sum(width[0] for width in widths)
        most = sum(width[1] for width in widths)
        text = ""
        for (operation, value), width in zip(tree, widths, strict=True):
            least -= width[0]
            most -= width[1]
            write = self._operations.get(str(operation))
            if write is not None:  # anchors and lookarounds write nothing; the finished text is checked
                text += write(value, low - len(text) - most, high - len(text) - least)
        return text

    def _draw(self, allowed: Callable[[str], bool]) -> str:
        for alphabet in (self._alphabet, _PRINTABLE, string.whitespace):
            members = [c for c in alphabet if allowed(c)]
            if members:
                return self._random.choice(members)
        return next((c for c in map(chr, range(0x80, 0x3000)) if allowed(c)), "")

    def _set(self, items: Any, _low: int, _high: int) -> str:
        negated = str(items[0][0]) == "NEGATE"
        found = self._draw(lambda c: any(_member(item, c) for item in items) != negated)
        if found or negated:
            return found
        operation, value = items[0]
        return chr(value[0] if str(operation) == "RANGE" else value)

    def _branch(self, value: Any, low: int, high: int) -> str:
        wide_enough = [way for way in value[1] if way.getwidth()[0] <= high and way.getwidth()[1] >= low]
        return self.sequence(self._random.choice(wide_enough or value[1]), low, high)

    def _group(self, value: Any, low: int, high: int) -> str:
        number, _added, _removed, inner = value
        text = self.sequence(inner, low, high)
        if number is not None:
            self._groups[number] = text
        return text

    def _conditional(self, value: Any, low: int, high: int) -> str:
        group, then, otherwise = value
        branch = then if group in self._groups else otherwise
        return self.sequence(branch, low, high) if branch is not None else ""

    def _repeat(self, value: Any, low: int, high: int) -> str:
        least, most, inner = value
        # The repetitions share the characters that are needed or left.
        narrow, wide = inner.getwidth()
        count = self._count((least, int(most)), (narrow, wide), low, high)
        text = ""
        for left in reversed(range(count)):
            rest_low = low - len(text) - left * wide
            rest_high = high - len(text) - left * narrow
            text += self.sequence(inner, rest_low, rest_high)
        return text

    def _count(self, bounds: tuple[int, int], width: tuple[int, int], low: int, high: int) -> int:
        least, most = bounds
        narrow, wide = width
        needed = max(least, math.ceil(low / wide)) if wide and low > 0 else least
        roomy = min(most, max(high, 0) // narrow) if narrow else most
        natural = max(needed, 1 if least == 0 and most >= _WITHOUT_END else least)
        upper = min(roomy, natural + 6, _MOST_REPEATS)
        lower = min(max(needed, min(natural, roomy)), _MOST_REPEATS)
        return self._random.randint(lower, max(lower, upper)) if lower <= most else most


def _member(item: Any, character: str) -> bool:
    operation, value = item
    tests: dict[str, Callable[[], bool]] = {
        "LITERAL": lambda: ord(character) == value,
        "RANGE": lambda: value[0] <= ord(character) <= value[1],
        "CATEGORY": partial(_CATEGORIES.get(str(value), str.isalnum), character),
    }
    test = tests.get(str(operation))
    return test is not None and test()
