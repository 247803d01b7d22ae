"""Tools as a model reads them: a namespace of typed functions, which is what their tokens are counted on."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import orjson

from chatdouble.core.json import as_object, is_array, is_object, objects_in
from chatdouble.schema.toolbox import Toolbox

Schema = Mapping[str, Any]

_KEYWORDS: Final = {"integer": "number", "object": "object", "array": "any[]"}
_KNOWN: Final = frozenset({"string", "number", "boolean", "null"})
_DEEPEST: Final = 12


def tools_text(toolbox: Toolbox, *, titles: bool) -> str:
    """Return the text that stands for a request's tools in the prompt, "" if there are none.

    Args:
        toolbox: The tools.
        titles: Whether the schemas' titles are in it, as comments.
    """
    return toolbox.once(_with_titles if titles else _without_titles)


def _with_titles(toolbox: Toolbox) -> str:
    functions = functions_of(toolbox.fields)
    return namespace(functions, titles=True) if functions else ""


def _without_titles(toolbox: Toolbox) -> str:
    functions = functions_of(toolbox.fields)
    return namespace(functions, titles=False) if functions else ""


def namespace(functions: Iterable[Schema], *, titles: bool) -> str:
    """Return functions as the text that stands for them in the prompt.

    Args:
        functions: Function objects: `name`, and perhaps `description` and `parameters`.
        titles: Whether the schemas' titles are in it, as comments.
    """
    lines = ["namespace functions {", ""]
    for function in functions:
        lines += _function(function, titles=titles)
    return "\n".join([*lines, "} // namespace functions"])


def functions_of(body: Mapping[str, Any]) -> list[Schema]:
    """Return a request's functions, of `tools` and of `functions`; a custom tool as one of a string.

    A custom tool's grammar stands in its description.
    """
    found: list[Schema] = []
    for tool in objects_in(body.get("tools")):
        if is_object(custom := tool.get("custom")):
            found.append(_custom(custom))
        elif is_object(function := tool.get("function")):
            found.append(function)
    return [*found, *objects_in(body.get("functions"))]


def _custom(tool: Schema) -> Schema:
    grammar = as_object(as_object(tool.get("format")).get("grammar"))
    definition = grammar.get("definition")
    described = [str(text) for text in (tool.get("description"), definition) if text]
    return {"name": tool.get("name"), "description": "\n".join(described), "input": "string"}


def _function(function: Schema, *, titles: bool) -> list[str]:
    """Return one function's lines, the empty one after it included."""
    name, parameters = function.get("name"), function.get("parameters")
    lines = _comment(function.get("description"))
    if "input" in function:
        return [*lines, f"type {name} = (_: {function['input']}) => any;", ""]
    fields: list[str] = []
    opening = "{"
    if is_object(parameters):
        fields = _Writer(parameters, titles=titles).fields(parameters, 0)
        if titles and parameters.get("title"):
            opening = f"// {parameters['title']}\n{{"
    if not fields:
        return [*lines, f"type {name} = () => any;", ""]
    return [*lines, f"type {name} = (_: {opening}", *fields, "}) => any;", ""]


def _comment(text: Any, depth: int = 0) -> list[str]:
    return [f"{' ' * depth}// {line.strip()}" for line in str(text).split("\n")] if text else []


class _Writer:
    """Writes the types of one function's parameters."""

    def __init__(self, root: Schema, *, titles: bool) -> None:
        self._root = root
        self._titles = titles
        self._kinds: Mapping[str, Callable[[Any, Schema, int], str]] = {
            "$ref": lambda ref, _, depth: self.type(self._found(ref), depth),
            "anyOf": lambda options, _, depth: " | ".join(self.type(one, depth) for one in options),
            "enum": lambda values, _, __: " | ".join(map(_json, values)),
            "const": lambda value, _, __: _json(value),
            "type": self._typed,
        }

    def fields(self, schema: Schema, depth: int) -> list[str]:
        """Return an object's properties, each on a line after its title and description."""
        required = schema.get("required")
        lines: list[str] = []
        for name, inner in as_object(schema.get("properties")).items():
            held = as_object(inner)
            if self._titles:
                lines += _comment(held.get("title"), depth)
            lines += _comment(held.get("description"), depth)
            mark = "" if is_array(required) and name in required else "?"
            default = f" // default: {held['default']}" if "default" in held else ""
            lines.append(f"{' ' * depth}{name}{mark}: {self.type(held, depth)},{default}")
        return lines

    def type(self, schema: Any, depth: int) -> str:
        """Return the type of a schema; `any` beyond twelve levels, where a recursive one ends."""
        if not is_object(schema) or depth > 2 * _DEEPEST:
            return "any"
        for keyword, write in self._kinds.items():
            if keyword in schema:
                return write(schema[keyword], schema, depth + 2)
        return "any"

    def _typed(self, kind: Any, schema: Schema, depth: int) -> str:
        if is_array(kind):
            return " | ".join(self._typed(one, schema, depth) for one in kind)
        if kind == "array" and "items" in schema:
            return f"{self.type(schema['items'], depth)}[]"
        if kind == "object" and schema.get("properties"):
            return "\n".join(["{", *self.fields(schema, depth), f"{' ' * (depth - 2)}}}"])
        return kind if kind in _KNOWN else _KEYWORDS.get(str(kind), "any")

    def _found(self, ref: Any) -> Any:
        found: Any = self._root
        for name in str(ref).removeprefix("#").split("/")[1:]:
            found = as_object(found).get(name)
        return found


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
