"""Answers that are JSON, as `response_format` asks."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from chatdouble.answer.instances import instance
from chatdouble.answer.making.quoted import keys_asked_for
from chatdouble.answer.shapes import object_or_empty
from chatdouble.chance import Chance

_TRIES: Final = 100


def structured(body: Mapping[str, Any], text: str, chance: Chance) -> str | None:
    """Return the answer's JSON text, compact, or None where words are wanted.

    `json_schema` gets an instance of the schema, its keys in the schema's order (reference 4.1). `json_object`
    gets the first JSON object in the words, else one with the keys that the conversation asks for, else
    `{"echo": ...}` around the words.

    Args:
        body: The request as it was sent.
        text: The words that would be the answer otherwise.
        chance: Decides which instance.
    """
    asked = object_or_empty(body.get("response_format"))
    make = _FORMATS.get(str(asked.get("type")))
    return None if make is None else as_json(make(body, text, chance))


def as_json(value: Any) -> str:
    """Return a value as the API writes JSON: compact, characters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _schema(body: Mapping[str, Any], _text: str, chance: Chance) -> Any:
    asked = object_or_empty(object_or_empty(body.get("response_format")).get("json_schema"))
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
