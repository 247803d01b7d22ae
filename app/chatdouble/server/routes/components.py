"""The components of the contract: the schemas that bodies and answers of control operations bring along."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from chatdouble.core.json import as_object, is_array, is_object

Schemas = dict[str, Any]

_PLACE: Final = "#/components/schemas/"


def move_definitions(described: dict[str, Any]) -> None:
    """Move the definitions in the bodies and answers of operations to the components.

    One that has the name of another component, but not its form, gets a name of its own: what a test writes has no
    unknown keys, and what the API answers may have.
    """
    components: Schemas = described["components"]["schemas"]
    others = dict(components)
    for content in _bodies(described):
        definitions: Schemas = content["schema"].pop("$defs", {})
        renamed = _renamed(definitions, others)
        content["schema"] = _with_names(content["schema"], renamed)
        for name, definition in definitions.items():
            own = renamed.get(name, name)
            components[own] = {**_with_names(definition, renamed), "title": own}


def _bodies(described: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the contents of bodies and answers that bring definitions along."""
    for operations in described["paths"].values():
        for operation in operations.values():
            for body in (as_object(operation.get("requestBody")), *operation["responses"].values()):
                for content in as_object(body.get("content")).values():
                    if "$defs" in content["schema"]:
                        yield content


def _renamed(definitions: Schemas, others: Schemas) -> dict[str, str]:
    """Return the new names of definitions that differ from others of the same name, or refer to one that does."""
    renamed: dict[str, str] = {}
    while True:
        differing = {
            name: f"{name}Input"
            for name, definition in definitions.items()
            if name in others and name not in renamed and _with_names(definition, renamed) != others[name]
        }
        if not differing:
            return renamed
        renamed |= differing


def _with_names(schema: Any, renamed: Mapping[str, str]) -> Any:
    """Return a schema whose references have the new names."""
    if is_array(schema):
        return [_with_names(part, renamed) for part in schema]
    if not is_object(schema):
        return schema
    copied = {key: _with_names(part, renamed) for key, part in schema.items()}
    name = str(copied.get("$ref", "")).removeprefix(_PLACE)
    return {**copied, "$ref": _PLACE + renamed[name]} if name in renamed else copied
