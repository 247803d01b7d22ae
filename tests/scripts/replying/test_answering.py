"""Scripted replies turned into answers."""

import json
import re
from typing import Any

import orjson
import pytest
import yaml

from calls import NOW, call, services
from chatdouble.backend import Call, Reply
from chatdouble.core.errors import APIError
from chatdouble.scripts.format.reply import ReplySpec
from chatdouble.scripts.matching.request_view import RequestView
from chatdouble.scripts.replying.answering import Answering
from chatdouble.scripts.replying.template_variables import TemplateVariables
from scripting import echoing, function, tool_messages


async def reply_to(asked: Call, written: str, match: dict[str, str] | None = None) -> Reply:
    spec = ReplySpec.model_validate(yaml.safe_load(written))
    variables = TemplateVariables(RequestView(asked), match or {}, 2, "rule")
    return await Answering(spec, variables, echoing, lambda: "s.yaml:7").answer()


async def answer(written: str, match: dict[str, str] | None = None, **request: Any) -> dict[str, Any]:
    found = await reply_to(call(**request), written, match)
    assert isinstance(found, dict)
    return {**found}


async def choice(written: str, match: dict[str, str] | None = None, **request: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await answer(written, match, **request))["choices"][0]
    return found


async def refused(written: str, **request: Any) -> APIError:
    with pytest.raises(APIError) as raised:
        await reply_to(call(**request), written)
    return raised.value


@pytest.mark.parametrize(
    ("written", "content", "finish"),
    [
        ("Hello!", "Hello!", "stop"),
        ("{text: ''}", "", "stop"),
        ("{content: '{{ user }}!'}", "Hello!", "stop"),
        ("{json: {a: [1, {b: null}]}}", '{"a":[1,{"b":null}]}', "stop"),
        ("{json: null}", "null", "stop"),
        ("{text: x, finish_reason: length}", "x", "length"),
        ("{choices: [one, two]}", "one", "stop"),
    ],
)
async def test_content_is_text_or_json(written: str, content: str, finish: str) -> None:
    found = await choice(written)
    assert (found["message"]["content"], found["finish_reason"]) == (content, finish)


async def test_a_refusal_has_no_content() -> None:
    message = (await choice("{refusal: 'No, {{ user }}.'}"))["message"]
    assert (message["content"], message["refusal"]) == (None, "No, Hello.")


TOOLS = [function("get"), {"type": "custom", "custom": {"name": "run"}}]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("get", {"name": "get", "arguments": "{}"}),
        ("{get: {a: 1}}", {"name": "get", "arguments": '{"a":1}'}),
        ("{get: null}", {"name": "get", "arguments": "{}"}),
        ("{name: get, arguments: {a: '{{ user }}'}}", {"name": "get", "arguments": '{"a":"Hello"}'}),
        ("{get: '{broken'}", {"name": "get", "arguments": "{broken"}),
        ("{type: function, function: {name: get, arguments: '{\"a\": 1}'}}", {"name": "get", "arguments": '{"a": 1}'}),
        ("{name: '{{ match.tool }}'}", {"name": "get", "arguments": "{}"}),
    ],
)
async def test_a_function_call_can_be_written_in_several_ways(written: str, expected: dict[str, str]) -> None:
    message = (await choice(f"{{tool_calls: [{written}]}}", {"tool": "get"}, tools=TOOLS))["message"]
    (called,) = message["tool_calls"]
    assert (called["type"], called["function"]) == ("function", expected)
    assert called["id"].startswith("call_")


@pytest.mark.parametrize(
    "written",
    ["{run: 'print(1)'}", "{name: run, input: print(1)}", "{type: custom, custom: {name: run, input: print(1)}}"],
)
async def test_a_custom_tool_is_called_with_its_input(written: str) -> None:
    message = (await choice(f"{{tool_calls: [{written}]}}", tools=TOOLS))["message"]
    assert message["tool_calls"][0]["custom"] == {"name": "run", "input": "print(1)"}


async def test_calls_keep_their_order_and_the_ids_they_are_given_and_may_follow_text() -> None:
    found = await choice("{text: Wait., tool_calls: [{id: call_1, name: get}, run, get]}", tools=TOOLS)
    message = found["message"]
    assert message["content"] == "Wait."
    ids = [made["id"] for made in message["tool_calls"]]
    assert ids[0] == "call_1"
    assert len(set(ids)) == 3
    assert found["finish_reason"] == "tool_calls"


async def test_templates_in_a_legacy_call_are_rendered() -> None:
    found = await choice(
        '{function_call: {name: get, arguments: \'{"a": "{{ user }}"}\'}}', functions=[{"name": "get"}]
    )
    assert found["message"]["function_call"] == {"name": "get", "arguments": '{"a": "Hello"}'}
    assert found["finish_reason"] == "function_call"


async def test_any_field_can_be_set_and_the_rest_is_computed() -> None:
    found = await answer(
        "{text: a, id: 'chatcmpl-{{ user }}', created: 5, model: m, service_tier: flex, system_fingerprint: fp_1,"
        " metadata: {k: v}, usage: {prompt_tokens: 100}, reasoning_tokens: 7}"
    )
    assert (found["id"], found["created"], found["model"]) == ("chatcmpl-Hello", 5, "m")
    assert (found["service_tier"], found["system_fingerprint"], found["metadata"]) == ("flex", "fp_1", {"k": "v"})
    assert found["usage"]["prompt_tokens"] == 100
    assert found["usage"]["completion_tokens_details"]["reasoning_tokens"] == 7


async def test_audio_has_the_parts_that_the_script_sets() -> None:
    request: dict[str, Any] = {
        "model": "gpt-4o-audio-preview",
        "modalities": ["text", "audio"],
        "audio": {"voice": "ash", "format": "wav"},
    }
    message = (await choice("{audio: {transcript: 'Hi {{ user }}', data: QUJD, id: audio_1}}", **request))["message"]
    assert message["audio"]["transcript"] == "Hi Hello"
    assert (message["audio"]["data"], message["audio"]["id"]) == ("QUJD", "audio_1")
    assert message["audio"]["expires_at"] > NOW


async def test_audio_is_its_transcript_if_the_request_asks_for_text() -> None:
    assert (await choice("{audio: Hi}"))["message"]["content"] == "Hi"


@pytest.mark.parametrize(
    ("written", "status", "type_", "code"),
    [
        ("400", 400, "invalid_request_error", None),
        ("401", 401, "invalid_request_error", "invalid_api_key"),
        ("404", 404, "invalid_request_error", "model_not_found"),
        ("418", 418, "invalid_request_error", None),
        ("429", 429, "requests", "rate_limit_exceeded"),
        ("500", 500, "server_error", None),
        ("503", 503, "service_unavailable_error", "server_is_overloaded"),
        ("{}", 500, "server_error", None),
        ("{status: 429, type: insufficient_quota}", 429, "insufficient_quota", "insufficient_quota"),
        ("{status: 429, code: null}", 429, "requests", None),
        ("{status: 400, code: x}", 400, "invalid_request_error", "x"),
    ],
)
async def test_an_error_has_the_apis_defaults_for_its_status(
    written: str, status: int, type_: str, code: str | None
) -> None:
    error = await refused(f"{{error: {written}}}")
    assert (error.status, error.type, error.code, error.param) == (status, type_, code, None)
    assert error.message


async def test_an_error_has_the_values_of_the_script() -> None:
    error = await refused(
        "{error: {status: 409, message: 'No, {{ user }}.', type: t, param: p, code: c, headers: {X-A: '{{ turn }}'}}}"
    )
    assert error.envelope() == {"error": {"message": "No, Hello.", "type": "t", "param": "p", "code": "c"}}
    assert error.headers == {"x-a": "1"}


@pytest.mark.parametrize(
    ("seconds", "whole", "milliseconds", "said"),
    [(20, "20", "20000", "20s"), (0.25, "1", "250", "250ms"), (1.574, "2", "1574", "1.574s"), (0, "0", "0", "0s")],
)
async def test_a_rate_limit_error_tells_when_to_retry(seconds: float, whole: str, milliseconds: str, said: str) -> None:
    error = await refused(f"{{error: {{status: 429, retry_after: {seconds}}}}}")
    assert error.headers == {"retry-after": whole, "retry-after-ms": milliseconds}
    assert f"Please try again in {said}." in error.message


SCHEMA = {
    "type": "json_schema",
    "json_schema": {"name": "n", "schema": {"type": "object", "required": ["a"], "properties": {"a": {"const": 5}}}},
}
NAMES = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"properties": {"name": {"type": "string"}}}}}


async def test_generate_answers_with_an_instance_or_a_call() -> None:
    assert orjson.loads((await choice("{generate: true}", response_format=SCHEMA))["message"]["content"])["a"] == 5
    made = await choice("{generate: true}", response_format={"type": "json_object"})
    assert isinstance(orjson.loads(made["message"]["content"]), dict)
    (called,) = (await choice("{generate: true}", tools=[function("get", a={"const": 5})]))["message"]["tool_calls"]
    assert orjson.loads(called["function"]["arguments"]) == {"a": 5}
    named = {"type": "custom", "custom": {"name": "run"}}
    (custom,) = (await choice("{generate: true}", tools=TOOLS, tool_choice=named))["message"]["tool_calls"]
    assert custom["custom"]["name"] == "run"


async def test_generate_handles_grammars_legacy_functions_and_choices_as_echo_does() -> None:
    grammar = {"type": "grammar", "grammar": {"syntax": "regex", "definition": "[ab]{5}"}}
    tool = {"type": "custom", "custom": {"name": "spell", "format": grammar}}
    (custom,) = (await choice("{generate: true}", tools=[tool]))["message"]["tool_calls"]
    assert re.fullmatch("[ab]{5}", custom["custom"]["input"])
    functions = [{"name": name, "parameters": {"properties": {"a": {"type": "string"}}}} for name in ("get", "set")]
    asked: dict[str, Any] = {"functions": functions, "function_call": {"name": "set"}, "messages": "set it to 'red'"}
    legacy = (await choice("{generate: true}", **asked))["message"]["function_call"]
    assert legacy == {"name": "set", "arguments": '{"a":"red"}'}
    choices = (await answer("{generate: true}", response_format=NAMES, n=3))["choices"]
    assert len({one["message"]["content"] for one in choices}) == 3


async def test_generate_answers_with_text_after_tool_results() -> None:
    messages = [{"role": "user", "content": "x"}, *tool_messages("get", "21")]
    asked: dict[str, Any] = {"messages": messages, "tools": [function("get", a={"const": 5})]}
    assert (await choice("{generate: true}", **asked))["message"]["content"] == "get returned: 21"
    assert (await choice("{generate: true}", **asked, tool_choice="required"))["message"]["tool_calls"]


@pytest.mark.parametrize("written", ["{generate: true}", "{echo: true}", "{upstream: true}", "{fault: stall}"])
async def test_another_backend_answers_for_a_reply_without_a_message(written: str) -> None:
    assert (await choice(written, messages="back to you"))["message"]["content"] == "back to you"


async def test_a_template_that_fails_is_a_500_with_file_and_line_that_no_client_retries() -> None:
    error = await refused("{text: '{{ match.city }}'}")
    assert (error.status, error.type, error.code) == (500, "script_error", "script_error")
    assert error.message.startswith("s.yaml:7: the template '{{ match.city }}' cannot be rendered: ")
    assert error.headers == {"x-should-retry": "false"}


async def test_a_value_that_is_a_single_expression_keeps_its_type() -> None:
    messages = [{"role": "user", "content": "x"}, *tool_messages("get", '{"temp": 21, "items": [1]}')]
    found = await choice(
        "{json: {n: '{{ tool.json.temp }}', s: 'is {{ tool.json.temp }}', l: '{{ tool.json.items }}',"
        " by: '{{ tools.get.text }}', '{{ user }}': 1}}",
        messages=messages,
    )
    value = orjson.loads(found["message"]["content"])
    assert value == {"n": 21, "s": "is 21", "l": [1], "by": '{"temp": 21, "items": [1]}', "x": 1}


async def test_templates_have_the_request_the_session_the_turn_and_the_time() -> None:
    found = await choice(
        "'{{ request.model }} {{ session }} {{ turn }} {{ headers.accept }} {{ counter.rule }} {{ counter.session }}"
        " {{ now.isoformat() }}'",
        headers={"accept": "b"},
        ordinal=4,
    )
    assert found["message"]["content"] == "gpt-4o sk-test 1 b 3 4 2025-07-20T08:26:40+00:00"


async def test_random_values_are_the_same_for_the_same_call() -> None:
    drawn = ("integer(1, 6)", "hex()", "uuid()", "number()", "choice([1, 2])")
    written = json.dumps(" ".join(f"{{{{ random.{draw} }}}}" for draw in drawn))
    texts = [(await choice(written, shared=services(), ordinal=number))["message"]["content"] for number in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]
