"""What structured outputs accept of JSON Schema, node by node (schemas#keywords)."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from chatdouble.json_schema.walk import Context, Node, SchemaFaultError, is_list, is_node, place

NOT_PERMITTED: Final = frozenset(
    {
        *("allOf", "oneOf", "if", "then", "else", "dependentRequired", "dependentSchemas", "dependencies"),
        *("patternProperties", "propertyNames", "unevaluatedProperties", "minProperties", "maxProperties"),
        *("prefixItems", "additionalItems", "unevaluatedItems", "uniqueItems"),
        *("contains", "minContains", "maxContains"),
    },
)
"""Keywords answered with "'x' is not permitted"; all others are accepted or unknown and ignored.

`default`, minLength and maxLength were refused in 2024 and no more are (schemas#keywords).
"""

FORMATS: Final = frozenset(
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
_REQUIRED: Final = "'required' is required to be supplied and to be an array including every key in properties. "
MISSING_PROPERTIES: Final = "object schema missing properties."
MISSING_ITEMS: Final = "array schema missing items."
_UNTYPED: Final = "schema must have a 'type' key."
_CLOSED: Final = "'additionalProperties' is required to be supplied and to be false."


class StrictRules:
    """The rules of strict schemas over one root; the first fault met is raised.

    A node's own keywords come first, then `additionalProperties`, then its subschemas, then `required`.
    """

    def __init__(self, root: Node) -> None:
        self._root = root
        self._by_type: Mapping[str, Callable[[Node, Context], None]] = {
            "object": self._object,
            "array": self._array,
            "string": self._string,
        }

    def check(self) -> None:
        """Check the root and everything below it.

        Raises:
            SchemaFaultError: A rule is broken.
        """
        for keyword in _DEFINITIONS:
            self._named(self._root.get(keyword), (keyword,))
        self._node(self._root, ())

    def _node(self, node: object, context: Context) -> None:
        if not is_node(node):
            raise SchemaFaultError(place(context) + _UNTYPED)
        if "$ref" in node:
            self._reference(node, context)
            return
        _keywords(node, context)
        _enum(node, context)
        if is_list(branches := node.get("anyOf")):
            for index, branch in enumerate(branches):
                self._node(branch, (*context, "anyOf", str(index)))
        elif "type" not in node:
            raise SchemaFaultError(place(context) + _UNTYPED)
        self._typed(node, context)

    def _typed(self, node: Node, context: Context) -> None:
        kind = node.get("type")
        if is_list(kind):
            for index, one in enumerate(kind):
                self._of_type(str(one), node, (*context, "type", str(index)))
        else:
            self._of_type(str(kind), node, context)

    def _of_type(self, kind: str, node: Node, context: Context) -> None:
        rule = self._by_type.get(kind)
        if rule is not None:
            rule(node, context)

    def _object(self, node: Node, context: Context) -> None:
        extra = node.get("additionalProperties")
        if is_node(extra):
            self._node(extra, (*context, "additionalProperties"))
        if extra is not False and not (is_node(extra) and _is_ignored(node) and context):
            raise SchemaFaultError(place(context) + _CLOSED)
        properties = node.get("properties")
        if not context and properties is None:
            raise SchemaFaultError(place(context) + MISSING_PROPERTIES)
        if is_node(properties):
            self._named(properties, (*context, "properties"))
            _required(node, properties, context)

    def _array(self, node: Node, context: Context) -> None:
        if "items" not in node:
            raise SchemaFaultError(place(context) + MISSING_ITEMS)
        if not is_node(node["items"]):
            raise SchemaFaultError(place(context) + "array schema items is not an object.")
        self._node(node["items"], (*context, "items"))

    def _string(self, node: Node, context: Context) -> None:
        form = node.get("format")
        if form is not None and form not in FORMATS:
            raise SchemaFaultError(f"{place(context)}{form!r} is not a valid format.")

    def _named(self, schemas: object, context: Context) -> None:
        if is_node(schemas):
            for name, child in schemas.items():
                self._node(child, (*context, name))

    def _reference(self, node: Node, context: Context) -> None:
        beside = sorted(node.keys() - {"$ref"})
        if beside:
            listed = ", ".join(map(repr, beside))
            raise SchemaFaultError(f"context={context!r}, $ref cannot have keywords {{{listed}}}.")
        target = str(node["$ref"])
        keyword, _, name = target.removeprefix("#/").partition("/")
        if target == "#":
            return
        if not target.startswith("#/") or keyword not in _DEFINITIONS or "/" in name:
            raise SchemaFaultError(
                place(context) + "reference can only point to definitions defined at the top level of the schema.",
            )
        definitions = self._root.get(keyword)
        if not is_node(definitions) or _unescaped(name) not in definitions:
            raise SchemaFaultError(
                f"{place(context)}reference to component {target!r} which was not found in the schema."
            )


def _keywords(node: Node, context: Context) -> None:
    for keyword in node:
        if keyword in NOT_PERMITTED:
            raise SchemaFaultError(f"{place(context)}{keyword!r} is not permitted.")
        if keyword == "not":
            raise SchemaFaultError(f"{place(context)}Unsupported keywords ('not',).")


def _enum(node: Node, context: Context) -> None:
    kind = node.get("type")
    kinds = kind if is_list(kind) else [kind]
    values = node.get("enum")
    if kind is None or not is_list(values):
        return
    for value in values:
        if _TYPES.get(value.__class__, frozenset()).isdisjoint(kinds):
            raise SchemaFaultError(
                f"context={context!r}, enum value {value} does not validate against {{'type': {kind!r}}}.",
            )


def _required(node: Node, properties: Node, context: Context) -> None:
    required = node.get("required", [])
    read = [name for name, child in properties.items() if not _is_ignored(child)]
    for name in read:
        if name not in required:
            raise SchemaFaultError(f"{place(context)}{_REQUIRED}Missing {name!r}.")
    for name in required:
        if name not in read and not _may_be_null(properties.get(name)):
            raise SchemaFaultError(f"{place(context)}{_REQUIRED}Extra required key {name!r} supplied.")


def _is_ignored(node: object) -> bool:
    """Say whether the API passes over a property: an object, or null, that does not say its `properties`."""
    return is_node(node) and "properties" not in node and (node.get("type") == "object" or _may_be_null(node))


def _may_be_null(node: object) -> bool:
    return is_node(node) and is_list(kind := node.get("type")) and sorted(map(str, kind)) == ["null", "object"]


def _unescaped(name: str) -> str:
    return name.replace("~1", "/").replace("~0", "~")
