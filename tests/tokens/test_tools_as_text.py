"""Tools are counted on the text the model reads."""

from typing import Any

import pytest

from chatdouble.tokens.tools_as_text import functions_of, namespace


def written(properties: dict[str, Any], **more: Any) -> str:
    """Return the type of a function's parameters."""
    parameters = {"type": "object", "properties": properties, **more}
    text = namespace([{"name": "f", "parameters": parameters}], titles=True)
    return text.removeprefix("namespace functions {\n\ntype f = (_: ").partition(") => any;")[0]


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
    ("schema", "kind"),
    [
        ({"type": "integer"}, "number"),
        ({"type": "array", "items": {"type": "string"}}, "string[]"),
        ({"type": "array"}, "any[]"),
        ({"type": ["string", "null"]}, "string | null"),
        ({"anyOf": [{"type": "string"}, {"const": 3}]}, "string | 3"),
        ({"oneOf": [{"type": "string"}, {"enum": ["ä", 3]}]}, 'string | "ä" | 3'),
        ({"allOf": [{"type": "string"}]}, "string"),
        ({"enum": "no list"}, "any"),
        ({"$ref": "#/$defs/Name"}, "boolean"),
        ({"$ref": "#/$defs/Nowhere"}, "any"),
        ({"type": "object"}, "object"),
        ({"type": "object", "properties": {"b": {"type": "string"}}, "required": ["b"]}, "{ b: string }"),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "{ [key: string]: string }"),
        ({}, "any"),
        ("no schema", "any"),
    ],
)
def test_a_schema_is_written_as_a_type(schema: Any, kind: str) -> None:
    assert written({"a": schema}, **{"$defs": {"Name": {"type": "boolean"}}}) == f"{{ a?: {kind} }}"


def test_objects_without_comments_are_on_one_line() -> None:
    assert written({"a": {"type": "string"}, "b": {"type": "string"}}, required=["a"]) == "{ a: string, b?: string }"
    assert written({"a": {"type": "string"}}, additionalProperties=True) == "{ a?: string, [key: string]: any }"


@pytest.mark.parametrize(("default", "text"), [("x", '"x"'), (2, "2"), (None, "null"), (True, "true")])
def test_a_default_is_a_comment(default: Any, text: str) -> None:
    assert written({"a": {"type": "string", "default": default}}) == f"{{\na?: string, // default: {text}\n}}"


def test_a_title_stands_apart_from_the_description() -> None:
    assert written({"a": {"type": "string", "title": "A"}}) == "{\n// A\na?: string,\n}"
    titled = {"type": "string", "title": "A", "description": " One.\n\n  Two. "}
    assert written({"a": titled}) == "{\n// A\n//\n// One.\n//\n// Two.\na?: string,\n}"


def test_parameters_are_described_before_their_type() -> None:
    assert written({"a": {"type": "string"}}, title="T", description="D") == "// T\n//\n// D\n{ a?: string }"


def test_the_first_gpt_4_reads_no_titles() -> None:
    inner = {"a": {"type": "string", "title": "A"}}
    parameters = {"type": "object", "title": "T", "description": "D", "properties": inner}
    assert "type f = (_: { a?: string }) => any;" in namespace([{"name": "f", "parameters": parameters}], titles=False)


def test_options_that_are_described_have_a_line_each() -> None:
    either = {"type": ["string", "null"], "description": "D"}
    assert written({"a": either}) == "{\n// D\na?: \n | string // D\n | null // D,\n}"


def test_what_takes_several_lines_is_set_apart() -> None:
    inner = {"type": "object", "properties": {"b": {"type": "string", "description": "B"}}}
    assert written({"a": inner}) == "{\na?: {\n// B\nb?: string,\n},\n}"
    assert written({"a": {"type": "array", "items": inner}}) == "{\na?: Array<\n{\n// B\nb?: string,\n}\n>,\n}"
    optional = {"anyOf": [{"type": "null"}, {**inner, "title": "T"}]}
    assert written({"a": optional}) == "{\na?: \n | null\n | \n// T\n{\n// B\nb?: string,\n},\n}"


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


def test_a_schema_that_holds_itself_often_is_written_once() -> None:
    properties = {f"p{at}": {"$ref": "#"} for at in range(30)}
    assert written({**properties, "odd": {"type": {}}}).count("any") == 30 * 30 + 30 + 1


def test_a_schema_that_is_too_deep_ends() -> None:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(20):
        schema = {"type": "array", "items": schema}
    assert written({"a": schema}) == f"{{ a?: any{'[]' * 13} }}"
