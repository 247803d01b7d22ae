"""The words in a property's name."""

import re
from typing import Final

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name in lower case, whichever way they are joined.

    Args:
        name: Such as `first_name`, `firstName` or `First name`.
    """
    return tuple(word.lower() for word in _WORD.findall(name))
