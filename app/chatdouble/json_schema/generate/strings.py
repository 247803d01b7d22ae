"""Strings with a given length, pattern or format, or that suit the name of the property: names, cities, sentences."""

import math
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from chatdouble.core.chance import Chance
from chatdouble.core.json import objects_in
from chatdouble.json_schema.generate.common_texts import common_text
from chatdouble.json_schema.generate.formats import FORMATS, expression_of, fake, shortest, text_of_format
from chatdouble.json_schema.generate.intersection import Keywords
from chatdouble.json_schema.generate.regex import text_pattern
from chatdouble.json_schema.patterns import contains_match
from chatdouble.json_schema.steps import Steps

if TYPE_CHECKING:
    from chatdouble.json_schema.generate.generator import InstanceGenerator, Position

_LONGEST: Final = 100_000
_TRIES: Final = 12


def string(generator: "InstanceGenerator", keywords: Keywords, position: "Position") -> str:
    """Return a valid string, or the nearest attempt if none is found.

    Texts that suit the name come first, then those drawn at random, then those of a search.

    Args:
        generator: The generator, which has the budget.
        keywords: The schema's `minLength`, `maxLength`, `pattern`, `format`, `description` and so on.
        position: The position of the string, which has the property's name.

    Raises:
        OutOfStepsError: The budget is used up.
    """
    low = min(keywords.get("minLength", 0), _LONGEST)
    high = min(keywords.get("maxLength", _LONGEST), _LONGEST)
    first: str | None = None
    steps, chance = generator.steps, position.chance
    patterns = [] if keywords.keys().isdisjoint(_PATTERNED) else _patterns(keywords)
    found = _matching if "pattern" in keywords else _plain
    for candidate in found(keywords, position.name, chance, (low, high), steps):
        steps.spend(5)
        if low <= len(candidate) <= high and (len(patterns) <= 1 or _follows(candidate, patterns, steps)):
            return candidate
        first = candidate if first is None else first
    common = common_text(patterns, low, high, chance, steps) if patterns else None
    if common is not None:
        return common
    generator.failed += 1
    return _fitted(first or "", low, high)


_PATTERNED: Final = frozenset({"pattern", "format", "allOf"})


def _follows(text: str, patterns: Sequence[str], steps: Steps) -> bool:
    return all(contains_match(pattern, text, steps) for pattern in patterns)


def _patterns(keywords: Keywords) -> list[str]:
    """Return the expressions that a text has to follow: the pattern, those of merged schemas, and the format's."""
    schemas = [keywords, *objects_in(keywords.get("allOf"))]
    patterns = [one["pattern"] for one in schemas if isinstance(one.get("pattern"), str)]
    of_format = expression_of(keywords.get("format", ""))
    return [*patterns, of_format] if of_format else patterns


def _plain(keywords: Keywords, name: str, chance: Chance, size: tuple[int, int], _steps: Steps) -> Iterator[str]:
    """Yield texts in a format, or else those that suit a name."""
    if keywords.get("format") in FORMATS:
        yield from _in_format(keywords["format"], chance)
        return
    description = keywords.get("description", "")
    for attempt in range(_TRIES):
        rng = chance.at("words", attempt).random()
        text = text_for(name, rng, description)
        text = fake("words", rng, nb=rng.randint(1, 3)) if text is None else text
        # Shorter texts may still come; if not, the text is made to fit.
        yield text if attempt < _TRIES // 2 else _fitted(text, *size)


def _matching(keywords: Keywords, name: str, chance: Chance, size: tuple[int, int], steps: Steps) -> Iterator[str]:
    pattern = text_pattern(keywords["pattern"], steps)
    # A text by name often matches a loose pattern, and reads better than one made from it.
    if not pattern.is_risky:
        likely = (next(_plain(keywords, name, chance.at(attempt), size, steps)) for attempt in range(3))
        yield from (text for text in likely if pattern.matches(text))
    for attempt in range(_TRIES):
        found = pattern.containing(chance.at("pattern", attempt), *size)
        if found is None:
            break
        yield found
    of_any_length = pattern.containing(chance, 0, _LONGEST)
    if of_any_length is not None:
        yield of_any_length


def _in_format(name: str, chance: Chance) -> Iterator[str]:
    for attempt in range(_TRIES):
        text = text_of_format(name, chance.at("format", attempt).random())
        if text is not None:
            yield text
    shortest_text = shortest(name)
    if shortest_text is not None:
        yield shortest_text


def _fitted(text: str, low: int, high: int) -> str:
    """Shorten or lengthen a text to a length."""
    if len(text) < low:
        filler = f"{text} " if text else "a"
        text = (filler * math.ceil((low + 1) / len(filler)))[:low]
    return text[:high].rstrip().ljust(min(low, high), "a")


_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name in lower case, however they are joined.

    Args:
        name: Such as `first_name`, `firstName` or `First name`.
    """
    return tuple(word.lower() for word in _WORD.findall(name))


# Kinds of text, as faker names them, and the property names that ask for them. The last words of a name decide.
_PHRASES: Final[Mapping[str, tuple[str, ...]]] = {
    "first_name": ("first name", "given name", "firstname", "nickname"),
    "last_name": ("last name", "family name", "surname", "lastname"),
    "name": (
        *("name", "full name", "fullname", "author", "person", "user", "customer", "owner", "assignee"),
        *("recipient", "sender", "speaker", "contact", "manager", "doctor", "patient", "participants"),
        *("attendees", "participant", "attendee", "director", "artist", "employee", "student", "teacher"),
    ),
    "user_name": ("user name", "username", "login", "handle"),
    "email": ("email", "email address", "mail", "e mail"),
    "phone_number": ("phone", "phone number", "telephone", "mobile", "fax"),
    "address": ("address", "full address", "shipping address", "billing address"),
    "street_address": ("street", "street address", "address line 1", "line 1"),
    "city": ("city", "town", "location", "place", "destination", "origin", "birthplace"),
    "state": ("state", "region", "province"),
    "country": ("country", "nation", "nationality"),
    "country_code": ("country code",),
    "postcode": ("zip", "zip code", "zipcode", "postal code", "postcode"),
    "company": (
        *("company", "company name", "organization", "organisation", "employer", "business", "vendor"),
        *("publisher", "supplier", "merchant", "brand", "organization name"),
    ),
    "job": ("job", "job title", "occupation", "profession", "position"),
    "color_name": ("color", "colour", "color name"),
    "hex_color": ("hex", "hex color", "color hex", "color code"),
    "currency_code": ("currency", "currency code"),
    "language_name": ("language",),
    "language_code": ("language code", "locale", "lang"),
    "url": ("url", "uri", "link", "website", "homepage", "href", "webpage"),
    "image_url": ("image", "image url", "avatar", "avatar url", "thumbnail", "photo", "picture"),
    "hostname": ("host", "hostname", "host name"),
    "domain_name": ("domain", "domain name"),
    "ipv4": ("ip", "ip address", "ipv4"),
    "ipv6": ("ipv6",),
    "uuid4": ("uuid", "guid"),
    "word": ("slug", "key", "tag", "tags", "keyword", "keywords", "label", "labels"),
    "date": ("date", "birthday", "birthdate", "date of birth", "dob", "deadline", "due date"),
    "time": ("time",),
    "iso8601": ("date time", "datetime", "timestamp", "created at", "updated at"),
    "day_of_week": ("day", "weekday", "day of week"),
    "month_name": ("month",),
    "sentence": (
        *("description", "summary", "explanation", "reason", "reasoning", "text", "content", "message"),
        *("comment", "notes", "note", "answer", "question", "body", "review", "bio", "thought", "feedback"),
        *("instructions", "instruction", "abstract", "query", "justification", "response", "output"),
    ),
    "title": (
        *("title", "subject", "headline", "heading", "caption", "topic", "event", "task", "goal", "product"),
        *("product name", "item name", "project name", "event name", "task name", "recipe name", "tool name"),
        *("project", "category", "theme", "genre"),
    ),
}
_BY_NAME: Final = {phrase: kind for kind, named in _PHRASES.items() for phrase in named}
_LONGEST_PHRASE: Final = 3

# The phrases that count in the description of a property whose name is not known.
_IN_DESCRIPTIONS: Final = frozenset(
    {"first name", "last name", "full name", "email", "email address", "phone number", "city", "country"}
    | {"url", "website", "company", "job title", "currency", "date", "timestamp", "color", "address", "zip code"}
)


def text_for(name: str, rng: random.Random, description: str = "") -> str | None:
    """Return a text that suits a property, or None if neither its name nor its description is known.

    Args:
        name: The property's name, in any case.
        rng: The source of randomness.
        description: The property's description in the schema.
    """
    kind = _kind_of(name, description)
    if kind is None:
        return None
    if kind in _FORMATS:
        return text_of_format(_FORMATS[kind], rng)
    if kind == "title":
        return fake("words", rng, nb=rng.randint(2, 3), part_of_speech="noun").title()
    if kind == "name":
        # faker's own `name` adds titles such as Dr. and PhD.
        return f"{fake('first_name', rng)} {fake('last_name', rng)}"
    return fake(kind, rng)


@lru_cache(maxsize=1024)
def _kind_of(name: str, description: str) -> str | None:
    words = words_of(name)
    kind = _kind_by_ending(words) or _kind_by_ending((*words[:-1], words[-1].removesuffix("s")) if words else words)
    if kind is not None:
        return kind
    return next((_BY_NAME[phrase] for phrase in _phrases(words_of(description)) if phrase in _IN_DESCRIPTIONS), None)


def _kind_by_ending(words: tuple[str, ...]) -> str | None:
    """Return the kind for the longest known phrase at the end of a name."""
    for length in range(min(len(words), _LONGEST_PHRASE), 0, -1):
        kind = _BY_NAME.get(" ".join(words[-length:]))
        if kind is not None:
            return kind
    return None


def _phrases(words: tuple[str, ...]) -> Iterator[str]:
    for start in range(len(words)):
        yield " ".join(words[start : start + 2])
        yield words[start]


_FORMATS: Final[Mapping[str, str]] = {
    "date": "date",
    "time": "time",
    "iso8601": "date-time",
    "uuid4": "uuid",
    "ipv4": "ipv4",
    "ipv6": "ipv6",
    "email": "email",
    "url": "uri",
    "hostname": "hostname",
}
