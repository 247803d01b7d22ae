"""Answers that are JSON, as `response_format` asks."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from chatdouble.answer.instances import instance
from chatdouble.answer.shapes import object_or_empty
from chatdouble.chance import Chance
from chatdouble_backends.echoing.words import words

_TRIES: Final = 100


def structured(body: Mapping[str, Any], chance: Chance) -> str | None:
    """Return the answer's JSON text, compact, or None where words are wanted.

    `json_schema` gets an instance of the schema, its keys in the schema's order (reference 4.1). `json_object`
    gets the first JSON object in what echo would say, or `{"echo": ...}` around it.

    Args:
        body: The request as it was sent.
        chance: Decides which instance.
    """
    asked = object_or_empty(body.get("response_format"))
    make = _FORMATS.get(str(asked.get("type")))
    return None if make is None else as_json(make(body, asked, chance))


def as_json(value: Any) -> str:
    """Return a value as the API writes JSON: compact, characters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _schema(_body: Mapping[str, Any], asked: Mapping[str, Any], chance: Chance) -> Any:
    return instance(object_or_empty(asked.get("json_schema")).get("schema", {"type": "object"}), chance)


def _object(body: Mapping[str, Any], _asked: Mapping[str, Any], _chance: Chance) -> Any:
    text = words(body)
    found = first_object(text)
    return {"echo": text} if found is None else found


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


_FORMATS: Final[Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any], Chance], Any]]] = {
    "json_schema": _schema,
    "json_object": _object,
}
