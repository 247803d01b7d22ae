"""Calls and their answers, one after another (rules#message-order)."""

from typing import Any

from saying import USER, said

DONE = {"role": "tool", "content": "4"}


def _called(*ids: str) -> dict[str, Any]:
    calls = [{"id": one, "type": "function", "function": {"name": "f", "arguments": "{}"}} for one in ids]
    return {"role": "assistant", "content": None, "tool_calls": calls}


def _answered(one: str) -> dict[str, Any]:
    return {"role": "tool", "content": "4", "tool_call_id": one}


def _unanswered(ids: str, place: int) -> tuple[str, str, None]:
    message = (
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
        f"'tool_call_id'. The following tool_call_ids did not have response messages: {ids}"
    )
    return message, f"messages.[{place}].role", None


def test_calls_that_are_answered_in_any_order_are_taken() -> None:
    assert said(messages=[USER, _called("a", "b"), _answered("b"), _answered("a"), USER]) is None


def test_a_call_without_its_answer_is_refused_at_the_next_message() -> None:
    assert said(messages=[USER, _called("a"), USER]) == _unanswered("a", 2)
    assert said(messages=[USER, _called("a", "b", "c"), _answered("b"), USER]) == _unanswered("a, c", 3)


def test_a_call_without_its_answer_at_the_end_is_refused() -> None:
    message, _, code = _unanswered("a", 2)
    assert said(messages=[USER, _called("a")]) == (message, "messages", code)


def test_a_tool_answers_no_legacy_function() -> None:
    legacy = [{"name": "f"}]
    assert said(messages=[USER, _called("a"), _answered("a")], functions=legacy) == (
        "Invalid parameter: messages with role 'tool' cannot be used when 'functions' are present",
        "messages.[2].role",
        None,
    )
    assert said(messages=[USER, {"role": "function", "name": "f", "content": "4"}], functions=legacy) is None


def test_an_answer_without_a_call_is_refused() -> None:
    message = (
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
    )
    assert said(messages=[USER, _answered("a")]) == (message, "messages.[1].role", None)
    assert said(messages=[_called("a"), _answered("a"), USER, _answered("a")]) == (
        message,
        "messages.[3].role",
        None,
    )


def test_a_call_answered_twice_is_refused() -> None:
    assert said(messages=[USER, _called("a"), _answered("a"), _answered("a")]) == (
        "Invalid parameter: Duplicate value for 'tool_call_id' of 'a', in messages[2] and messages[3].",
        "messages.[3].tool_call_id",
        None,
    )


def test_an_answer_to_another_call_is_refused() -> None:
    assert said(messages=[USER, _called("a"), _answered("z"), _answered("a")]) == (
        "Invalid parameter: 'tool_call_id' of 'z' not found in 'tool_calls' of previous message.",
        "messages.[2].tool_call_id",
        None,
    )


def test_an_assistant_says_calls_or_refuses_something() -> None:
    expected = ("Invalid value for 'content': expected a string, got null.", "messages.[1].content", None)
    for nothing in ({}, {"content": None}, {"function_call": None}, {"refusal": None}):
        assert said(messages=[USER, {"role": "assistant", **nothing}]) == expected
    call = {"function_call": {"name": "f", "arguments": "{}"}}
    assert said(messages=[USER, {"role": "assistant", "content": None, **call}]) is None


def test_missing_content_is_found_before_a_missing_answer() -> None:
    answer = said(messages=[USER, _called("a"), USER, {"role": "assistant"}])
    assert answer is not None
    assert answer[1] == "messages.[3].content"
