"""The ground every model of a script file stands on: closed, frozen, with short forms where they help."""

import re
from collections.abc import Iterable, Iterator
from inspect import cleandoc
from typing import Any, ClassVar, Final

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

_ATTRIBUTE: Final = re.compile(r"^    (\w+): (.*(?:\n     .*)*)$", re.MULTILINE)


def described(schema: dict[str, Any], model: type) -> dict[str, Any]:
    """Return a model's JSON Schema with the first sentence of its docstring and its attributes' descriptions.

    Args:
        schema: The model's schema as pydantic makes it.
        model: The model, whose docstring has an `Attributes:` section.
    """
    words = dict(_attributes(model))
    properties: dict[str, Any] = schema.get("properties", {})
    for name, field in properties.items():
        text = words.get(name) or words.get(f"{name}_")
        if text:
            field["description"] = text
        field.pop("title", None)
        if field.get("default", ...) is None:
            del field["default"]
    summary = cleandoc(model.__doc__ or "").split("\n\n", 1)[0]
    return {**schema, "description": " ".join(summary.split())}


def with_short(schema: dict[str, Any], short: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return an object's JSON Schema with its short forms: in one schema where their types tell them apart.

    Args:
        schema: The object's schema.
        short: The schemas of its short forms.
    """
    types: list[str] = []
    told_apart: dict[str, Any] = {}
    others: list[dict[str, Any]] = []
    for form in short:
        kinds = form.get("type", "object")
        if "object" in kinds:
            others.append(form)
        else:
            types += [kinds] if isinstance(kinds, str) else kinds
            told_apart |= form
    whole = {**schema, **told_apart, "type": [*types, "object"]} if types else schema
    return {"anyOf": [*others, whole]} if others else whole


def _attributes(model: type) -> Iterator[tuple[str, str]]:
    """Return what docstrings say of a model's attributes, those of its bases first."""
    for base in reversed(model.__mro__):
        for name, text in _ATTRIBUTE.findall(cleandoc(base.__doc__ or "")):
            yield name, " ".join(text.split())


STRING: Final = {"type": "string"}
BOOLEAN: Final = {"type": "boolean"}
INTEGER: Final = {"type": "integer"}
STRINGS: Final = {"type": "array", "items": STRING}
"""Short forms that many objects have, as JSON Schema has them."""


class Spec(BaseModel):
    """One object of a script file.

    A subclass may have a short form: `short` turns it into the object's keys, `SHORT` is its JSON Schema.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    SHORT: ClassVar[tuple[dict[str, Any], ...]] = ()

    @classmethod
    def short(cls, given: Any) -> Any:
        """Turn a short form into the object's keys; anything else is returned as it is."""
        return given

    @classmethod
    def keys(cls) -> list[str]:
        """Return the keys as they are written in a script file."""
        return [field.alias or name for name, field in cls.model_fields.items()]

    @model_validator(mode="before")
    @classmethod
    def _lengthen(cls, given: Any) -> Any:
        """Take the short form."""
        return given if isinstance(given, cls) else cls.short(given)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return the object's JSON Schema, its short forms beside it."""
        return with_short(described(handler.resolve_ref_schema(handler(schema)), cls), cls.SHORT)
