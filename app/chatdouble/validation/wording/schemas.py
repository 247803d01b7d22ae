"""The API's sentences about the schemas of response formats and functions (schemas#sentences)."""

from collections.abc import Mapping
from typing import Final

from chatdouble.core.errors import APIError
from chatdouble.json_schema.strict.check import NOT_AT_ROOT
from chatdouble.json_schema.strict.fault import Rule, SchemaFault
from chatdouble.json_schema.strict.size_limits import (
    LONG_ENUM,
    MAX_CHARACTERS,
    MAX_ENUM_CHARACTERS,
    MAX_ENUM_VALUES,
    MAX_LEVELS,
    MAX_PROPERTIES,
)

_AT: Final = "In context={path!r}, "
_REQUIRED: Final = f"{_AT}'required' is required to be supplied and to be an array including every key in properties. "
_ADVICE: Final = "Consider reducing the number of enums, or use 'strict: false' to opt out of structured outputs."

_SENTENCES: Final[Mapping[Rule, str]] = {
    Rule.NOT_A_SCHEMA: "{0}.",
    Rule.OBJECT: "{0!r} is not of type 'object', 'boolean'.",
    Rule.ROOT_TYPE: "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{0}\"'.",
    Rule.ROOT_COMBINATION: (
        f"schema must have type 'object' and not have {'/'.join(map(repr, NOT_AT_ROOT))} at the top level."
    ),
    Rule.PROPERTIES: f"{_AT}object schema missing properties.",
    Rule.ITEMS: f"{_AT}array schema missing items.",
    Rule.ITEMS_OBJECT: f"{_AT}array schema items is not an object.",
    Rule.TYPE: f"{_AT}schema must have a 'type' key.",
    Rule.CLOSED: f"{_AT}'additionalProperties' is required to be supplied and to be false.",
    Rule.KEYWORD: f"{_AT}{{0!r}} is not permitted.",
    Rule.UNSUPPORTED_KEYWORD: f"{_AT}Unsupported keywords ({{0!r}},).",
    Rule.FORMAT: f"{_AT}{{0!r}} is not a valid format.",
    Rule.ENUM_TYPE: "context={path!r}, enum value {0} does not validate against {{'type': {1!r}}}.",
    Rule.REFERENCE_ALONE: "context={path!r}, $ref cannot have keywords {{{0}}}.",
    Rule.REFERENCE_TO_DEFINITION: (
        f"{_AT}reference can only point to definitions defined at the top level of the schema."
    ),
    Rule.REFERENCE_EXISTS: f"{_AT}reference to component {{0!r}} which was not found in the schema.",
    Rule.REQUIRED_MISSING: f"{_REQUIRED}Missing {{0!r}}.",
    Rule.REQUIRED_UNKNOWN: f"{_REQUIRED}Extra required key {{0!r}} supplied.",
    Rule.MAX_LEVELS: f"{{0}} levels of nesting exceeds limit of {MAX_LEVELS}.",
    Rule.MAX_PROPERTIES: f"{{0}} parameters exceeds limit of {MAX_PROPERTIES}.",
    Rule.MAX_ENUM_VALUES: (
        f"Expected at most {MAX_ENUM_VALUES} enum values in total within a single schema when using "
        f"structured outputs, but received {{0}}. {_ADVICE}"
    ),
    Rule.MAX_ENUM_CHARACTERS: (
        f"Expected at most {MAX_ENUM_CHARACTERS} total characters across enum values when there are "
        f"more than {LONG_ENUM} enum values, but received {{0}}. {_ADVICE}"
    ),
    Rule.MAX_CHARACTERS: (
        f"Expected at most {MAX_CHARACTERS} total characters across property names, definition names, "
        f"enum values, and const values, but received {{0}}."
    ),
}


def invalid_schema(fault: SchemaFault, subject: str, param: str, code: str | None = None) -> APIError:
    """Return the error of a schema that the API refuses (schemas#sentences).

    Args:
        fault: The fault of the schema.
        subject: The owner of the schema: `response_format 'NAME'` or `function 'NAME'`.
        param: The path of the schema in the request.
        code: The error's code; only functions have one.
    """
    if fault.rule is Rule.UNREADABLE:
        message = f"Invalid schema for {subject}. Please ensure it is a valid JSON Schema."
    else:
        sentence = _SENTENCES[fault.rule].format(*fault.details, path=fault.path)
        message = f"Invalid schema for {subject}: {sentence}"
    return APIError(message, param=param, code=code)
