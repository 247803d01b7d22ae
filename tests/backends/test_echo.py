"""Echo answers with what the user said, and obeys the whole request."""

import json
import re
from datetime import date
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from lark import Lark
from openai import OpenAI
from pydantic import BaseModel

from calls import call
from chatdouble.errors import APIError
from chatdouble.schema.completion import Choice, Completion
from chatdouble_backends.echo import REFUSAL, Echo
from random_schemas import schemas


async def answered(headers: dict[str, str] | None = None, **request: Any) -> Completion:
    reply: Any = await Echo().reply(call(headers=headers, **request))
    whole: Completion = reply
    return whole


async def choice(headers: dict[str, str] | None = None, **request: Any) -> Choice:
    return (await answered(headers, **request))["choices"][0]


async def said(**request: Any) -> str:
    content = (await choice(**request))["message"]["content"]
    assert content is not None
    return content


async def calls(headers: dict[str, str] | None = None, **request: Any) -> list[tuple[str, Any]]:
    """Return the name and the arguments, or the input, of each call of a tool."""
    made = (await choice(headers, **request))["message"].get("tool_calls") or []
    found: list[tuple[str, Any]] = []
    for one in made:
        assert re.fullmatch(r"call_\w{24}", one["id"])
        if one["type"] == "function":
            found.append((one["function"]["name"], json.loads(one["function"]["arguments"])))
        else:
            found.append((one["custom"]["name"], one["custom"]["input"]))
    return found


def function(name: str, **properties: Any) -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    return {"type": "function", "function": {"name": name, "parameters": schema, "strict": True}}


def custom(name: str, definition: str = "", syntax: str = "") -> dict[str, Any]:
    tool: dict[str, Any] = {"name": name}
    if syntax:
        tool["format"] = {"type": "grammar", "grammar": {"syntax": syntax, "definition": definition}}
    return {"type": "custom", "custom": tool}


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def turn(name: str, result: str, id: str = "call_1") -> list[dict[str, Any]]:  # noqa: A002 - the API's own word
    """Return an assistant's call of a tool and the tool's result."""
    made = {"id": id, "type": "function", "function": {"name": name, "arguments": "{}"}}
    return [
        {"role": "assistant", "tool_calls": [made]},
        {"role": "tool", "tool_call_id": id, "content": result},
    ]


WEATHER = function("get_weather", city={"type": "string"}, unit={"enum": ["c", "f"]})
TIME = function("get_time", zone={"type": "string"})
ADD = function("add", a={"type": "integer"}, b={"type": "integer"})


async def test_the_last_user_text_is_the_answer() -> None:
    history = [user("first"), {"role": "assistant", "content": "x"}, user("second")]
    assert await said(messages=history) == "second"
    assert await said(messages=[*history, {"role": "assistant", "content": "prefill"}]) == "second"


async def test_the_texts_of_parts_are_joined() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert await said(messages=[{"role": "user", "content": parts}]) == "a\nb"


IMAGE = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
FILE = {"type": "file", "file": {"file_id": "file-1"}}
AUDIO = {"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([IMAGE], "I received 1 image."),
        ([IMAGE, IMAGE, FILE], "I received 2 images and 1 file."),
        ([IMAGE, AUDIO, FILE, FILE], "I received 1 image, 1 audio clip and 2 files."),
    ],
)
async def test_a_message_without_text_is_told_what_was_received(parts: list[Any], expected: str) -> None:
    assert await said(messages=[{"role": "user", "content": parts}]) == expected


async def test_with_no_user_message_the_last_message_is_the_answer() -> None:
    assert await said(messages=[{"role": "system", "content": "a"}, {"role": "developer", "content": "b"}]) == "b"


@pytest.mark.parametrize(("mark", "expected"), [("[[refuse]]", REFUSAL), ("no [[refuse: I won't.]]", "I won't.")])
async def test_a_mark_asks_for_a_refusal(mark: str, expected: str) -> None:
    made = await choice(messages=mark, tools=[WEATHER], tool_choice="required")
    assert made["message"].get("refusal") == expected
    assert made["message"]["content"] is None
    assert made["finish_reason"] == "stop"


async def test_a_mark_decides_how_the_answer_ends_and_is_not_in_it() -> None:
    made = await choice(messages="Hello [[finish:content_filter]]")
    assert made["message"]["content"] == "Hello"
    assert made["finish_reason"] == "content_filter"
    assert (await choice(messages="Hello [[finish:never]]"))["finish_reason"] == "stop"


async def test_limits_cut_what_echo_says() -> None:
    assert await said(messages="one two three", stop=" two") == "one"
    made = await choice(messages="one two three", max_tokens=1)
    assert (made["message"]["content"], made["finish_reason"]) == ("one", "length")


async def test_a_search_is_cited() -> None:
    made = await choice(model="gpt-4o-search-preview", messages="news", web_search_options={})
    assert len(made["message"].get("annotations", [])) == 1


async def test_there_are_n_choices() -> None:
    assert [one["message"]["content"] for one in (await answered(n=3))["choices"]] == ["Hello"] * 3


class Step(BaseModel):
    """A recursion."""

    explanation: str
    substeps: list["Step"]


class Report(BaseModel):
    """Something of everything."""

    title: str
    day: date
    rating: Literal[1, 2, 3]
    steps: list[Step]


def schema_format(schema: Any, *, strict: bool = False) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "it", "schema": schema, "strict": strict}}


async def test_a_schema_gets_an_instance_in_its_order_and_compact() -> None:
    text = await said(response_format=schema_format(Report.model_json_schema()))
    assert Report.model_validate_json(text).title
    assert list(json.loads(text)) == ["title", "day", "rating", "steps"]
    assert text == json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))


@settings(max_examples=40, deadline=None)
@given(schemas())
async def test_any_schema_gets_a_valid_instance(schema: Any) -> None:
    value = json.loads(await said(response_format=schema_format(schema)))
    checker: Any = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert checker.is_valid(value)


async def test_the_request_decides_the_instance() -> None:
    wanted = schema_format(Report.model_json_schema())
    first = await said(response_format=wanted)
    assert await said(response_format=wanted, stream=True) == first
    assert (await answered(response_format=wanted, session="other", ordinal=9))["choices"][0]["message"][
        "content"
    ] == first
    assert await said(response_format=wanted, seed=1) != first
    assert await said(response_format=wanted, messages="Other words") != first


async def test_the_choices_of_a_schema_differ_and_the_first_stays() -> None:
    wanted = schema_format(Report.model_json_schema())
    texts = [one["message"]["content"] for one in (await answered(response_format=wanted, n=4))["choices"]]
    assert len(set(texts)) == 4
    assert texts[0] == await said(response_format=wanted)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Say it in JSON", {"echo": "Say it in JSON"}),
        ('As JSON {no}: {"a": [1, {"b": "é"}]} please', {"a": [1, {"b": "é"}]}),
        ("{" * 500, {"echo": "{" * 500}),
    ],
)
async def test_json_object_gets_an_object(text: str, expected: Any) -> None:
    assert json.loads(await said(messages=text, response_format={"type": "json_object"})) == expected


@pytest.mark.parametrize(
    "tool_choice",
    [
        "required",
        {"type": "function", "function": {"name": "get_weather"}},
        {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [WEATHER]}},
    ],
)
async def test_a_call_that_must_be_made_is_made_with_valid_arguments(tool_choice: Any) -> None:
    ((name, arguments),) = await calls(tools=[WEATHER, TIME], tool_choice=tool_choice)
    assert name == "get_weather"
    assert list(arguments) == ["city", "unit"]
    assert arguments["unit"] in ("c", "f")


@pytest.mark.parametrize(
    "text", ["Use get_weather now", "get_weather?", "Please Get Weather for Paris", "(get-weather)"]
)
async def test_a_text_that_names_a_tool_calls_it(text: str) -> None:
    assert [name for name, _ in await calls(messages=text, tools=[TIME, WEATHER])] == ["get_weather"]


@pytest.mark.parametrize("text", ["Hello", "forget_weather", "get_weather_now", "weather"])
async def test_a_text_that_names_no_tool_is_answered_in_words(text: str) -> None:
    assert await said(messages=text, tools=[WEATHER]) == text


async def test_several_tools_that_are_named_are_called_together_in_the_order_of_the_text() -> None:
    asked: dict[str, Any] = {"messages": "Do get_time and get_weather", "tools": [WEATHER, TIME]}
    assert [name for name, _ in await calls(**asked)] == ["get_time", "get_weather"]
    assert [name for name, _ in await calls(**asked, parallel_tool_calls=False)] == ["get_time"]


async def test_a_mark_calls_with_the_arguments_as_they_are_written() -> None:
    text = '[[call:get_weather {"city": "Paris", "unit": "c"}]] [[call:get_weather {"city": "Rome"}]] get_time'
    made = (await choice(messages=text, tools=[WEATHER, TIME]))["message"].get("tool_calls", [])
    assert made is not None
    assert [one["function"]["arguments"] for one in made if one["type"] == "function"] == [
        '{"city": "Paris", "unit": "c"}',
        '{"city": "Rome"}',
    ]


async def test_a_mark_without_valid_arguments_or_name_makes_them_up() -> None:
    ((name, arguments),) = await calls(messages="[[call:get_weather nonsense]]", tools=[TIME, WEATHER])
    assert (name, list(arguments)) == ("get_weather", ["city", "unit"])
    ((name, _),) = await calls(messages="[[call]]", tools=[TIME, WEATHER])
    assert name == "get_time"
    assert await said(messages="Hi [[call:unknown]]", tools=[TIME]) == "Hi"
    assert await said(messages="Hi [[call]]") == "Hi"


async def test_a_header_calls_the_tools_it_names() -> None:
    asked: dict[str, Any] = {"tools": [WEATHER, TIME, ADD], "headers": {"x-double-call": "add, get_time, unknown"}}
    assert [name for name, _ in await calls(**asked)] == ["add", "get_time"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What is add(3, 4)?", {"a": 3, "b": 4}),
        ("add(b=1, a=2)", {"a": 2, "b": 1}),
        ('add({"a": 5, "b": 6})', {"a": 5, "b": 6}),
    ],
)
async def test_arguments_that_the_text_spells_out_are_used(text: str, expected: Any) -> None:
    assert await calls(messages=text, tools=[ADD]) == [("add", expected)]


async def test_arguments_that_are_spelled_out_in_part_are_completed() -> None:
    ((_, arguments),) = await calls(messages="get_weather('Paris')", tools=[WEATHER])
    assert arguments["city"] == "Paris"
    assert arguments["unit"] in ("c", "f")


@pytest.mark.parametrize("spelled", ["'x', 2", "a b", "__import__", "1, 2, 3; 4", "null", "**{1: 2}", "x=y"])
async def test_arguments_that_are_wrongly_spelled_out_are_made_up(spelled: str) -> None:
    ((_, arguments),) = await calls(messages=f"add({spelled})", tools=[ADD])
    assert all(isinstance(value, int) for value in arguments.values())
    assert list(arguments) == ["a", "b"]


async def test_a_tool_that_is_not_allowed_is_not_called() -> None:
    allowed = {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [TIME]}}
    text = "get_weather and get_time"
    assert [name for name, _ in await calls(messages=text, tools=[WEATHER, TIME], tool_choice=allowed)] == ["get_time"]
    assert await said(messages=text, tools=[WEATHER, TIME], tool_choice="none") == text


async def test_a_function_without_parameters_is_called_with_none() -> None:
    bare = {"type": "function", "function": {"name": "ping"}}
    assert await calls(messages="ping", tools=[bare]) == [("ping", {})]


@pytest.mark.parametrize("parameters", [{}, {"$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}}}])
async def test_arguments_are_an_object_whatever_their_schema_says(parameters: Any) -> None:
    odd = {"type": "function", "function": {"name": "odd", "parameters": parameters}}
    assert await calls(tools=[odd], tool_choice="required") == [("odd", {})]


async def test_a_custom_tool_gets_the_users_text() -> None:
    assert await calls(messages="print(1)", tools=[custom("code")], tool_choice="required") == [("code", "print(1)")]
    assert await calls(messages="[[call:code x = 1]]", tools=[custom("code")]) == [("code", "x = 1")]
    assert await calls(messages="[[call:code]]", tools=[custom("code")]) == [("code", "code")]


async def test_a_custom_tool_gets_input_by_its_grammar() -> None:
    named = {"type": "custom", "custom": {"name": "when"}}
    ((_, made),) = await calls(tools=[custom("when", r"^\d{4}-(?<m>\d\d)$", "regex")], tool_choice=named)
    assert re.fullmatch(r"\d{4}-\d\d", made)
    grammar = 'start: "go" (" " WAY)+\nWAY: "left" | "right"\n'
    ((_, made),) = await calls(tools=[custom("when", grammar, "lark")], tool_choice=named)
    parser: Any = Lark(grammar)
    assert parser.parse(made)


@pytest.mark.parametrize(("definition", "syntax"), [("(", "regex"), ("nonsense", "lark")])
async def test_a_grammar_that_cannot_be_read_is_refused(definition: str, syntax: str) -> None:
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
async def test_legacy_functions_are_called_alike(function_call: Any, text: str, expected: str | None) -> None:
    functions = [{"name": name, "parameters": {"type": "object"}} for name in ("look_up", "find")]
    chosen = {} if function_call is None else {"function_call": function_call}
    message = (await choice(messages=text, functions=functions, **chosen))["message"]
    made = message.get("function_call")
    assert (made and made["name"]) == expected
    assert "tool_calls" not in message


async def test_after_results_of_tools_words_quote_them() -> None:
    asked = [user("Use get_weather and get_time")]
    results = [*turn("get_weather", '{"temp": 20}'), *turn("get_time", "noon", "call_2")[1:]]
    results[0]["tool_calls"].append(
        {"id": "call_2", "type": "function", "function": {"name": "get_time", "arguments": ""}}
    )
    made = await said(messages=[*asked, *results], tools=[WEATHER, TIME], headers={"x-double-call": "get_time"})
    assert made == 'get_weather returned: {"temp": 20}\nget_time returned: noon'


async def test_after_a_legacy_result_words_quote_it() -> None:
    result = {"role": "function", "name": "find", "content": "42"}
    made = {"role": "assistant", "content": None, "function_call": {"name": "find", "arguments": "{}"}}
    assert await said(messages=[user("find"), made, result], functions=[{"name": "find"}]) == "find returned: 42"


async def test_a_new_turn_of_the_user_calls_again() -> None:
    history = [user("get_time"), *turn("get_time", "noon"), {"role": "assistant", "content": "Noon."}]
    assert len(await calls(messages=[*history, user("get_time again")], tools=[TIME])) == 1


async def test_a_required_call_goes_through_the_tools_and_stays_at_the_last() -> None:
    tools = [WEATHER, TIME, function("final_result", answer={"type": "string"})]
    messages: list[dict[str, Any]] = [user("Hello")]
    called: list[str] = []
    for number in range(4):
        ((name, _),) = await calls(messages=messages, tools=tools, tool_choice="required")
        called.append(name)
        messages += turn(name, "done", f"call_{number}")
    assert called == ["get_weather", "get_time", "final_result", "final_result"]


async def test_a_schema_holds_after_results_of_tools_too() -> None:
    schema = {"type": "object", "properties": {"temp": {"type": "integer"}}, "required": ["temp"]}
    history = [user("get_time"), *turn("get_time", "noon")]
    assert "temp" in json.loads(await said(messages=history, tools=[TIME], response_format=schema_format(schema)))


def test_an_agent_loop_of_the_official_client_ends(client: OpenAI) -> None:
    messages: list[Any] = [user("Please add(2, 3)")]
    tools: list[Any] = [ADD]
    said_last: list[str | None] = []
    for _ in range(5):
        message = client.chat.completions.create(model="gpt-4o", messages=messages, tools=tools).choices[0].message
        if not message.tool_calls:
            said_last.append(message.content)
            break
        messages.append(message)
        for made in message.tool_calls:
            assert made.type == "function"
            arguments = json.loads(made.function.arguments)
            result = str(arguments["a"] + arguments["b"])
            messages.append({"role": "tool", "tool_call_id": made.id, "content": result})
    assert [one["content"] for one in messages[2:]] == ["5"]
    assert said_last == ["add returned: 5"]


def test_the_official_client_parses_any_model(client: OpenAI) -> None:
    messages: list[Any] = [user("Report")]
    completion = client.chat.completions.parse(model="gpt-4o", messages=messages, response_format=Report)
    assert isinstance(completion.choices[0].message.parsed, Report)
