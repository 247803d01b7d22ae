"""Structured output: JSON as `response_format` asks for it, and JSON and quotations in texts."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from chatdouble.core.chance import Chance
from chatdouble.core.json import as_object, written
from chatdouble.core.json_in_steps import written_in_steps
from chatdouble.json_schema.generate import instance, is_valid
from chatdouble.json_schema.steps import FEW, TOTAL, Steps
from chatdouble.schema.texts import messages_of, text_of

_MAX_QUOTATIONS: Final = 20
_LENGTH: Final = "{1,500}"

# An apostrophe within a word does not quote. A text in front of a colon is a key of JSON, which is not a value.
_PAIRS: Final = ("“”", "\u2018\u2019", "«»", "「」", "``")
_QUOTED: Final = re.compile(
    rf"(?<!\w)'((?:[^'\n]|\b'\b){_LENGTH})'(?!\w)"
    rf'|"([^"\n]{_LENGTH})"(?P<key>\s*:)?'
    # What is opened again begins there, so that a mark that is never closed is not followed from each.
    + "".join(rf"|{opened}([^{opened}{closed}\n]{_LENGTH}){closed}" for opened, closed in _PAIRS)
)

QUOTING: Final = re.compile("['\"" + "".join(opened for opened, _ in _PAIRS) + "]")
"""A quotation mark: a text without one has no quotations."""

_NAME: Final = r"""(?:'[\w$. -]+'|"[\w$. -]+"|`[\w$. -]+`)"""
_NAMES: Final = re.compile(
    rf"{_NAME}(?>(?:(?:\s*,\s*(?:and\s+|or\s+)?|\s+(?:and|or)\s+){_NAME})*)(\s+(?:as\s+)?keys?\b)?", re.IGNORECASE
)
"""Names, with what tells that they are keys if it stands after them."""
_BEFORE_NAMES: Final = re.compile(r"\bkeys?:?\s+\Z", re.IGNORECASE)
_LONGEST_BEFORE: Final = 50
_SEARCHED: Final = 100_000
"""The characters of a text in which quotations and keys are looked for: it is done in one step."""
_PER_STEP: Final = 100
"""The characters of them for one step of the budget."""
_INSTRUCTING: Final = frozenset({"user", "system", "developer"})


def quotations_in(text: str) -> Iterator[str]:
    """Yield up to twenty quotations in a text, in order, without their quotation marks."""
    found = (one for one in _QUOTED.finditer(text, 0, _SEARCHED) if one["key"] is None)
    yield from (next(filter(None, one.groups())) for one in islice(found, _MAX_QUOTATIONS))


def with_quotations(
    arguments: Mapping[str, Any], generated: list[str], schema: Mapping[str, Any], text: str, steps: Steps
) -> dict[str, Any]:
    """Replace generated strings among arguments with quotations from the user's text.

    Each quotation replaces the first generated string for which it is valid, in the schema's order. Arguments with an
    `enum` come first.

    Args:
        arguments: The arguments.
        generated: The names of the arguments that were generated.
        schema: The schema of the arguments.
        text: The user's text.
        steps: The budget.

    Raises:
        OutOfStepsError: The budget is used up.
    """
    steps.spend(min(len(text), _SEARCHED) // _PER_STEP)
    properties = as_object(schema.get("properties"))
    filled = dict(arguments)
    open_names = [name for name in generated if isinstance(arguments.get(name), str)]
    # A quotation that is one of the values of an enum was meant for it.
    open_names.sort(key=lambda name: "enum" not in as_object(properties.get(name)))
    for quoted in quotations_in(text) if open_names else ():
        name = next((one for one in open_names if is_valid(filled | {one: quoted}, schema, steps)), None)
        if name is not None:
            filled[name] = quoted
            open_names.remove(name)
    return filled


def keys_asked_for(body: Mapping[str, Any], steps: Steps) -> list[str]:
    """Return the keys that the conversation asks for, such as "with 'a' and 'b' keys" or "the keys 'a', 'b'".

    Args:
        body: The request as it was sent. The last message that names keys counts.
        steps: The budget.

    Raises:
        OutOfStepsError: The budget is used up.
    """
    for message in reversed(messages_of(body)):
        text = text_of(message.get("content")) if message.get("role") in _INSTRUCTING else ""
        steps.spend(min(len(text), _SEARCHED) // _PER_STEP)
        if names := _keys_in(text):
            return [name[1:-1] for name in re.findall(_NAME, names)]
    return []


def _keys_in(text: str) -> str | None:
    """Return the first names in a text that are keys: the word `keys` stands after or before them."""
    # Each list of names is read once, and not from each of its names to a word that may be missing.
    for found in _NAMES.finditer(text, 0, _SEARCHED):
        start = found.start()
        if found[1] or _BEFORE_NAMES.search(text, max(start - _LONGEST_BEFORE, 0), start):
            return found[0]
    return None


_TRIES: Final = 100


def structured(body: Mapping[str, Any], text: str, chance: Chance, steps: Steps) -> str | None:
    """Return the JSON text that `response_format` asks for, or None if it does not ask for JSON.

    `json_schema` returns an instance of the schema, its keys in the schema's order (schemas#key-order). `json_object`
    returns the first JSON object in the text. If there is none, it returns an object with the keys that the
    conversation asks for, and otherwise `{"echo": text}`.

    Args:
        body: The request as it was sent.
        text: The content that the answer would have without `response_format`.
        chance: The source of randomness.
        steps: The budget.

    Raises:
        OutOfStepsError: The budget is used up.
    """
    asked = as_object(body.get("response_format"))
    make = _FORMATS.get(str(asked.get("type")))
    if make is None:
        return None
    made = make(body, text, chance, steps)
    return written(made) if TOTAL - steps.left <= FEW else written_in_steps(made)


def _schema(body: Mapping[str, Any], _text: str, chance: Chance, steps: Steps) -> Any:
    asked = as_object(as_object(body.get("response_format")).get("json_schema"))
    schema = asked.get("schema")
    return instance({"type": "object"} if schema is None else schema, chance, steps)


def _object(body: Mapping[str, Any], text: str, chance: Chance, steps: Steps) -> Any:
    found = first_object(text)
    if found is not None:
        return found
    keys = keys_asked_for(body, steps)
    if not keys:
        return {"echo": text}
    properties = {key: {"type": "string"} for key in keys}
    return instance({"type": "object", "properties": properties, "required": keys}, chance, steps)


def first_object(text: str) -> dict[str, Any] | None:
    """Return the first JSON object in a text, or None. At most 100 opening braces are tried."""
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


_FORMATS: Final[Mapping[str, Callable[[Mapping[str, Any], str, Chance, Steps], Any]]] = {
    "json_schema": _schema,
    "json_object": _object,
}
