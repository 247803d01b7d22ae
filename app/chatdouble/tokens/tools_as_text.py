"""Tools as a model reads them: a namespace of typed functions, which is what their tokens are counted on."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from chatdouble.core.json import as_object, is_array, is_object, objects_in
from chatdouble.schema.tools import Toolbox

Schema = Mapping[str, Any]

_KEYWORDS: Final = {
    "string": "string",
    "number": "number",
    "integer": "number",
    "boolean": "boolean",
    "null": "null",
    "array": "any[]",
}
_DEEPEST: Final = 12


def with_titles(toolbox: Toolbox) -> str:
    """Return the text that stands for a request's tools in the prompt, "" if there are none.

    Titles, and what the parameters as a whole are described with, are in it.
    """
    functions = functions_of(toolbox.fields)
    return namespace(functions, titles=True) if functions else ""


def without_titles(toolbox: Toolbox) -> str:
    """Return the text that stands for a request's tools in the prompt of a model that reads no titles."""
    functions = functions_of(toolbox.fields)
    return namespace(functions, titles=False) if functions else ""


def namespace(functions: Iterable[Schema], *, titles: bool) -> str:
    """Return functions as the text that stands for them in the prompt.

    Args:
        functions: Function objects: `name`, and perhaps `description` and `parameters`.
        titles: Whether titles, and what the parameters as a whole are described with, are in it.
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


def comments(text: Any) -> list[str]:
    """Return a text as comment lines, each without the blanks around it; none if there is no text."""
    lines = str(text).strip().split("\n") if text else []
    return [f"// {line.strip()}".rstrip() for line in lines]


def _custom(tool: Schema) -> Schema:
    grammar = as_object(as_object(tool.get("format")).get("grammar"))
    definition = grammar.get("definition")
    described = [str(text).strip() for text in (tool.get("description"), definition) if text]
    return {"name": tool.get("name"), "description": "\n".join(described), "input": "string"}


def _function(function: Schema, *, titles: bool) -> list[str]:
    """Return one function's lines, the empty one after it included."""
    name, parameters = function.get("name"), as_object(function.get("parameters"))
    lines = comments(function.get("description"))
    if "input" in function:
        return [*lines, f"type {name} = (_: {function['input']}) => any;", ""]
    writer = _Writer(parameters, titles=titles)
    fields = writer.object(parameters, 0)
    if not fields:
        return [*lines, f"type {name} = () => any;", ""]
    about = writer.about(parameters) if titles else []
    written = "\n".join([*about, fields])
    return [*lines, f"type {name} = (_: {written}) => any;", ""]


class _Writer:
    """Writes the types of one function's parameters."""

    def __init__(self, root: Schema, *, titles: bool) -> None:
        self._root = root
        self._titles = titles
        self._open: list[str] = []
        self._kinds: Mapping[str, Callable[[Any, Schema, int], str]] = {
            "$ref": self._referred,
            "anyOf": lambda options, _, depth: self._union(objects_in(options), depth),
            "oneOf": lambda options, _, depth: self._union(objects_in(options), depth),
            "allOf": lambda options, _, depth: self._union(objects_in(options)[:1], depth),
            "enum": lambda values, _, __: " | ".join(map(_json, values)) if is_array(values) else "any",
            "const": lambda value, _, __: _json(value),
            "type": self._typed,
        }

    def about(self, schema: Schema) -> list[str]:
        """Return a schema's title and description as comments, with an empty one between them."""
        title, described = comments(schema.get("title")) if self._titles else [], comments(schema.get("description"))
        return [*title, "//", *described] if title and described else title + described

    def object(self, schema: Schema, depth: int) -> str:
        """Return an object's type: on one line if nothing in it needs a comment; "" if it has no fields."""
        fields = self._fields(schema, depth)
        if not fields:
            return ""
        if any("\n" in field or not field.endswith(",") for field in fields):  # a default stands after the comma
            return "\n".join(["{", *fields, "}"])
        return f"{{ {' '.join(fields).removesuffix(',')} }}"

    def whole(self, schema: Any, depth: int) -> str:
        """Return the type of a schema that no property describes, after its own title and description."""
        written = self._type(schema, depth)
        return "\n".join([*self.about(schema), written]) if "\n" in written else written

    def _fields(self, schema: Schema, depth: int) -> list[str]:
        """Return an object's properties, each on a line of its own after its title and description."""
        given = schema.get("required")
        required = {name for name in given if isinstance(name, str)} if is_array(given) else ()
        fields: list[str] = []
        for name, inner in as_object(schema.get("properties")).items():
            held = as_object(inner)
            mark = "" if name in required else "?"
            default = f" // default: {_json(held['default'])}" if "default" in held else ""
            line = f"{name}{mark}: {self._type(held, depth)},{default}"
            fields.append("\n".join([*self.about(held), line]))
        more = schema.get("additionalProperties")
        if more is True or is_object(more):
            fields.append(f"[key: string]: {self.whole(more, depth)},")
        return fields

    def _type(self, schema: Any, depth: int) -> str:
        """Return the type of a schema; `any` beyond twelve levels."""
        if not is_object(schema) or depth > _DEEPEST:
            return "any"
        for keyword, write in self._kinds.items():
            if keyword in schema:
                return write(schema[keyword], schema, depth + 1)
        return "any"

    def _union(self, options: Sequence[Schema], depth: int) -> str:
        """Return the types of options: on one line, or on one each if any of them needs a comment."""
        written = [(self._type(option, depth), self.about(option)) for option in options]
        if not any(about or "\n" in kind for kind, about in written):
            return " | ".join(kind for kind, _ in written)
        return "".join(f"\n | {_option(kind, about)}" for kind, about in written)

    def _typed(self, kind: Any, schema: Schema, depth: int) -> str:
        if is_array(kind):
            return self._union([{**schema, "type": one} for one in kind], depth)
        if kind == "array" and "items" in schema:
            items = self.whole(schema["items"], depth)
            return f"Array<\n{items}\n>" if "\n" in items else f"{items}[]"
        if kind == "object":
            return self.object(schema, depth) or "object"
        return _KEYWORDS.get(str(kind), "any")

    def _referred(self, ref: Any, _: Schema, depth: int) -> str:
        """Return the type of a definition; `any` inside itself."""
        if ref in self._open:
            return "any"
        self._open.append(ref)
        written = self.whole(self._found(ref), depth)
        self._open.pop()
        return written

    def _found(self, ref: Any) -> Any:
        found: Any = self._root
        for name in str(ref).removeprefix("#").split("/")[1:]:
            found = as_object(found).get(name)
        return found


def _option(kind: str, about: Sequence[str]) -> str:
    """Return one option of a union: comments stand after a type of one line, before one of several."""
    return "\n".join(["", *about, kind]) if "\n" in kind else " ".join([kind, *about])


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
