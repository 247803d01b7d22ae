"""The words of a model's docstring, put where editors show them: into its JSON Schema."""

import re
from collections.abc import Iterable, Iterator
from inspect import cleandoc
from typing import Any, Final

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
