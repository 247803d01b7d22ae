"""Two JSON Schemas side by side: what the one promises and the other lacks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]

BOUNDS = (
    *("format", "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("multipleOf", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"),
)


@dataclass(frozen=True)
class Contract:
    """A schema and the definitions its references point to."""

    definitions: Schema
    schema: Schema

    def resolved(self) -> "Contract":
        """Return what a reference points to; of anything else itself."""
        schema = self.schema
        while "$ref" in schema:
            schema = self.definitions[schema["$ref"].rpartition("/")[2]]
        return self.at(schema)

    def at(self, schema: Schema) -> "Contract":
        """Return another schema of the same definitions."""
        return Contract(self.definitions, schema)

    def members(self) -> "Iterator[Contract]":
        """Yield the members of a union, types in a list included; of anything else itself."""
        resolved = self.resolved()
        schema = resolved.schema
        united: list[Schema] = schema.get("anyOf") or schema.get("oneOf") or []
        if united:
            for member in united:
                yield from self.at(member).members()
        elif isinstance(schema.get("type"), list):
            names: list[str] = schema["type"]
            for name in names:
                yield self.at({**schema, "type": name, **_enum_of(schema)} if name != "null" else {"type": name})
        else:
            yield resolved

    def kind(self) -> str:
        """Return what member of a union this is: its type, and the constant that tells objects apart."""
        properties: Schema = self.schema.get("properties", {})
        constant: Schema = properties.get("type", {})
        values = _values(constant)
        told_apart = f" {values[0]}" if len(values) == 1 else ""
        return f"{self.json_type()}{told_apart}"

    def json_type(self) -> str:
        """Return the JSON type, `any` if there is none."""
        return str(self.schema.get("type", "object" if "properties" in self.schema else "any"))


def _enum_of(schema: Schema) -> Schema:
    return {"enum": [value for value in schema["enum"] if value is not None]} if "enum" in schema else {}


def _values(schema: Schema) -> list[Any]:
    return [schema["const"]] if "const" in schema else schema.get("enum", [])


def lacks(official: Contract, ours: Contract, path: str = "") -> Iterator[str]:
    """Yield what the official schema has and ours has not, each with its path."""
    held, wanted = list(ours.members()), list(official.members())
    for member in wanted:
        found = _counterpart(member, held, alone=sum(one.json_type() == member.json_type() for one in wanted) == 1)
        if found is None:
            yield f"{path}: {member.kind()}"
        else:
            yield from _member(member, found, path)


def _counterpart(wanted: Contract, held: list[Contract], *, alone: bool) -> Contract | None:
    """Find the member of the same kind; the only one of a JSON type has the only one as its counterpart."""
    alike = [member for member in held if member.json_type() == wanted.json_type()]
    if alone and len(alike) == 1:
        return alike[0]
    return next((member for member in alike if member.kind() == wanted.kind()), None)


def _member(official: Contract, ours: Contract, path: str) -> Iterator[str]:
    wanted, held = official.schema, ours.schema
    known = _values(held)
    if known:
        yield from (f"{path}: {value!r}" for value in _values(wanted) if value not in known)
    elif _values(wanted):
        yield f"{path}: enum"
    yield from (f"{path}: {bound}" for bound in BOUNDS if wanted.get(bound) != held.get(bound))
    required: list[str] = held.get("required", [])
    yield from (f"{path}.{name}: required" for name in wanted.get("required", []) if name not in required)
    properties: Schema = held.get("properties", {})
    for name, schema in wanted.get("properties", {}).items():
        if name in properties:
            yield from lacks(official.at(schema), ours.at(properties[name]), f"{path}.{name}")
        else:
            yield f"{path}.{name}: property"
    for keyword, step in (("items", "[]"), ("additionalProperties", "{}")):
        if isinstance(wanted.get(keyword), dict):
            yield from lacks(official.at(wanted[keyword]), ours.at(held.get(keyword, {})), path + step)
