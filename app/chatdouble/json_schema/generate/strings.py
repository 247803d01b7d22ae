"""Strings with a given length, pattern or format, or that suit the name of the property."""

import math
import re
from collections.abc import Callable, Iterator
from typing import Final

from chatdouble.core.chance import Chance
from chatdouble.json_schema.generate.by_name import text_for
from chatdouble.json_schema.generate.formats import fake, is_known, shortest, text_of_format
from chatdouble.json_schema.generate.intersection import Keywords
from chatdouble.json_schema.generate.regex import is_risky, matching_text

_LONGEST: Final = 100_000
_TRIES: Final = 12


def string(keywords: Keywords, name: str, chance: Chance, is_valid: Callable[[str], bool]) -> str:
    """Return a valid string, or the nearest attempt if none is found.

    Args:
        keywords: The schema's `minLength`, `maxLength`, `pattern`, `format`, `description` and so on.
        name: The property's name.
        chance: The source of randomness.
        is_valid: Validates a string. Needed for keywords of several merged schemas, which can have two patterns.
    """
    low = min(keywords.get("minLength", 0), _LONGEST)
    high = min(keywords.get("maxLength", _LONGEST), _LONGEST)
    first: str | None = None
    for candidate in _candidates(keywords, name, chance, (low, high)):
        if low <= len(candidate) <= high and ("allOf" not in keywords or is_valid(candidate)):
            return candidate
        first = candidate if first is None else first
    return _fitted(first or "", low, high)


def _candidates(keywords: Keywords, name: str, chance: Chance, size: tuple[int, int]) -> Iterator[str]:
    if "pattern" in keywords:
        yield from _matching(keywords, name, chance, size)
    elif is_known(keywords.get("format", "")):
        yield from _in_format(keywords["format"], chance)
    else:
        yield from _by_name(keywords, name, chance, size)


def _matching(keywords: Keywords, name: str, chance: Chance, size: tuple[int, int]) -> Iterator[str]:
    pattern = keywords["pattern"]
    # A text by name often matches a loose pattern, and reads better than one made from it.
    if not is_risky(pattern):
        plain = {keyword: value for keyword, value in keywords.items() if keyword != "pattern"}
        likely = (next(_candidates(plain, name, chance.at(attempt), size)) for attempt in range(3))
        yield from (text for text in likely if re.search(pattern, text))
    for attempt in range(_TRIES):
        found = matching_text(pattern, chance.at("pattern", attempt), *size)
        if found is None:
            break
        yield found
    yield matching_text(pattern, chance, 0, _LONGEST) or ""


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
