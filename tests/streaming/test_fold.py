"""Chunks folded into completions: the inverse of slicing, and equal to the official client's."""

from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from hypothesis import given, settings
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletionChunk

from calls import call
from chatdouble.schema.chunk import Chunk
from chatdouble.schema.completion import Completion
from chatdouble.streaming.fold import fold, fold_async
from chatdouble.streaming.slice import slices
from completions import USAGE, completions, said
from parts import portion

ASKED = call(stream=True, stream_options={"include_usage": True})


def chunk(*choices: dict[str, Any], **more: Any) -> Chunk:
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return cast("Chunk", {**head, "choices": list(choices), **more})


def delta(index: int = 0, finish: str | None = None, **said: Any) -> dict[str, Any]:
    return {"index": index, "delta": said, "finish_reason": finish}


def folded_message(*deltas: dict[str, Any]) -> dict[str, Any]:
    """Return the message of one choice's deltas."""
    whole = cast("dict[str, Any]", fold(chunk(delta(**said)) for said in deltas))
    return cast("dict[str, Any]", whole["choices"][0]["message"])


@given(completions())
def test_folding_is_the_inverse_of_slicing(answer: Completion) -> None:
    folded = fold(slices(answer, ASKED))
    assert folded == answer
    assert list(folded) == list(answer)
    assert [list(choice["message"]) for choice in folded["choices"]] == [
        list(choice["message"]) for choice in answer["choices"]
    ]


@given(completions())
def test_without_include_usage_only_the_usage_is_lost(answer: Completion) -> None:
    folded = fold(slices(answer, call(stream=True)))
    assert {**folded, "usage": USAGE} == answer


@settings(max_examples=portion(50))
@given(completions(custom=False))
def test_the_official_client_folds_to_the_same(answer: Completion) -> None:
    state = ChatCompletionStreamState()
    for piece in slices(answer, ASKED):
        state.handle_chunk(ChatCompletionChunk.model_validate(piece))
    snapshot = state.current_completion_snapshot.model_dump(exclude_unset=True)
    for seen, meant in zip(snapshot["choices"], cast("dict[str, Any]", answer)["choices"], strict=True):
        assert as_the_client_sees(meant) == without_null(seen)
    # A sound's expiry, after the usage, says `usage: null`, and the client believes it.
    sounds = any(choice["message"].get("audio") for choice in answer["choices"])
    assert (snapshot["id"], snapshot["usage"]) == (answer["id"], None if sounds else USAGE)


def as_the_client_sees(choice: dict[str, Any]) -> dict[str, Any]:
    """Return a choice with what the client (3.54.0) makes differently of any stream.

    It knows no streamed calls of custom tools, no annotations unless some came, keeps the index of tool
    calls, and sees no finish reason where sound merely stops, since the API sends none; null and missing
    are the same to it. Of sound the API sends the role and the id twice, and the client joins them.
    """
    message = {key: value for key, value in choice["message"].items() if value not in (None, [])}
    if "tool_calls" in message:
        message["tool_calls"] = [{"index": at, **call} for at, call in enumerate(message["tool_calls"])]
    if "audio" in message:
        message["role"] *= 2
        message["audio"] = {**message["audio"], "id": message["audio"]["id"] * 2}
    finish = None if "audio" in message and choice["finish_reason"] == "stop" else choice["finish_reason"]
    return cast("dict[str, Any]", without_null({**choice, "message": message, "finish_reason": finish}))


def without_null(value: Any) -> Any:
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return {key: without_null(held) for key, held in items if held is not None and key != "parsed"}
    if isinstance(value, list):
        return [without_null(held) for held in cast("list[object]", value)]
    return value


async def test_chunks_are_folded_as_they_arrive() -> None:
    async def coming() -> AsyncIterator[Chunk]:
        for piece in slices(said("Hello there"), ASKED):
            yield piece

    assert await fold_async(coming()) == said("Hello there")


def test_folding_does_not_change_the_chunks() -> None:
    chunks = [chunk(delta(tool_calls=[{"index": 0, "function": {"arguments": "a"}}], notes=[1]))] * 2
    before = repr(chunks)
    fold(chunks)
    assert repr(chunks) == before


def test_repeated_ids_types_and_names_are_not_concatenated() -> None:
    piece = {"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": "1"}}
    folded = folded_message({"role": "assistant", "tool_calls": [piece]}, {"role": "assistant", "tool_calls": [piece]})
    assert folded["role"] == "assistant"
    assert folded["tool_calls"] == [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "11"}}]


def test_tool_calls_without_an_index_are_distinguished_by_their_ids() -> None:
    folded = folded_message(
        {"tool_calls": [{"id": "a", "function": {"name": "f", "arguments": "1"}}]},
        {"tool_calls": [{"function": {"arguments": "2"}}]},
        {"tool_calls": [{"id": "b", "function": {"name": "g", "arguments": "3"}}]},
    )
    assert [(call["id"], call["type"], call["function"]["arguments"]) for call in folded["tool_calls"]] == [
        ("a", "function", "12"),
        ("b", "function", "3"),
    ]


def test_whole_tool_calls_in_one_delta_are_kept() -> None:
    calls = [{"index": at, "id": str(at), "type": "custom", "custom": {"name": "n", "input": "x"}} for at in (1, 0)]
    assert [call["id"] for call in folded_message({"tool_calls": calls})["tool_calls"]] == ["0", "1"]


def test_deltas_may_lack_a_role_and_have_nulls() -> None:
    assert folded_message({"content": "a"}, {"content": None}, {"content": "b"}) == {
        "role": "assistant",
        "content": "ab",
        "refusal": None,
        "annotations": [],
    }


def test_unknown_keys_of_deltas_are_concatenated() -> None:
    folded = folded_message(
        {"reasoning_content": "Hm", "reasoning_details": [{"text": "a"}], "cost": 1},
        {"reasoning_content": ".", "reasoning_details": [{"text": "b"}], "cost": 2},
    )
    assert folded["reasoning_content"] == "Hm."
    assert folded["reasoning_details"] == [{"text": "a"}, {"text": "b"}]
    assert folded["cost"] == 2


def test_a_value_of_another_type_replaces_the_old_one() -> None:
    assert folded_message({"x": "a"}, {"x": {"b": 1}}, {"x": {"c": 2}})["x"] == {"b": 1, "c": 2}


def test_unknown_keys_of_chunks_and_choices_are_kept() -> None:
    filtered = {"index": 0, "delta": None, "content_filter_results": {"hate": {"filtered": False}}}
    folded = cast("dict[str, Any]", fold([chunk(provider="p"), chunk(filtered, provider="p")]))
    assert folded["provider"] == "p"
    assert folded["choices"][0]["content_filter_results"] == {"hate": {"filtered": False}}


def test_a_first_chunk_without_id_or_choices_does_not_hide_later_values() -> None:
    opening = cast("Chunk", {"id": "", "created": 0, "model": "", "choices": None, "object": ""})
    folded = fold([opening, chunk(delta(content="a"))])
    assert (folded["id"], folded["created"], folded["model"]) == ("chatcmpl-1", 1, "m")


def test_the_last_usage_counts() -> None:
    counted = [{"prompt_tokens": 1, "completion_tokens": n, "total_tokens": n + 1} for n in (1, 2)]
    folded = fold([chunk(delta(content="a"), usage=counted[0]), chunk(usage=counted[1]), chunk(usage=None)])
    assert folded.get("usage") == counted[1]


@pytest.mark.parametrize(
    ("said", "finish"),
    [
        ({"content": "a"}, "stop"),
        ({"tool_calls": [{"index": 0}]}, "tool_calls"),
        ({"function_call": {"name": "f"}}, "function_call"),
    ],
)
def test_a_missing_finish_reason_is_the_one_that_suits_the_message(said: dict[str, Any], finish: str) -> None:
    assert fold([chunk(delta(**said))])["choices"][0]["finish_reason"] == finish


def test_a_repeated_finish_reason_is_not_concatenated() -> None:
    assert fold([chunk(delta(finish="stop")), chunk(delta(finish="stop"))])["choices"][0]["finish_reason"] == "stop"


def test_a_stream_without_chunks_cannot_be_folded() -> None:
    with pytest.raises(ValueError, match="without chunks"):
        fold([])
