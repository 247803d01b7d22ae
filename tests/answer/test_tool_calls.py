"""Echo's tool calls have valid arguments, and input that follows the grammar."""

import re
from typing import Any

import pytest
from lark import Lark

from chatdouble.core.errors import APIError
from echoed import ADD, TIME, WEATHER, calls, choice, custom, function, said


@pytest.mark.parametrize(
    "tool_choice",
    [
        "required",
        {"type": "function", "function": {"name": "get_weather"}},
        {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [WEATHER]}},
    ],
)
async def test_a_required_call_has_valid_arguments(tool_choice: Any) -> None:
    ((name, arguments),) = await calls(tools=[WEATHER, TIME], tool_choice=tool_choice)
    assert name == "get_weather"
    assert list(arguments) == ["city", "unit"]
    assert arguments["unit"] in ("c", "f")


async def test_a_directive_gives_the_arguments() -> None:
    text = '[[call:get_weather {"city": "Paris", "unit": "c"}]] [[call:get_weather {"city": "Rome"}]] get_time'
    made = (await choice(messages=text, tools=[WEATHER, TIME]))["message"].get("tool_calls", [])
    assert made is not None
    assert [one["function"]["arguments"] for one in made if one["type"] == "function"] == [
        '{"city": "Paris", "unit": "c"}',
        '{"city": "Rome"}',
    ]


async def test_a_directive_without_valid_arguments_or_name_gets_generated_ones() -> None:
    ((name, arguments),) = await calls(messages="[[call:get_weather nonsense]]", tools=[TIME, WEATHER])
    assert (name, list(arguments)) == ("get_weather", ["city", "unit"])
    ((name, _),) = await calls(messages="[[call]]", tools=[TIME, WEATHER])
    assert name == "get_time"
    assert await said(messages="Hi [[call:unknown]]", tools=[TIME]) == "Hi"
    assert await said(messages="Hi [[call]]") == "Hi"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What is add(3, 4)?", {"a": 3, "b": 4}),
        ("add(b=1, a=2)", {"a": 2, "b": 1}),
        ('add({"a": 5, "b": 6})', {"a": 5, "b": 6}),
    ],
)
async def test_arguments_in_call_syntax_are_used(text: str, expected: Any) -> None:
    assert await calls(messages=text, tools=[ADD]) == [("add", expected)]


COMPANY = function(
    "make_company",
    id={"type": "string", "pattern": "^c-"},
    mail={"type": "string", "format": "email"},
    owner={"type": "string"},
    size={"enum": ["big", "small"]},
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("named '你好啊集团' (Hello Group)", {"owner": "你好啊集团"}),
        ('It is "small" and called “Ann\'s” or «Bob»', {"size": "small", "owner": "Ann's"}),
        ("Mail to `a@b.example` about 'c-1'", {"mail": "a@b.example", "id": "c-1"}),
        ("make_company(owner='Ann') is 'big', not 'Bob'", {"owner": "Ann", "size": "big"}),
        ("Ann's is the dogs' and the cats' place", {}),
        ('{"greeting": "Hello"}', {"owner": "Hello"}),
    ],
)
async def test_quotations_are_used_as_arguments_for_which_they_are_valid(text: str, expected: dict[str, str]) -> None:
    [(_, arguments)] = await calls(messages=text, tools=[COMPANY], tool_choice="required")
    [(_, generated)] = await calls(messages="Hello", tools=[COMPANY], tool_choice="required")
    assert list(arguments) == list(generated)
    assert arguments == arguments | expected
    quoted = {"Ann's", "Bob", "c-1", "s is the dogs", "greeting"}
    assert not quoted & (set(arguments.values()) - set(expected.values()))


async def test_missing_arguments_in_call_syntax_are_generated() -> None:
    ((_, arguments),) = await calls(messages="get_weather('Paris')", tools=[WEATHER])
    assert arguments["city"] == "Paris"
    assert arguments["unit"] in ("c", "f")


@pytest.mark.parametrize("syntax", ["'x', 2", "a b", "__import__", "1, 2, 3; 4", "null", "**{1: 2}", "x=y"])
async def test_arguments_in_invalid_call_syntax_are_generated(syntax: str) -> None:
    ((_, arguments),) = await calls(messages=f"add({syntax})", tools=[ADD])
    assert all(isinstance(value, int) for value in arguments.values())
    assert list(arguments) == ["a", "b"]


async def test_a_function_without_parameters_is_called_without_arguments() -> None:
    bare = {"type": "function", "function": {"name": "ping"}}
    assert await calls(messages="ping", tools=[bare]) == [("ping", {})]


async def test_a_custom_tool_gets_the_users_text() -> None:
    assert await calls(messages="print(1)", tools=[custom("code")], tool_choice="required") == [("code", "print(1)")]
    assert await calls(messages="[[call:code x = 1]]", tools=[custom("code")]) == [("code", "x = 1")]
    assert await calls(messages="[[call:code]]", tools=[custom("code")]) == [("code", "code")]


async def test_the_input_of_a_custom_tool_follows_its_grammar() -> None:
    named = {"type": "custom", "custom": {"name": "when"}}
    ((_, made),) = await calls(tools=[custom("when", r"^\d{4}-(?<m>\d\d)$", "regex")], tool_choice=named)
    assert re.fullmatch(r"\d{4}-\d\d", made)
    grammar = 'start: "go" (" " WAY)+\nWAY: "left" | "right"\n'
    ((_, made),) = await calls(tools=[custom("when", grammar, "lark")], tool_choice=named)
    parser: Any = Lark(grammar)
    assert parser.parse(made)


@pytest.mark.parametrize(("definition", "syntax"), [("(", "regex"), ("nonsense", "lark")])
async def test_an_invalid_grammar_is_refused(definition: str, syntax: str) -> None:
    with pytest.raises(APIError, match="Invalid grammar"):
        await choice(tools=[custom("c", definition, syntax)], tool_choice="required")


@pytest.mark.parametrize(
    ("function_call", "text", "expected"),
    [
        ("auto", "Use look_up", "look_up"),
        (None, "Use look_up", "look_up"),
        ({"name": "find"}, "Hello", "find"),
        ("none", "Use look_up", None),
        ("auto", "Hello", None),
    ],
)
async def test_legacy_functions_are_called_like_tools(function_call: Any, text: str, expected: str | None) -> None:
    functions = [{"name": name, "parameters": {"type": "object"}} for name in ("look_up", "find")]
    chosen = {} if function_call is None else {"function_call": function_call}
    message = (await choice(messages=text, functions=functions, **chosen))["message"]
    made = message.get("function_call")
    assert (made and made["name"]) == expected
    assert "tool_calls" not in message


@pytest.mark.parametrize("parameters", [{}, {"$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}}}])
async def test_arguments_are_an_object_under_any_schema(parameters: Any) -> None:
    odd = {"type": "function", "function": {"name": "odd", "parameters": parameters}}
    assert await calls(tools=[odd], tool_choice="required") == [("odd", {})]
