"""Human words from `faker`, drawn with our own chance."""

import importlib
import random
from collections.abc import Mapping
from typing import Final

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
