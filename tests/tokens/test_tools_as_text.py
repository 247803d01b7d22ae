"""Tools are counted on the text the model reads."""

from typing import Any

import pytest

from chatdouble.tokens.tools_as_text import functions_of, namespace


def fields(properties: dict[str, Any], **more: Any) -> list[str]:
    """Return the lines of a function's fields."""
    parameters = {"type": "object", "properties": properties, **more}
    lines = namespace([{"name": "f", "parameters": parameters}], titles=True).split("\n")
    return lines[3 : lines.index("}) => any;")]


def test_a_function_is_a_type_after_its_description() -> None:
    weather = {
        "name": "get_current_weather",
        "description": "Get the current weather in a given location",
        "parameters": {
            "type": "object",
            "properties": {
                "location": {"type": "string", "description": "The city and state"},
                "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
            },
            "required": ["location"],
        },
    }
    assert namespace([weather], titles=True).split("\n") == [
        "namespace functions {",
        "",
        "// Get the current weather in a given location",
        "type get_current_weather = (_: {",
        "// The city and state",
        "location: string,",
        'unit?: "celsius" | "fahrenheit",',
        "}) => any;",
        "",
        "} // namespace functions",
    ]


def test_a_function_without_fields_takes_nothing() -> None:
    assert "type f = () => any;" in namespace([{"name": "f"}], titles=True)


@pytest.mark.parametrize(
    ("schema", "written"),
    [
        ({"type": "integer"}, "number"),
        ({"type": "array", "items": {"type": "string"}}, "string[]"),
        ({"type": "array"}, "any[]"),
        ({"type": ["string", "null"]}, "string | null"),
        ({"anyOf": [{"type": "string"}, {"const": 3}]}, "string | 3"),
        ({"$ref": "#/$defs/Name"}, "boolean"),
        ({"$ref": "#/$defs/Nowhere"}, "any"),
        ({"type": "object"}, "object"),
        ({}, "any"),
        ({"type": "number", "default": 2}, "number"),
    ],
)
def test_a_schema_is_written_as_a_type(schema: dict[str, Any], written: str) -> None:
    (line,) = fields({"a": schema}, **{"$defs": {"Name": {"type": "boolean"}}})
    assert line.startswith(f"a?: {written},")


def test_titles_are_comments_where_they_are_read() -> None:
    assert fields({"a": {"type": "string", "title": "A"}}) == ["// A", "a?: string,"]


def test_an_object_in_an_object_is_indented() -> None:
    inner = {"type": "object", "properties": {"b": {"type": "string"}}, "required": ["b"]}
    assert fields({"a": inner}) == ["a?: {", "  b: string,", "},"]


def test_a_schema_that_holds_itself_ends() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#"}}}
    assert "any" in namespace([{"name": "f", "parameters": node}], titles=True)


def test_a_tool_that_is_neither_is_left_out() -> None:
    assert functions_of({"tools": [{"type": "function"}, 3], "functions": [{"name": "f"}]}) == [{"name": "f"}]


def test_a_custom_tool_takes_text_and_shows_its_grammar() -> None:
    grammar = {"type": "grammar", "grammar": {"syntax": "regex", "definition": "[a-z]+"}}
    body = {"tools": [{"type": "custom", "custom": {"name": "write", "description": "Writes.", "format": grammar}}]}
    text = namespace(functions_of(body), titles=True)
    assert "// Writes.\n// [a-z]+\ntype write = (_: string) => any;" in text
