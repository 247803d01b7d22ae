"""JSON: the shape of parsed values, and compact or indented text."""

import json
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any, Final

import orjson
from typing_extensions import TypeIs


def is_object(value: object) -> TypeIs[dict[str, Any]]:
    """Return whether a JSON value is an object."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeIs[list[Any]]:
    """Return whether a JSON value is an array."""
    return isinstance(value, list)


def as_object(value: object) -> dict[str, Any]:
    """Return a JSON object unchanged, and an empty one for any other value."""
    return value if is_object(value) else {}


def as_array(value: object) -> list[Any]:
    """Return a JSON array unchanged, and an empty one for any other value."""
    return value if is_array(value) else []


def objects_in(value: object) -> list[dict[str, Any]]:
    """Return the objects in a JSON array, and none for any other value."""
    # Asked of every list of messages: without calls for each of them it takes a third of the time.
    if not isinstance(value, list):
        return []
    listed: list[Any] = value  # pyright: ignore[reportUnknownVariableType]
    return [held for held in listed if isinstance(held, dict)]


def values_in(value: object) -> Iterable[object]:
    """Return the values of a JSON object or array, and none for any other value."""
    if is_object(value):
        return value.values()
    return as_array(value)


def json_type(value: object) -> str | None:
    """Return the JSON type of a text, an array or an object; None for any other value."""
    return _JSON_TYPES.get(value.__class__)


_JSON_TYPES: Final[dict[type, str]] = {str: "string", list: "array", dict: "object"}


def is_nested(value: object, levels: int) -> bool:
    """Tell whether a JSON value has more levels of objects and arrays than a number."""
    level: list[Any] = [value] if is_object(value) or is_array(value) else []
    for _ in range(levels):
        # Without a call for each value, of which there may be millions.
        inner = [
            held
            for outer in level
            for held in (outer.values() if outer.__class__ is dict else outer)
            if held.__class__ is dict or held.__class__ is list
        ]
        while len(level) > _MANY:  # a very long list is freed in steps
            del level[-_MANY:]
        level = inner
        if not level:
            return False
    return True


_MANY: Final = 100_000
"""The items of a list that are freed in a few milliseconds."""


_STEP: Final = 1024 * 1024
"""The bytes of a text that are looked at between the turns of other threads."""


def count(raw: bytes, byte: bytes) -> int:
    """Return how often a text has a byte; a long text is searched in steps."""
    return sum(raw.count(byte, at, at + _STEP) for at in range(0, len(raw), _STEP))


def brackets_in(raw: bytes, most: int) -> int:
    """Count the brackets that open in a text, each kind up to a number or, in each step of a long text, one more."""
    if len(raw) > _STEP:
        return sum(brackets_in(raw[at : at + _STEP], most) for at in range(0, len(raw), _STEP))
    # For rare bytes, `replace` is faster than `bytes.count`.
    objects, arrays = raw.replace(b"{", b"", most + 1), raw.replace(b"[", b"", most + 1)
    return 2 * len(raw) - len(objects) - len(arrays)


def has_more_values(value: object, number: int) -> bool:
    """Tell whether a JSON value is made of more values than a number, those in objects and arrays included."""
    waiting, left = [value], number
    while waiting:
        inner = values_in(waiting.pop())
        held = [*islice(inner, left + 1)]
        left -= len(held)
        if left < 0:
            return True
        waiting += held
    return False


def encode(value: Any, default: Callable[[Any], Any] | None = None) -> bytes:
    """Return compact JSON in UTF-8.

    Args:
        value: The value.
        default: Converts a value that JSON cannot represent. Without it such a value is an error.

    Raises:
        TypeError: JSON cannot represent the value.
    """
    try:
        return orjson.dumps(value, default)
    except TypeError:
        # orjson refuses integers over 64 bits and lone surrogates; the standard library escapes them.
        return json.dumps(value, separators=(",", ":"), default=default).encode()


def encode_alone(value: Any) -> bytes:
    """Return compact JSON to keep, of any value."""
    # A copy: the bytes that orjson returns keep the buffer they were written in, often 4 KB.
    return bytes(memoryview(encode(value, repr)))


def encode_sorted(value: Any) -> bytes:
    """Return compact JSON in UTF-8 with all names in order."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # as above
        return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def encode_each(texts: Sequence[str]) -> list[bytes]:
    """Return the compact JSON of each text."""
    try:
        # One call for all texts. No line break occurs inside a text's JSON, so line breaks separate the texts.
        return orjson.dumps(texts, option=orjson.OPT_INDENT_2)[4:-2].split(b",\n  ")
    except TypeError:
        return [*map(encode, texts)]


def written(value: Any) -> str:
    """Return compact JSON as a model writes it: without escapes of characters that are not ASCII."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def encode_indented(value: Any, *, end: bytes = b"") -> bytes:
    """Return JSON in UTF-8, indented by two spaces.

    Args:
        value: The value.
        end: What follows the JSON, such as a newline.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_INDENT_2) + end
    except TypeError:
        return json.dumps(value, indent=2).encode() + end


def in_style_of(like: bytes, value: Any) -> bytes:
    """Return a JSON value in the style of another text: compact or indented, with or without a final newline.

    Args:
        like: JSON in the wanted style. If no known style produces it, the result is compact.
        value: The value.
    """
    original = orjson.loads(like)
    write = next((write for write in _STYLES if write(original) == like), orjson.dumps)
    return write(value)


def _indented(value: Any, indent: int) -> bytes:
    return json.dumps(value, indent=indent, ensure_ascii=False).encode()


# The JSON styles of known APIs (answers#key-order, streams#chunks, errors#bodies), compact first.
_STYLES: Final[tuple[Callable[[Any], bytes], ...]] = (
    orjson.dumps,
    lambda value: _indented(value, 2),
    lambda value: _indented(value, 2) + b"\n",
    lambda value: _indented(value, 4) + b"\n",
    lambda value: _indented(value, 4),
    lambda value: json.dumps(value).encode(),
)


_LONG: Final = 512 * 1024
"""The bytes of a text that may take orjson so long that other threads wait."""
_VERY_LONG: Final = 4 * 1024 * 1024
"""The bytes of a text that takes orjson that long even if it has few values."""


class TooManyValuesError(orjson.JSONDecodeError):
    """A text has more values than the memory should hold."""


def loads(raw: bytes) -> Any:
    """Return the value of a JSON text; one with very many values or very long strings is parsed in steps.

    Raises:
        orjson.JSONDecodeError: It is not JSON, or has too many values (`TooManyValuesError`).
    """
    if len(raw) > _LONG:
        from chatdouble.core import dense_json, long_strings  # noqa: PLC0415 - most servers get no such text

        if len(raw) > _VERY_LONG:
            return long_strings.loads(raw, dense_json.loads)
        if dense_json.is_dense(raw):
            return dense_json.loads(raw)
    return orjson.loads(raw)


def json_body(raw: bytes) -> dict[str, Any]:
    """Return the JSON object in a body; an empty one if there is none."""
    try:
        return as_object(loads(raw))
    except orjson.JSONDecodeError:
        return {}
