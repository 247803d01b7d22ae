"""Strings with a given length, pattern or format, or that suit the name of the property."""

import math
from collections.abc import Iterator, Sequence
from typing import Final

from chatdouble.core.chance import Chance
from chatdouble.core.json import objects_in
from chatdouble.json_schema.generate.by_name import text_for
from chatdouble.json_schema.generate.common_texts import common_text
from chatdouble.json_schema.generate.formats import expression_of, fake, is_known, shortest, text_of_format
from chatdouble.json_schema.generate.intersection import Keywords
from chatdouble.json_schema.generate.regex import TextPattern
from chatdouble.json_schema.patterns import contains_match
from chatdouble.json_schema.steps import Steps

_LONGEST: Final = 100_000
_TRIES: Final = 12


def string(keywords: Keywords, name: str, chance: Chance, steps: Steps) -> str:
    """Return a valid string, or the nearest attempt if none is found.

    Texts that suit the name come first, then those drawn at random, then those of a search.

    Args:
        keywords: The schema's `minLength`, `maxLength`, `pattern`, `format`, `description` and so on.
        name: The property's name.
        chance: The source of randomness.
        steps: The budget.

    Raises:
        OutOfStepsError: The budget is used up.
    """
    low = min(keywords.get("minLength", 0), _LONGEST)
    high = min(keywords.get("maxLength", _LONGEST), _LONGEST)
    first: str | None = None
    patterns = _patterns(keywords)
    found = _matching if "pattern" in keywords else _plain
    for candidate in found(keywords, name, chance, (low, high), steps):
        steps.spend(5)
        if low <= len(candidate) <= high and (len(patterns) == 1 or _follows(candidate, patterns, steps)):
            return candidate
        first = candidate if first is None else first
    common = common_text(patterns, low, high, chance, steps) if patterns else None
    return _fitted(first or "", low, high) if common is None else common


def _follows(text: str, patterns: Sequence[str], steps: Steps) -> bool:
    return all(contains_match(pattern, text, steps) for pattern in patterns)


def _patterns(keywords: Keywords) -> list[str]:
    """Return the expressions that a text has to follow: the pattern, those of merged schemas, and the format's."""
    schemas = [keywords, *objects_in(keywords.get("allOf"))]
    patterns = [one["pattern"] for one in schemas if isinstance(one.get("pattern"), str)]
    of_format = expression_of(keywords.get("format", ""))
    return [*patterns, of_format] if of_format else patterns


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
