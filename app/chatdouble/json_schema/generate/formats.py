"""Strings of the formats that JSON Schema names (schemas#formats lists those of strict schemas)."""

import importlib
import random
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from typing import Final
from uuid import UUID

# Which of faker's providers a kind needs: loading all of them for each word costs more than the word.
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


def fake(kind: str, chosen: random.Random, **options: object) -> str:
    """Return what faker makes of a kind, on one line; lists of words are joined.

    Args:
        kind: The name of faker's method, such as `first_name`.
        chosen: Draws.
        **options: The method's arguments.
    """
    from faker.generator import Generator  # noqa: PLC0415 - 0.1 s, paid once a schema asks for words

    generator = Generator()
    generator.random = chosen
    for name in _PROVIDERS[kind]:
        generator.add_provider(importlib.import_module(f"faker.providers.{name}.en_US").Provider)
    made = generator.format(kind, **options)
    return " ".join(made) if isinstance(made, list) else str(made).replace("\n", ", ")


_FIRST_DAY: Final = date(2016, 1, 1)
_DAYS: Final = 3652
_DOCUMENTATION_V4: Final = int(IPv4Address("192.0.2.0"))
_DOCUMENTATION_V6: Final = int(IPv6Address("2001:db8::"))


def formatted(name: str, chosen: random.Random) -> str | None:
    """Return a string of a format, or None for a format nobody knows.

    Args:
        name: The `format` keyword's value.
        chosen: Draws.
    """
    make = _FORMATS.get(name)
    return make(chosen) if make else None


def known(name: str) -> bool:
    """Say whether a format is one that `formatted` makes."""
    return name in _FORMATS


def short(name: str) -> str | None:
    """Return the shortest string of a format whose length can vary, for where space is tight."""
    return _SHORTEST.get(name)


def _day(chosen: random.Random) -> date:
    return _FIRST_DAY + timedelta(days=chosen.randrange(_DAYS))


def _moment(chosen: random.Random) -> datetime:
    day = _day(chosen)
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=chosen.randrange(86_400))


def _duration(chosen: random.Random) -> str:
    return chosen.choice(("P1D", "P3D", "P2W", "PT30M", "PT1H30M", "P1Y6M", "P1DT12H", "PT45S"))


def _uri(chosen: random.Random) -> str:
    return f"https://www.example.com/{_word(chosen)}"


def _email(chosen: random.Random) -> str:
    return fake("email", chosen)


def _hostname(chosen: random.Random) -> str:
    return f"{_word(chosen)}.example.com"


def _word(chosen: random.Random) -> str:
    return fake("word", chosen).lower()


_FORMATS: Final[Mapping[str, Callable[[random.Random], str]]] = {
    "date-time": lambda chosen: _moment(chosen).isoformat().replace("+00:00", "Z"),
    "date": lambda chosen: _day(chosen).isoformat(),
    "time": lambda chosen: _moment(chosen).timetz().isoformat().replace("+00:00", "Z"),
    "duration": _duration,
    "email": _email,
    "idn-email": _email,
    "hostname": _hostname,
    "idn-hostname": _hostname,
    "ipv4": lambda chosen: str(IPv4Address(_DOCUMENTATION_V4 + chosen.randrange(1, 255))),
    "ipv6": lambda chosen: str(IPv6Address(_DOCUMENTATION_V6 + chosen.getrandbits(96))),
    "uuid": lambda chosen: str(UUID(int=chosen.getrandbits(128), version=4)),
    **dict.fromkeys(("uri", "url", "iri", "uri-reference", "iri-reference"), _uri),
    "uri-template": lambda chosen: f"{_uri(chosen)}{{id}}",
    "json-pointer": lambda chosen: f"/{_word(chosen)}/{chosen.randrange(10)}",
    "relative-json-pointer": lambda chosen: f"{chosen.randrange(1, 4)}/{_word(chosen)}",
    "regex": lambda chosen: f"^{_word(chosen)}$",
    "byte": lambda _chosen: "aGVsbG8=",
    "binary": lambda _chosen: "hello",
    "password": lambda chosen: _word(chosen) + str(chosen.randrange(10, 100)),
}

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
