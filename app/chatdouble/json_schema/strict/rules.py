"""The rules of structured outputs for each part of a schema (schemas#keywords)."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from chatdouble.core.json import is_array, is_object
from chatdouble.json_schema.strict.fault import Rule, SchemaFaultError
from chatdouble.json_schema.tree import MISSING, Path, Schema, follow

# Keywords that the API refuses. All others are either accepted or unknown and ignored.
#
# `default`, `minLength` and `maxLength` were refused in 2024 and are accepted since (schemas#keywords).
_NOT_PERMITTED: Final = frozenset(
    {
        *("allOf", "oneOf", "if", "then", "else", "dependentRequired", "dependentSchemas", "dependencies"),
        *("patternProperties", "propertyNames", "unevaluatedProperties", "minProperties", "maxProperties"),
        *("prefixItems", "additionalItems", "unevaluatedItems", "uniqueItems"),
        *("contains", "minContains", "maxContains"),
    },
)

_FORMATS: Final = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"},
)

_TYPES: Final[Mapping[type, frozenset[str]]] = MappingProxyType(
    {
        str: frozenset({"string"}),
        bool: frozenset({"boolean"}),
        int: frozenset({"integer", "number"}),
        float: frozenset({"number"}),
        list: frozenset({"array"}),
        dict: frozenset({"object"}),
        type(None): frozenset({"null"}),
    },
)

_DEFINITIONS: Final = ("$defs", "definitions")


class StrictRules:
    """The rules of strict schemas, applied in the API's order until one is broken.

    A schema's own keywords come first, then `additionalProperties`, then its subschemas, then `required`.

    Args:
        root: The schema.
    """

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._by_type: Mapping[str, Callable[[Schema, Path], None]] = {
            "object": self._check_object,
            "array": self._check_array,
            "string": _check_string,
        }

    def check(self) -> None:
        """Check the definitions, then the root and everything below it.

        Raises:
            SchemaFaultError: A rule is broken.
        """
        for keyword in _DEFINITIONS:
            self._check_named(self._root.get(keyword), (keyword,))
        self._check_schema(self._root, ())

    def _check_schema(self, schema: object, path: Path) -> None:
        if not is_object(schema):
            raise SchemaFaultError(Rule.TYPE, path)
        if "$ref" in schema:
            self._check_reference(schema, path)
            return
        _check_keywords(schema, path)
        _check_enum(schema, path)
        if is_array(branches := schema.get("anyOf")):
            for index, branch in enumerate(branches):
                self._check_schema(branch, (*path, "anyOf", str(index)))
        elif "type" not in schema:
            raise SchemaFaultError(Rule.TYPE, path)
        self._check_types(schema, path)

    def _check_types(self, schema: Schema, path: Path) -> None:
        kind = schema.get("type")
        kinds = [(one, (*path, "type", str(i))) for i, one in enumerate(kind)] if is_array(kind) else [(kind, path)]
        for one, its_path in kinds:
            check = self._by_type.get(str(one))
            if check is not None:
                check(schema, its_path)

    def _check_object(self, schema: Schema, path: Path) -> None:
        extra = schema.get("additionalProperties")
        if is_object(extra):
            self._check_schema(extra, (*path, "additionalProperties"))
        # The API accepts a schema here for a nested object whose properties it ignores (schemas#keywords).
        if extra is not False and not (is_object(extra) and _is_ignored(schema) and path):
            raise SchemaFaultError(Rule.CLOSED, path)
        properties = schema.get("properties")
        if not path and properties is None:
            raise SchemaFaultError(Rule.PROPERTIES, path)
        if is_object(properties):
            self._check_named(properties, (*path, "properties"))
            _check_required(schema, properties, path)

    def _check_array(self, schema: Schema, path: Path) -> None:
        if "items" not in schema:
            raise SchemaFaultError(Rule.ITEMS, path)
        if not is_object(schema["items"]):
            raise SchemaFaultError(Rule.ITEMS_OBJECT, path)
        self._check_schema(schema["items"], (*path, "items"))

    def _check_named(self, schemas: object, path: Path) -> None:
        if is_object(schemas):
            for name, schema in schemas.items():
                self._check_schema(schema, (*path, name))

    def _check_reference(self, schema: Schema, path: Path) -> None:
        siblings = sorted(schema.keys() - {"$ref"})
        if siblings:
            raise SchemaFaultError(Rule.REFERENCE_ALONE, path, ", ".join(map(repr, siblings)))
        reference = str(schema["$ref"])
        if reference == "#":
            return
        keyword, slash, name = reference.removeprefix("#/").partition("/")
        if not reference.startswith("#/") or keyword not in _DEFINITIONS or "/" in name:
            raise SchemaFaultError(Rule.REFERENCE_TO_DEFINITION, path)
        if not slash or follow(self._root, reference[1:]) is MISSING:
            raise SchemaFaultError(Rule.REFERENCE_EXISTS, path, reference)


def _check_string(schema: Schema, path: Path) -> None:
    form = schema.get("format")
    if form is not None and form not in _FORMATS:
        raise SchemaFaultError(Rule.FORMAT, path, form)


def _check_keywords(schema: Schema, path: Path) -> None:
    for keyword in schema:
        if keyword in _NOT_PERMITTED:
            raise SchemaFaultError(Rule.KEYWORD, path, keyword)
        if keyword == "not":
            raise SchemaFaultError(Rule.UNSUPPORTED_KEYWORD, path, keyword)


def _check_enum(schema: Schema, path: Path) -> None:
    kind = schema.get("type")
    kinds = kind if is_array(kind) else [kind]
    values = schema.get("enum")
    if kind is None or not is_array(values):
        return
    for value in values:
        # `True` is an instance of int, so the exact class decides.
        if _TYPES.get(value.__class__, frozenset()).isdisjoint(kinds):
            raise SchemaFaultError(Rule.ENUM_TYPE, path, value, kind)


def _check_required(schema: Schema, properties: Schema, path: Path) -> None:
    required = dict.fromkeys(schema.get("required", []))
    needed = {name: None for name, subschema in properties.items() if not _is_ignored(subschema)}
    for name in needed:
        if name not in required:
            raise SchemaFaultError(Rule.REQUIRED_MISSING, path, name)
    for name in required:
        if name not in needed and not _may_be_null(properties.get(name)):
            raise SchemaFaultError(Rule.REQUIRED_UNKNOWN, path, name)


def _is_ignored(schema: object) -> bool:
    """Return whether the API skips a property: it does if the property is an object, or null, without `properties`."""
    if not is_object(schema) or "properties" in schema:
        return False
    return schema.get("type") == "object" or _may_be_null(schema)


def _may_be_null(schema: object) -> bool:
    """Return whether the types of a schema are object and null."""
    return is_object(schema) and is_array(kind := schema.get("type")) and sorted(map(str, kind)) == ["null", "object"]
