"""Strings with a given length, pattern or format, or that suit the name of the property."""

import math
from collections.abc import Callable, Iterator
from typing import Final

from chatdouble.core.chance import Chance
from chatdouble.json_schema.generate.by_name import text_for
from chatdouble.json_schema.generate.formats import fake, is_known, shortest, text_of_format
from chatdouble.json_schema.generate.intersection import Keywords
from chatdouble.json_schema.generate.regex import TextPattern
from chatdouble.json_schema.steps import Steps

_LONGEST: Final = 100_000
_TRIES: Final = 12


def string(keywords: Keywords, name: str, chance: Chance, steps: Steps, is_valid: Callable[[str], bool]) -> str:
    """Return a valid string, or the nearest attempt if none is found.

    Args:
        keywords: The schema's `minLength`, `maxLength`, `pattern`, `format`, `description` and so on.
        name: The property's name.
        chance: The source of randomness.
        steps: The budget.
        is_valid: Validates a string. Needed for keywords of several merged schemas, which can have two patterns.

    Raises:
        OutOfStepsError: The budget is used up.
    """
    low = min(keywords.get("minLength", 0), _LONGEST)
    high = min(keywords.get("maxLength", _LONGEST), _LONGEST)
    first: str | None = None
    found = _matching if "pattern" in keywords else _plain
    for candidate in found(keywords, name, chance, (low, high), steps):
        steps.spend(5)
        if low <= len(candidate) <= high and ("allOf" not in keywords or is_valid(candidate)):
            return candidate
        first = candidate if first is None else first
    return _fitted(first or "", low, high)


def _plain(keywords: Keywords, name: str, chance: Chance, size: tuple[int, int], _steps: Steps) -> Iterator[str]:
    if is_known(keywords.get("format", "")):
        yield from _in_format(keywords["format"], chance)
    else:
        yield from _by_name(keywords, name, chance, size)


def _matching(keywords: Keywords, name: str, chance: Chance, size: tuple[int, int], steps: Steps) -> Iterator[str]:
    pattern = TextPattern(keywords["pattern"], steps)
    # A text by name often matches a loose pattern, and reads better than one made from it.
    if not pattern.is_risky:
        likely = (next(_plain(keywords, name, chance.at(attempt), size, steps)) for attempt in range(3))
        yield from (text for text in likely if pattern.matches(text))
    for attempt in range(_TRIES):
        found = pattern.containing(chance.at("pattern", attempt), *size)
        if found is None:
            break
        yield found
    yield pattern.containing(chance, 0, _LONGEST) or ""


def _in_format(name: str, chance: Chance) -> Iterator[str]:
    for attempt in range(_TRIES):
        text = text_of_format(name, chance.at("format", attempt).random())
        if text is not None:
            yield text
    shortest_text = shortest(name)
    if shortest_text is not None:
        yield shortest_text


def _by_name(keywords: Keywords, name: str, chance: Chance, size: tuple[int, int]) -> Iterator[str]:
    description = keywords.get("description", "")
    for attempt in range(_TRIES):
        rng = chance.at("words", attempt).random()
        text = text_for(name, rng, description)
        text = fake("words", rng, nb=rng.randint(1, 3)) if text is None else text
        # Shorter texts may still come; if not, the text is made to fit.
        yield text if attempt < _TRIES // 2 else _fitted(text, *size)


def _fitted(text: str, low: int, high: int) -> str:
    """Shorten or lengthen a text to a length."""
    if len(text) < low:
        filler = f"{text} " if text else "a"
        text = (filler * math.ceil((low + 1) / len(filler)))[:low]
    return text[:high].rstrip().ljust(min(low, high), "a")
