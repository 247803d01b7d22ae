"""The fault `wrong_ids`."""

import re

from pieces import DONE, body, fault, greeting, said, stream

CALLS = [
    {"index": at, "id": f"call_{at}", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    for at in range(2)
]


def test_every_chunk_has_an_id_of_its_own_in_the_right_form() -> None:
    left = [*fault("wrong_ids").on_frames(iter(greeting()))]
    ids = [said(frame)["id"] for _, frame in left[:-1]]
    assert len({*ids}) == len(ids) == 5
    assert all(re.fullmatch(r"chatcmpl-[0-9A-Za-z]{29}", one) for one in ids)
    assert left[-1][1] == DONE


def test_all_calls_of_tools_share_an_id() -> None:
    left = [*fault("wrong_ids").on_frames(iter(stream({"tool_calls": CALLS[:1]}, {"tool_calls": CALLS[1:]})))]
    first, second = (said(frame)["choices"][0]["delta"]["tool_calls"][0]["id"] for _, frame in left[:2])
    assert first == second
    assert re.fullmatch(r"call_[0-9A-Za-z]{24}", first)


def test_pieces_of_arguments_stay_without_an_id() -> None:
    grows = {"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]}
    left = [*fault("wrong_ids").on_frames(iter(stream(grows)))]
    assert said(left[0][1])["choices"][0]["delta"] == grows


def test_a_whole_answer_has_the_id_of_another() -> None:
    [(_, left)] = fault("wrong_ids").on_body(iter(body({"role": "assistant", "content": None, "tool_calls": CALLS})))
    assert said(left)["id"] != "chatcmpl-one"
    assert len({call["id"] for call in said(left)["choices"][0]["message"]["tool_calls"]}) == 1


def test_the_same_chance_gives_the_same_ids() -> None:
    twice = [[*fault("wrong_ids").on_frames(iter(greeting()))] for _ in range(2)]
    assert twice[0] == twice[1]
