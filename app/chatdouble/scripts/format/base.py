"""The base class of every object in a script file."""

import re
from collections.abc import Iterable, Iterator
from inspect import cleandoc
from typing import Any, ClassVar, Final

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from chatdouble.core.json import is_object, values_in

_ATTRIBUTE: Final = r"(?m)^    (\w+): (.*(?:\n     .*)*)$"

STRING: Final = {"type": "string"}
BOOLEAN: Final = {"type": "boolean"}
INTEGER: Final = {"type": "integer"}
STRINGS: Final = {"type": "array", "items": STRING}
"""JSON Schemas of common shorthands."""


def is_template(text: str) -> bool:
    """Tell whether a text is a template."""
    return "{{" in text or "{%" in text or "{#" in text


def is_unicode(value: Any) -> bool:
    """Tell whether all texts in a JSON value can be encoded: none has half of a surrogate pair."""
    if isinstance(value, str):
        return value.isascii() or re.search("[\ud800-\udfff]", value) is None
    keys = value if is_object(value) else ()
    return all(map(is_unicode, keys)) and all(map(is_unicode, values_in(value)))


def described(schema: dict[str, Any], model: type) -> dict[str, Any]:
    """Return a model's JSON Schema with descriptions from its docstring.

    Args:
        schema: The schema that pydantic generated.
        model: The model; the `Attributes:` section of its docstring describes the properties.
    """
    descriptions = dict(_attributes(model))
    properties: dict[str, Any] = schema.get("properties", {})
    for name, field in properties.items():
        text = descriptions.get(name) or descriptions.get(f"{name}_")
        if text:
            field["description"] = text
        field.pop("title", None)
        if field.get("default", ...) is None:
            del field["default"]
    summary = cleandoc(model.__doc__ or "").split("\n\n", 1)[0]
    return {**schema, "description": " ".join(summary.split())}


def with_shorthands(schema: dict[str, Any], shorthands: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return an object's JSON Schema that also accepts its shorthands.

    Args:
        schema: The object's schema.
        shorthands: The schemas of its shorthands.
    """
    types: list[str] = []
    scalars: dict[str, Any] = {}
    objects: list[dict[str, Any]] = []
    for shorthand in shorthands:
        kinds = shorthand.get("type", "object")
        if "object" in kinds:
            objects.append(shorthand)
        else:
            # Editors complete better in one schema with several types than in `anyOf`.
            types += [kinds] if isinstance(kinds, str) else kinds
            scalars |= shorthand
    whole = {**schema, **scalars, "type": [*types, "object"]} if types else schema
    return {"anyOf": [*objects, whole]} if objects else whole


def _attributes(model: type) -> Iterator[tuple[str, str]]:
    """Yield the name and description of each documented attribute, those of base classes first."""
    for base in reversed(model.__mro__):
        for name, text in re.findall(_ATTRIBUTE, cleandoc(base.__doc__ or "")):
            yield name, " ".join(text.split())


class Spec(BaseModel):
    """An object of a script file: immutable, and without unknown keys.

    A subclass may have shorthands: `expand` turns one into the object's keys, `SHORTHANDS` has their JSON Schemas.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)

    SHORTHANDS: ClassVar[tuple[dict[str, Any], ...]] = ()

    @classmethod
    def expand(cls, given: Any) -> Any:
        """Return a shorthand as an object; return anything else unchanged."""
        return given

    @classmethod
    def keys(cls) -> list[str]:
        """Return the keys of the object, as script files write them."""
        return [field.alias or name for name, field in cls.model_fields.items()]

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, given: Any) -> Any:
        return given if isinstance(given, cls) else cls.expand(given)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return the JSON Schema of the object and its shorthands."""
        return with_shorthands(described(handler.resolve_ref_schema(handler(schema)), cls), cls.SHORTHANDS)
