"""What users quote: values of arguments, and the keys of a JSON object."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

from chatdouble.answer.instances import holds
from chatdouble.answer.shapes import object_or_empty
from chatdouble.answer.texts import messages_of, text_of

_MOST: Final = 20
_LENGTH: Final = "{1,500}"

# An apostrophe within a word is no quote; neither is a key of JSON, which a colon follows, a value.
_QUOTED: Final = re.compile(
    rf"(?<!\w)'((?:[^'\n]|\b'\b){_LENGTH})'(?!\w)"
    rf'|"([^"\n]{_LENGTH})"(?P<key>\s*:)?'
    + "".join(
        rf"|{opened}([^{closed}\n]{_LENGTH}){closed}" for opened, closed in ("“”", "\u2018\u2019", "«»", "「」", "``")
    )
)

_NAME: Final = r"""(?:'[\w$. -]+'|"[\w$. -]+"|`[\w$. -]+`)"""
_NAMES: Final = rf"{_NAME}(?:(?:\s*,\s*(?:and\s+|or\s+)?|\s+(?:and|or)\s+){_NAME})*"
_KEYS: Final = re.compile(rf"({_NAMES})\s+(?:as\s+)?keys?\b|\bkeys?:?\s+({_NAMES})", re.IGNORECASE)
_TOLD_BY: Final = frozenset({"user", "system", "developer"})


def quoted_in(text: str) -> Iterator[str]:
    """Yield the first twenty texts that a text quotes, in order, without their quotation marks."""
    found = (one for one in _QUOTED.finditer(text) if one["key"] is None)
    yield from (next(filter(None, one.groups())) for one in islice(found, _MOST))


def with_quoted(made: Mapping[str, Any], free: list[str], schema: Mapping[str, Any], text: str) -> dict[str, Any]:
    """Return arguments in which what the user quotes stands for strings that are made up.

    Each quoted text goes to the first such string, in the schema's order, under whose schema it is valid; those
    that have an `enum` come first.

    Args:
        made: The arguments.
        free: The names of those that are made up.
        schema: The schema of all arguments.
        text: What the user says.
    """
    properties = object_or_empty(schema.get("properties"))
    filled = dict(made)
    open_names = [name for name in free if isinstance(made.get(name), str)]
    open_names.sort(key=lambda name: "enum" not in object_or_empty(properties.get(name)))
    for quoted in quoted_in(text) if open_names else ():
        name = next((one for one in open_names if holds(filled | {one: quoted}, schema)), None)
        if name is not None:
            filled[name] = quoted
            open_names.remove(name)
    return filled


def keys_asked_for(body: Mapping[str, Any]) -> list[str]:
    """Return the names of keys that the conversation asks for, as in: with "a" and "b" keys, the keys 'a', 'b'.

    Args:
        body: The request as it was sent; its latest instruction that names keys counts.
    """
    for message in reversed(messages_of(body)):
        found = _KEYS.search(text_of(message.get("content"))) if message.get("role") in _TOLD_BY else None
        if found is not None:
            return [name[1:-1] for name in re.findall(_NAME, found[1] or found[2])]
    return []
