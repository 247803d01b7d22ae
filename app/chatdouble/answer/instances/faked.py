"""Human words from `faker`, drawn with our own chance."""

import importlib
import random
from typing import Final

# Only these: loading all of faker's providers costs five times as much.
_PROVIDERS: Final = (
    *("address", "color", "company", "currency", "date_time", "internet", "job", "lorem", "misc", "person"),
    "phone_number",
)


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
    for name in _PROVIDERS:
        generator.add_provider(importlib.import_module(f"faker.providers.{name}.en_US").Provider)
    made = generator.format(kind, **options)
    return " ".join(made) if isinstance(made, list) else str(made).replace("\n", ", ")
