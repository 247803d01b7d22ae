"""Faults of content."""

import re
from typing import Any

import orjson
import pytest

from chatdouble.backend.delivery import Head, Timed
from pieces import DONE, body, fault, greeting, said, stream, whole_greeting


@pytest.mark.parametrize(("options", "broken"), [({}, 1), ({"after_chunks": 0}, 0), ({"after_chunks": 3}, 3)])
def test_the_json_of_one_chunk_is_cut_inside_an_intact_frame(options: dict[str, int], broken: int) -> None:
    left = [*fault("malformed_json", **options).on_frames(iter(greeting()))]
    frame = left[broken][1]
    assert isinstance(frame, bytes)
    assert frame.startswith(b"data: {")
    assert frame.endswith(b"\n\n")
    with pytest.raises(orjson.JSONDecodeError):
        said(frame)
    assert left[:broken] + left[broken + 1 :] == greeting()[:broken] + greeting()[broken + 1 :]


def test_the_json_of_a_whole_answer_is_cut() -> None:
    [(due, broken)] = fault("malformed_json").on_body(iter(whole_greeting()))
    assert due == 0.5
    with pytest.raises(orjson.JSONDecodeError):
        said(broken)


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


def test_the_arguments_of_each_call_lack_their_opening_brace() -> None:
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


def test_a_legacy_function_call_is_corrupted_too() -> None:
    frames = stream({"function_call": {"name": "look", "arguments": ""}}, {"function_call": {"arguments": '{"a":1}'}})
    left = [*fault("corrupt_tool_arguments").on_frames(iter(frames))]
    assert said(left[1][1])["choices"][0]["delta"]["function_call"]["arguments"] == '"a":1}'


def test_the_calls_of_a_whole_answer_are_corrupted() -> None:
    custom = {"id": "call_2", "type": "custom", "custom": {"name": "run", "input": "{}"}}
    function = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": '{"a":1}'}}
    pieces = body({"role": "assistant", "content": None, "tool_calls": [function, custom]})
    [(_, left)] = fault("corrupt_tool_arguments").on_body(iter(pieces))
    first, second = said(left)["choices"][0]["message"]["tool_calls"]
    assert first["function"] == {"name": "look", "arguments": '"a":1}'}
    assert second == custom


def test_an_answer_without_calls_is_not_corrupted() -> None:
    left = [*fault("corrupt_tool_arguments").on_frames(iter(greeting()))]
    assert left == greeting()


HEAD = Head(200, ((b"content-type", b"application/json"), (b"x-request-id", b"req_1")))


def test_the_content_type_is_html_by_default() -> None:
    head = fault("wrong_content_type").on_head(HEAD)
    assert head.headers == ((b"content-type", b"text/html; charset=utf-8"), (b"x-request-id", b"req_1"))
    assert head.status == 200


def test_the_content_type_can_be_set() -> None:
    head = fault("wrong_content_type", content_type="image/png").on_head(HEAD)
    assert dict(head.headers)[b"content-type"] == b"image/png"


CALLS = [
    {"index": at, "id": f"call_{at}", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    for at in range(2)
]


def test_every_chunk_has_a_different_id_of_the_right_form() -> None:
    left = [*fault("wrong_ids").on_frames(iter(greeting()))]
    ids = [said(frame)["id"] for _, frame in left[:-1]]
    assert len({*ids}) == len(ids) == 5
    assert all(re.fullmatch(r"chatcmpl-[0-9A-Za-z]{29}", one) for one in ids)
    assert left[-1][1] == DONE


def test_all_tool_calls_have_the_same_id() -> None:
    left = [*fault("wrong_ids").on_frames(iter(stream({"tool_calls": CALLS[:1]}, {"tool_calls": CALLS[1:]})))]
    first, second = (said(frame)["choices"][0]["delta"]["tool_calls"][0]["id"] for _, frame in left[:2])
    assert first == second
    assert re.fullmatch(r"call_[0-9A-Za-z]{24}", first)


def test_pieces_of_arguments_get_no_id() -> None:
    grows = {"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]}
    left = [*fault("wrong_ids").on_frames(iter(stream(grows)))]
    assert said(left[0][1])["choices"][0]["delta"] == grows


def test_a_whole_answer_has_another_id() -> None:
    [(_, left)] = fault("wrong_ids").on_body(iter(body({"role": "assistant", "content": None, "tool_calls": CALLS})))
    assert said(left)["id"] != "chatcmpl-one"
    assert len({call["id"] for call in said(left)["choices"][0]["message"]["tool_calls"]}) == 1


def test_the_same_seed_gives_the_same_ids() -> None:
    twice = [[*fault("wrong_ids").on_frames(iter(greeting()))] for _ in range(2)]
    assert twice[0] == twice[1]
