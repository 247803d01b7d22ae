"""Strings within bounds: of a pattern, of a format, or as a property's name suggests."""

import math
import re
from collections.abc import Callable, Iterator
from typing import Final

from chatdouble.core.chance import Chance
from chatdouble.json_schema.generate.by_name import likeness
from chatdouble.json_schema.generate.formats import fake, formatted, known, short
from chatdouble.json_schema.generate.merge import Keywords
from chatdouble.json_schema.generate.regex import fitting, risky

_LONGEST: Final = 100_000
_TRIES: Final = 12


def string(keywords: Keywords, name: str, chance: Chance, allows: Callable[[str], bool]) -> str:
    """Return a string that the keywords allow; where none is found, the nearest attempt.

    Args:
        keywords: What the schema says: minLength, maxLength, pattern, format, description, ...
        name: The property's name.
        chance: Decides which of the strings.
        allows: Says whether a string is valid, for keywords that patterns were merged in.
    """
    low = min(keywords.get("minLength", 0), _LONGEST)
    high = min(keywords.get("maxLength", _LONGEST), _LONGEST)
    first: str | None = None
    for candidate in _candidates(keywords, name, chance, (low, high)):
        if low <= len(candidate) <= high and ("allOf" not in keywords or allows(candidate)):
            return candidate
        first = candidate if first is None else first
    return _fitted(first or "", low, high)


def _candidates(keywords: Keywords, name: str, chance: Chance, size: tuple[int, int]) -> Iterator[str]:
    if "pattern" in keywords:
        yield from _of_pattern(keywords, name, chance, size)
    elif known(keywords.get("format", "")):
        yield from _of_format(keywords["format"], chance)
    else:
        yield from _of_name(keywords, name, chance, size)


def _of_pattern(keywords: Keywords, name: str, chance: Chance, size: tuple[int, int]) -> Iterator[str]:
    pattern = keywords["pattern"]
    if not risky(pattern):
        plain = {keyword: value for keyword, value in keywords.items() if keyword != "pattern"}
        likely = (next(_candidates(plain, name, chance.at(attempt), size)) for attempt in range(3))
        yield from (text for text in likely if re.search(pattern, text))
    for attempt in range(_TRIES):
        found = fitting(pattern, chance.at("pattern", attempt), *size)
        if found is None:
            break
        yield found
    yield fitting(pattern, chance, 0, _LONGEST) or ""


def _of_format(name: str, chance: Chance) -> Iterator[str]:
    for attempt in range(_TRIES):
        made = formatted(name, chance.at("format", attempt).random())
        if made is not None:
            yield made
    least = short(name)
    if least is not None:
        yield least


def _of_name(keywords: Keywords, name: str, chance: Chance, size: tuple[int, int]) -> Iterator[str]:
    description = keywords.get("description", "")
    for attempt in range(_TRIES):
        chosen = chance.at("words", attempt).random()
        said = likeness(name, chosen, description)
        said = fake("words", chosen, nb=chosen.randint(1, 3)) if said is None else said
        yield said if attempt < _TRIES // 2 else _fitted(said, *size)


def _fitted(text: str, low: int, high: int) -> str:
    """Cut or lengthen a text to a size."""
    if len(text) < low:
        filler = f"{text} " if text else "a"
        text = (filler * math.ceil((low + 1) / len(filler)))[:low]
    return text[:high].rstrip().ljust(min(low, high), "a")
