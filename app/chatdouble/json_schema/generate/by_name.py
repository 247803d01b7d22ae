"""Words that look as people expect of a property's name: names, cities, addresses, sentences."""

import random
import re
from collections.abc import Iterator, Mapping
from typing import Final

from chatdouble.json_schema.generate.formats import fake, formatted

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name in lower case, whichever way they are joined.

    Args:
        name: Such as `first_name`, `firstName` or `First name`.
    """
    return tuple(word.lower() for word in _WORD.findall(name))


# What faker calls it, and the names of properties that mean it (the end of the name decides).
_MEANINGS: Final[Mapping[str, tuple[str, ...]]] = {
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
_BY_NAME: Final = {phrase: meaning for meaning, phrases in _MEANINGS.items() for phrase in phrases}
_LONGEST_PHRASE: Final = 3

# What a description may say of a property whose own name says nothing.
_TOLD: Final = frozenset(
    {"first name", "last name", "full name", "email", "email address", "phone number", "city", "country"}
    | {"url", "website", "company", "job title", "currency", "date", "timestamp", "color", "address", "zip code"}
)


def likeness(name: str, chosen: random.Random, description: str = "") -> str | None:
    """Return words that fit a property, or None where neither name nor description tells what it is.

    Args:
        name: The property's name, in any case.
        chosen: Draws.
        description: What the schema says of it.
    """
    meaning = _meaning(name, description)
    return None if meaning is None else _say(meaning, chosen)


def _meaning(name: str, description: str) -> str | None:
    found = words_of(name)
    meaning = _ending(found) or _ending((*found[:-1], found[-1].removesuffix("s")) if found else found)
    if meaning is not None:
        return meaning
    return next((_BY_NAME[phrase] for phrase in _phrases(words_of(description)) if phrase in _TOLD), None)


def _ending(found: tuple[str, ...]) -> str | None:
    """Return what the longest known phrase at the end of a name means."""
    for length in range(min(len(found), _LONGEST_PHRASE), 0, -1):
        meaning = _BY_NAME.get(" ".join(found[-length:]))
        if meaning is not None:
            return meaning
    return None


def _phrases(found: tuple[str, ...]) -> Iterator[str]:
    for start in range(len(found)):
        yield " ".join(found[start : start + 2])
        yield found[start]


def _say(meaning: str, chosen: random.Random) -> str:
    made = formatted(_FORMATS.get(meaning, ""), chosen)
    if made is not None:
        return made
    if meaning == "title":
        return fake("words", chosen, nb=chosen.randint(2, 3), part_of_speech="noun").title()
    if meaning == "name":
        return f"{fake('first_name', chosen)} {fake('last_name', chosen)}"  # faker's `name` adds Dr. and PhD
    return fake(meaning, chosen)


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
