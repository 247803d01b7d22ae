"""The components of the contract: the schemas that bodies of control operations bring along."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from chatdouble.core.json import as_object, is_object, values_in

_PLACE: Final = "#/components/schemas/"


def move_definitions(described: dict[str, Any]) -> None:
    """Move the definitions in the bodies of operations to the components.

    One that has the name of another component, but not its form, gets a name of its own: what a test writes has no
    unknown keys, and what the API answers may have.
    """
    components: dict[str, Any] = described["components"]["schemas"]
    for schema in _bodies(described):
        definitions: dict[str, Any] = schema.pop("$defs", {})
        renamed = {
            name: f"{name}Input"
            for name, definition in definitions.items()
            if name in components and components[name] != definition
        }
        for part in (schema, *definitions.values()):
            _rename(part, renamed)
        for name, definition in definitions.items():
            components[renamed.get(name, name)] = definition


def _bodies(described: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for operations in described["paths"].values():
        for operation in operations.values():
            for content in as_object(operation.get("requestBody")).get("content", {}).values():
                yield content["schema"]


def _rename(schema: object, renamed: Mapping[str, str]) -> None:
    """Rename references in a schema, in place."""
    if is_object(schema):
        target = schema.get("$ref")
        name = target.removeprefix(_PLACE) if isinstance(target, str) else ""
        if name in renamed:
            schema["$ref"] = _PLACE + renamed[name]
    for part in values_in(schema):
        _rename(part, renamed)
