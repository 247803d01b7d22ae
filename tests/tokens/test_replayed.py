"""Earlier calls and results are messages of their own, and several at once are one."""

from typing import Any

import pytest

from chatdouble.tokens.replayed import PARALLEL, Turn, is_replayed, turns


def called(*calls: tuple[str, str]) -> dict[str, Any]:
    """Return an answer that calls functions."""
    made = [
        {"id": f"call_{at}", "type": "function", "function": {"name": name, "arguments": arguments}}
        for at, (name, arguments) in enumerate(calls)
    ]
    return {"role": "assistant", "content": None, "tool_calls": made}


def result(content: Any, at: int = 0) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": f"call_{at}", "content": content}


def test_a_call_is_for_its_function_and_its_result_is_from_it() -> None:
    messages = [
        {"role": "user", "content": "Hi"},
        called(("look_up", '{ "word" : "Eule",  "n": [1, 2] }')),
        result("owl"),
    ]
    assert [*turns(messages)] == [
        Turn("look_up", '{"word":"Eule","n":[1,2]}', is_call=True),
        Turn("functions.look_up", "owl", is_call=False),
    ]


def test_arguments_that_are_no_json_stay_as_they_are() -> None:
    (turn,) = turns([called(("look_up", '{"word": '))])
    assert turn.content == '{"word": '


def test_several_calls_are_one_and_their_results_are_one_list() -> None:
    messages = [
        called(("add", '{"a": 1}'), ("tell", "{}")),
        result("3"),
        result([{"type": "text", "text": "40 "}, {"type": "text", "text": "°C"}], 1),
    ]
    assert [*turns(messages)] == [
        Turn(
            PARALLEL,
            '{"tool_uses":[{"recipient_name":"functions.add","parameters":{"a":1}},'
            '{"recipient_name":"functions.tell","parameters":{}}]}',
            is_call=True,
        ),
        Turn(PARALLEL, '[3, "40 \\u00b0C"]', is_call=False),
    ]


def test_one_call_after_several_is_one_again() -> None:
    messages = [called(("add", "{}"), ("add", "{}")), result("1"), result("2", 1), called(("tell", "{}")), result("3")]
    assert [turn.party for turn in turns(messages)] == [PARALLEL, PARALLEL, "tell", "functions.tell"]


def test_legacy_calls_and_results_are_read_alike() -> None:
    messages: list[dict[str, Any]] = [
        {"role": "assistant", "content": None, "function_call": {"name": "add", "arguments": '{"a": 1}'}},
        {"role": "function", "name": "add", "content": "2"},
    ]
    assert [*turns(messages)] == [Turn("add", '{"a":1}', is_call=True), Turn("functions.add", "2", is_call=False)]


def test_a_custom_tool_was_given_text() -> None:
    custom = {"id": "call_0", "type": "custom", "custom": {"name": "write", "input": '{"a": 1}'}}
    assert [*turns([{"role": "assistant", "tool_calls": [custom]}])] == [Turn("write", '{"a": 1}', is_call=True)]


def test_a_result_of_no_known_call_is_from_nobody() -> None:
    assert [turn.party for turn in turns([result("3")])] == [""]


@pytest.mark.parametrize(
    ("message", "replayed"),
    [
        (called(("add", "{}")), True),
        (result("3"), True),
        ({"role": "function", "name": "add", "content": "3"}, True),
        ({"role": "assistant", "function_call": {"name": "add", "arguments": ""}}, True),
        ({"role": "assistant", "content": "Hi", "tool_calls": None}, False),
        ({"role": "assistant", "content": "Hi", "tool_calls": []}, False),
        ({"role": "user", "content": "Hi"}, False),
    ],
)
def test_calls_and_results_are_told_from_the_rest(message: dict[str, Any], replayed: bool) -> None:
    assert is_replayed(message) is replayed
