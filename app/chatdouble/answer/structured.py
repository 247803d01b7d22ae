"""Answers that are JSON, as `response_format` asks."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from chatdouble.core.chance import Chance
from chatdouble.core.json import as_object
from chatdouble.json_schema.generate import instance, is_valid
from chatdouble.schema.texts import messages_of, text_of

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
    properties = as_object(schema.get("properties"))
    filled = dict(made)
    open_names = [name for name in free if isinstance(made.get(name), str)]
    open_names.sort(key=lambda name: "enum" not in as_object(properties.get(name)))
    for quoted in quoted_in(text) if open_names else ():
        name = next((one for one in open_names if is_valid(filled | {one: quoted}, schema)), None)
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


_TRIES: Final = 100


def structured(body: Mapping[str, Any], text: str, chance: Chance) -> str | None:
    """Return the answer's JSON text, compact, or None where words are wanted.

    `json_schema` gets an instance of the schema, its keys in the schema's order (schemas#key-order). `json_object`
    gets the first JSON object in the words, else one with the keys that the conversation asks for, else
    `{"echo": ...}` around the words.

    Args:
        body: The request as it was sent.
        text: The words that would be the answer otherwise.
        chance: Decides which instance.
    """
    asked = as_object(body.get("response_format"))
    make = _FORMATS.get(str(asked.get("type")))
    return None if make is None else as_json(make(body, text, chance))


def as_json(value: Any) -> str:
    """Return a value as the API writes JSON: compact, characters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _schema(body: Mapping[str, Any], _text: str, chance: Chance) -> Any:
    asked = as_object(as_object(body.get("response_format")).get("json_schema"))
    return instance(asked.get("schema", {"type": "object"}), chance)


def _object(body: Mapping[str, Any], text: str, chance: Chance) -> Any:
    found = first_object(text)
    if found is not None:
        return found
    keys = keys_asked_for(body)
    if not keys:
        return {"echo": text}
    properties = {key: {"type": "string"} for key in keys}
    return instance({"type": "object", "properties": properties, "required": keys}, chance)


def first_object(text: str) -> dict[str, Any] | None:
    """Return the first JSON object in a text, or None; only the first 100 braces are tried."""
    decoder = json.JSONDecoder()
    start = -1
    for _ in range(_TRIES):
        start = text.find("{", start + 1)
        if start < 0:
            break
        try:
            found: dict[str, Any] = decoder.raw_decode(text, start)[0]
        except (ValueError, RecursionError):
            continue
        return found
    return None


_FORMATS: Final[Mapping[str, Callable[[Mapping[str, Any], str, Chance], Any]]] = {
    "json_schema": _schema,
    "json_object": _object,
}
