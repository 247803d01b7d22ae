"""The writer of texts that follow a parsed regular expression."""

import math
import random
import string
from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Any, Final

from chatdouble.json_schema.steps import Steps

LONGEST: Final = 100_000
"""The greatest number of characters of a text."""
SURROGATES: Final = range(0xD800, 0xE000)
"""Halves of characters, which no text in UTF-8 has."""
_WITHOUT_END: Final = 1 << 30
_TOP_LEVEL: Final = 1
# The steps of looking at thousands of characters.
_ALL_RARE: Final = 2000
_RARE: Final = (range(0x80, 0x3000), range(0x4E00, 0x5000), range(0x1F300, 0x1F650))
"""Characters beyond ASCII: most alphabets, and if it may be none of them, common Chinese ones, and emoji."""
_MANY: Final = 1000
"""The different repetitions of a part that is always as wide; further ones are the same again."""

_CATEGORIES: Final[dict[str, Callable[[str], bool]]] = {
    "CATEGORY_DIGIT": str.isdigit,
    "CATEGORY_NOT_DIGIT": lambda c: not c.isdigit(),
    "CATEGORY_SPACE": str.isspace,
    "CATEGORY_NOT_SPACE": lambda c: not c.isspace(),
    "CATEGORY_WORD": lambda c: c.isalnum() or c == "_",
    "CATEGORY_NOT_WORD": lambda c: not (c.isalnum() or c == "_"),
}


class NoTextError(Exception):
    """A set of characters has no member, or a character is half of one, so no text follows the expression."""


class Alphabet:
    """The characters to draw from, and the members of the sets of one expression among them.

    Args:
        letters: The characters that are preferred.
        steps: The budget.
    """

    def __init__(self, letters: str, steps: Steps) -> None:
        self._steps = steps
        self._alphabets = (letters, string.printable.strip(), string.whitespace)
        self._members: dict[int, str] = {}

    def members(self, key: object, test: Callable[[], Callable[[str], bool]]) -> str:
        """Return the characters that a part of the expression allows, as far as they are found.

        Args:
            key: The part, which lives as long as the expression.
            test: Returns what tells whether the part allows a character.
        """
        found = self._members.get(id(key))
        if found is None:
            allowed = test()
            some = ("".join(filter(allowed, letters)) for letters in self._alphabets)
            found = self._members[id(key)] = next(filter(None, some), "") or self._rare(allowed)
        return found

    def _rare(self, allowed: Callable[[str], bool]) -> str:
        self._steps.spend(_ALL_RARE)
        some = ("".join(filter(allowed, map(chr, codes))) for codes in _RARE)
        return next(filter(None, some), "")


class TextWriter:
    """Writes one text that follows a parsed pattern.

    Attributes:
        is_exact: Whether the text follows the pattern in every part: nothing was left to chance or cut short.

    Args:
        rng: The source of randomness.
        alphabet: The characters.
        steps: The budget.
    """

    def __init__(self, rng: random.Random, alphabet: Alphabet, steps: Steps) -> None:
        self.is_exact = True
        self._random = rng
        self._alphabet = alphabet
        self._steps = steps
        self._groups: dict[int, str] = {}
        self._depth = 0
        self._operations: dict[str, Callable[[Any, int, int], str]] = {
            "LITERAL": lambda code, _low, _high: _character(code),
            "IN": lambda items, _low, _high: self._random.choice(self._set(items)),
            "NOT_LITERAL": lambda code, _low, _high: self._random.choice(self.members("NOT_LITERAL", code)),
            "ANY": lambda value, _low, _high: self._random.choice(self.members("ANY", value)),
            "BRANCH": self._branch,
            "SUBPATTERN": self._group,
            "ATOMIC_GROUP": self._inexact(self.sequence),
            "MAX_REPEAT": self._repeat,
            "MIN_REPEAT": self._repeat,
            "POSSESSIVE_REPEAT": self._inexact(self._repeat),
            "GROUPREF": self._inexact(lambda group, _low, _high: self._groups.get(group, "")),
            "GROUPREF_EXISTS": self._inexact(self._conditional),
            # The anchors around the whole pattern hold by themselves; `TextPattern` knows which those are.
            "AT": lambda _value, _low, _high: self._anchor(),
        }

    def sequence(self, tree: Any, low: int, high: int) -> str:
        """Write all items of a sequence, in `low` to `high` characters if the items allow it.

        Raises:
            NoTextError: An item allows no character.
            OutOfStepsError: The budget is used up.
        """
        self._steps.spend(1 + len(tree))
        self._depth += 1
        widths = [tree[i : i + 1].getwidth() for i in range(len(tree))]
        least = sum(width[0] for width in widths)
        most = sum(width[1] for width in widths)
        text = ""
        for (operation, value), width in zip(tree, widths, strict=True):
            least -= width[0]
            most -= width[1]
            # Lookarounds write nothing; the finished text is checked.
            write = self._operations.get(str(operation)) or self._inexact(lambda _value, _low, _high: "")
            text += write(value, low - len(text) - most, high - len(text) - least)
        self._depth -= 1
        return text

    def _inexact(self, write: Callable[[Any, int, int], str]) -> Callable[[Any, int, int], str]:
        def writing(value: Any, low: int, high: int) -> str:
            self.is_exact = False
            return write(value, low, high)

        return writing

    def _anchor(self) -> str:
        self.is_exact = self.is_exact and self._depth == _TOP_LEVEL
        return ""

    def members(self, operation: str, value: Any) -> str:
        """Return the characters that a set allows, as far as they are found."""
        if operation == "IN":
            return self._set(value)
        if operation == "ANY":
            return self._alphabet.members(None, lambda: lambda c: c != "\n")
        return self._alphabet.members(value, lambda: lambda c: ord(c) != value)

    def _set(self, items: Any) -> str:
        """Return the members of a set."""
        negated = str(items[0][0]) == "NEGATE"
        found = self._alphabet.members(items, lambda: _allowing(items, negated=negated))
        if found:
            return found
        if negated:
            raise NoTextError
        operation, value = items[0]
        return _character(value[0] if str(operation) == "RANGE" else value)

    def _branch(self, value: Any, low: int, high: int) -> str:
        self._steps.spend(1 + len(value[1]) // 10)
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
        self.is_exact = self.is_exact and least <= count
        self._steps.spend(1 + count // 100)
        if len(inner) == 1 and str(inner[0][0]) in ("LITERAL", "NOT_LITERAL", "IN", "ANY"):
            operation, one = inner[0]
            letters = _character(one) if str(operation) == "LITERAL" else self.members(str(operation), one)
            return "".join(self._random.choices(letters, k=count))
        if count > _MANY and narrow == wide:
            some = "".join([self.sequence(inner, narrow, narrow) for _ in range(_MANY)])
            return (some * (count // _MANY + 1))[: count * narrow]
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
        longest = LONGEST // max(narrow, 1)
        upper = min(roomy, natural + 6, longest)
        lower = min(max(needed, min(natural, roomy)), longest)
        return self._random.randint(lower, max(lower, upper)) if lower <= most else min(most, longest)


def encodable(text: str) -> str:
    """Return a text unchanged.

    Raises:
        ValueError: It has surrogates, which no text in UTF-8 has.
    """
    text.encode()
    return text


def _character(code: int) -> str:
    """Return a character.

    Raises:
        NoTextError: It is a surrogate, which no text in UTF-8 has.
    """
    if code in SURROGATES:
        raise NoTextError
    return chr(code)


def _allowing(items: Any, *, negated: bool) -> Callable[[str], bool]:
    has = membership(items)
    return (lambda character: not has(character)) if negated else has


def membership(items: Any) -> Callable[[str], bool]:
    """Return what tells whether a parsed set, its negation aside, has a character.

    Args:
        items: The items of the set, of which there may be tens of thousands.
    """
    given = [(str(operation), value) for operation, value in items]
    ranges = [value for kind, value in given if kind == "RANGE"]
    spans = sorted([*ranges, *((value, value) for kind, value in given if kind == "LITERAL")])
    starts, ends = [first for first, _ in spans], [*accumulate((last for _, last in spans), max)]
    tests = [_CATEGORIES.get(str(value), str.isalnum) for kind, value in given if kind == "CATEGORY"]

    def has(character: str) -> bool:
        code = ord(character)
        before = bisect_right(starts, code)
        return (before > 0 and ends[before - 1] >= code) or any(test(character) for test in tests)

    return has


def parts_of(value: Any) -> Iterator[Any]:
    """Yield the subpatterns in an operation's value, at any depth of tuples and lists."""
    if hasattr(value, "getwidth"):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:  # pyright: ignore[reportUnknownVariableType] - the parser has no types
            yield from parts_of(item)
