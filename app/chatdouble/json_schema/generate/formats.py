"""Strings in JSON Schema's formats and words from faker (schemas#formats lists the formats of strict schemas)."""

import importlib
import random
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from threading import Lock
from typing import Final
from uuid import UUID

# The faker providers of each kind. Loading all providers for every word would cost more than the word.
_PROVIDERS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("first_name", "last_name", "language_name"), ("person",)),
    **dict.fromkeys(("email", "user_name", "domain_name", "image_url"), ("internet", "person", "company", "lorem")),
    **dict.fromkeys(("address", "street_address", "city"), ("address", "person")),
    **dict.fromkeys(("state", "country", "country_code", "postcode"), ("address",)),
    "company": ("company", "person"),
    "phone_number": ("phone_number",),
    "job": ("job",),
    **dict.fromkeys(("color_name", "hex_color"), ("color",)),
    "currency_code": ("currency",),
    "language_code": ("misc",),
    **dict.fromkeys(("day_of_week", "month_name"), ("date_time",)),
    **dict.fromkeys(("word", "words", "sentence"), ("lorem",)),
}


def fake(kind: str, rng: random.Random, **options: object) -> str:
    """Return a text from faker on one line; lists of words are joined.

    Args:
        kind: The name of faker's method, such as `first_name`.
        rng: The source of randomness.
        **options: The method's arguments.
    """
    made = _words(kind)
    with made.lock:
        made.generator.random = rng
        text = made.generator.format(kind, **options)
    return " ".join(text) if isinstance(text, list) else str(text).replace("\n", ", ")


class _Words:
    """faker's generator of one kind of text. To load its providers takes longer than many words."""

    def __init__(self, kind: str) -> None:
        from faker.generator import Generator  # noqa: PLC0415 - takes 0.1 s, and only words need it

        self.generator: Final = Generator()
        self.lock: Final = Lock()  # requests with large schemas are answered by threads
        for name in _PROVIDERS[kind]:
            self.generator.add_provider(importlib.import_module(f"faker.providers.{name}.en_US").Provider)


_words: Final = lru_cache(maxsize=None)(_Words)


_FIRST_DAY: Final = date(2016, 1, 1)
_DAYS: Final = 3652
_DOCUMENTATION_V4: Final = int(IPv4Address("192.0.2.0"))
_DOCUMENTATION_V6: Final = int(IPv6Address("2001:db8::"))


def text_of_format(name: str, rng: random.Random) -> str | None:
    """Return a string in a format, or None if the format is unknown.

    Args:
        name: The value of the `format` keyword.
        rng: The source of randomness.
    """
    make = FORMATS.get(name)
    return make(rng) if make else None


def shortest(name: str) -> str | None:
    """Return the shortest string in a format of variable length, or None for other formats."""
    return _SHORTEST.get(name)


def expression_of(name: str) -> str | None:
    """Return an expression that only strings in a format match, though not all of them; None: there is none."""
    return _EXPRESSIONS.get(name)


def _day(rng: random.Random) -> date:
    return _FIRST_DAY + timedelta(days=rng.randrange(_DAYS))


def _instant(rng: random.Random) -> datetime:
    day = _day(rng)
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=rng.randrange(86_400))


def _duration(rng: random.Random) -> str:
    return rng.choice(("P1D", "P3D", "P2W", "PT30M", "PT1H30M", "P1Y6M", "P1DT12H", "PT45S"))


def _uri(rng: random.Random) -> str:
    return f"https://www.example.com/{_word(rng)}"


def _email(rng: random.Random) -> str:
    return fake("email", rng)


def _hostname(rng: random.Random) -> str:
    return f"{_word(rng)}.example.com"


def _word(rng: random.Random) -> str:
    return fake("word", rng).lower()


FORMATS: Final[Mapping[str, Callable[[random.Random], str]]] = {
    "date-time": lambda rng: _instant(rng).isoformat().replace("+00:00", "Z"),
    "date": lambda rng: _day(rng).isoformat(),
    "time": lambda rng: _instant(rng).timetz().isoformat().replace("+00:00", "Z"),
    "duration": _duration,
    "email": _email,
    "idn-email": _email,
    "hostname": _hostname,
    "idn-hostname": _hostname,
    "ipv4": lambda rng: str(IPv4Address(_DOCUMENTATION_V4 + rng.randrange(1, 255))),
    "ipv6": lambda rng: str(IPv6Address(_DOCUMENTATION_V6 + rng.getrandbits(96))),
    "uuid": lambda rng: str(UUID(int=rng.getrandbits(128), version=4)),
    **dict.fromkeys(("uri", "url", "iri", "uri-reference", "iri-reference"), _uri),
    "uri-template": lambda rng: f"{_uri(rng)}{{id}}",
    "json-pointer": lambda rng: f"/{_word(rng)}/{rng.randrange(10)}",
    "relative-json-pointer": lambda rng: f"{rng.randrange(1, 4)}/{_word(rng)}",
    "regex": lambda rng: f"^{_word(rng)}$",
    "byte": lambda _rng: "aGVsbG8=",
    "binary": lambda _rng: "hello",
    "password": lambda rng: _word(rng) + str(rng.randrange(10, 100)),
}
"""The formats that are known, and the makers of strings in them."""

_SHORTEST: Final[Mapping[str, str]] = {
    "email": "a@b.co",
    "idn-email": "a@b.co",
    "hostname": "b.co",
    "idn-hostname": "b.co",
    "ipv4": "1.1.1.1",
    "ipv6": "::1",
    "duration": "P1D",
    "uri": "a:b",
    "iri": "a:b",
    "uri-reference": "/",
    "iri-reference": "/",
    "uri-template": "/",
    "json-pointer": "",
    "relative-json-pointer": "0",
    "regex": "",
}

_DATE: Final = (
    r"(?:19|20)\d\d-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[469]|11)-30|(?:0[13578]|1[02])-3[01])|2024-02-29"
)
_TIME: Final = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
_CLOCK: Final = r"T(?:\d{1,9}H(?:\d{1,9}M)?(?:\d{1,9}S)?|\d{1,9}M(?:\d{1,9}S)?|\d{1,9}S)"
_CALENDAR: Final = r"(?:\d{1,9}Y(?:\d{1,9}M(?:\d{1,9}D)?)?|\d{1,9}M(?:\d{1,9}D)?|\d{1,9}D)"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?"
_URI: Final = (
    rf"(?:https?|ftp)://{_LABEL}(?:\.{_LABEL})*(?::\d{{1,4}})?(?:/[A-Za-z0-9._~-]*)*|[a-z]{{1,8}}:[A-Za-z0-9._~-]+"
)
_OCTET: Final = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_GROUP: Final = "[0-9A-Fa-f]{1,4}"

_EXPRESSIONS: Final[Mapping[str, str]] = {
    name: f"^(?:{expression})$"
    for name, expression in {
        "date": _DATE,
        "time": _TIME,
        "date-time": f"(?:{_DATE})T{_TIME}",
        "duration": rf"P(?:\d{{1,9}}W|{_CALENDAR}(?:{_CLOCK})?|{_CLOCK})",
        **dict.fromkeys(("email", "idn-email"), rf"[a-z0-9]+(?:[._+-][a-z0-9]+)*@(?:{_LABEL}\.)+[a-z]{{2,6}}"),
        **dict.fromkeys(("hostname", "idn-hostname"), rf"{_LABEL}(?:\.{_LABEL})*"),
        "ipv4": rf"{_OCTET}(?:\.{_OCTET}){{3}}",
        "ipv6": f"{_GROUP}(?::{_GROUP}){{7}}|{_GROUP}(?::{_GROUP}){{0,5}}::(?:{_GROUP})?|::{_GROUP}",
        "uuid": "[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        **dict.fromkeys(("uri", "url", "iri"), _URI),
        **dict.fromkeys(("uri-reference", "iri-reference"), rf"{_URI}|(?:/[A-Za-z0-9._~-]+)+"),
        "json-pointer": "(?:/[A-Za-z0-9_-]*)*",
    }.items()
}
"""Typical strings of each format, as expressions, for strings with another expression or a length."""
