"""The fault `corrupt_tool_arguments`."""

from typing import Any

import orjson
import pytest

from chatdouble.backend.delivery import Timed
from pieces import body, fault, greeting, said, stream


def opens(at: int) -> dict[str, Any]:
    call = {"index": at, "id": f"call_{at}", "type": "function", "function": {"name": "look", "arguments": ""}}
    return {"tool_calls": [call]}


def grows(at: int, arguments: str) -> dict[str, Any]:
    return {"tool_calls": [{"index": at, "function": {"arguments": arguments}}]}


def arguments(frames: list[Timed], at: int) -> str:
    calls = (
        call
        for _, frame in frames[:-1]
        for choice in said(frame)["choices"]
        for call in choice["delta"].get("tool_calls", ())
    )
    return "".join(call["function"]["arguments"] for call in calls if call["index"] == at)


def test_each_calls_arguments_lack_the_brace_that_opens_them() -> None:
    frames = stream(
        {"role": "assistant", "content": None},
        opens(0),
        grows(0, '{"'),
        grows(0, 'in": {"a":'),
        grows(0, "1}}"),
        opens(1),
        grows(1, "{}"),
    )
    left = [*fault("corrupt_tool_arguments").on_frames(iter(frames))]
    assert arguments(left, 0) == '"in": {"a":1}}'
    assert arguments(left, 1) == "}"
    for at in (0, 1):
        with pytest.raises(orjson.JSONDecodeError):
            orjson.loads(arguments(left, at))


def test_a_legacy_function_call_is_corrupt_too() -> None:
    frames = stream({"function_call": {"name": "look", "arguments": ""}}, {"function_call": {"arguments": '{"a":1}'}})
    left = [*fault("corrupt_tool_arguments").on_frames(iter(frames))]
    assert said(left[1][1])["choices"][0]["delta"]["function_call"]["arguments"] == '"a":1}'


def test_the_calls_of_a_whole_answer_are_corrupt() -> None:
    custom = {"id": "call_2", "type": "custom", "custom": {"name": "run", "input": "{}"}}
    function = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": '{"a":1}'}}
    pieces = body({"role": "assistant", "content": None, "tool_calls": [function, custom]})
    [(_, left)] = fault("corrupt_tool_arguments").on_body(iter(pieces))
    first, second = said(left)["choices"][0]["message"]["tool_calls"]
    assert first["function"] == {"name": "look", "arguments": '"a":1}'}
    assert second == custom


def test_an_answer_without_calls_says_the_same() -> None:
    left = [*fault("corrupt_tool_arguments").on_frames(iter(greeting()))]
    assert left == greeting()
