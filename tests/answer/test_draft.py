"""Stops and token limits truncate an answer where the real API would, with its finish reasons."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls import TOKENIZERS, call, model
from chatdouble.answer.compose import compose
from chatdouble.answer.draft import Draft, OutputLimits, apply_limits, stop_texts, until_stop
from chatdouble.schema.completion import Choice, CustomToolCall, FinishReason, FunctionToolCall
from chatdouble.tokens.overhead import framing
from corpora import full_corpora
from recorded_exchanges import exchanges

TOKENIZER = TOKENIZERS["o200k_base"]
PLAIN = framing(model("gpt-4o"), 0, forced=False)
LOOK_UP: dict[str, Any] = {
    "type": "function",
    "function": {"name": "look_up", "parameters": {"type": "object", "properties": {}}},
}
RETIRED = "gpt-4-vision-preview"
NAMED = {"type": "function", "function": {"name": "look_up"}}


def looking_up(arguments: str = '{"word":"owl"}') -> FunctionToolCall:
    return {"id": "", "type": "function", "function": {"name": "look_up", "arguments": arguments}}


async def choice(draft: Draft, **request: Any) -> Choice:
    return (await compose(call(**request), [draft]))["choices"][0]


async def completion_tokens(draft: Draft, **request: Any) -> int:
    made = await compose(call(**request), [draft])
    assert "usage" in made
    return made["usage"]["completion_tokens"]


@pytest.mark.parametrize(
    ("stop", "left"),
    [
        ("three", "one two "),
        (["three", "two"], "one "),
        (["four"], "one two three"),
        ("one", ""),
        (None, "one two three"),
    ],
)
async def test_a_text_ends_before_the_first_stop(stop: Any, left: str) -> None:
    made = await choice(Draft(content="one two three"), stop=stop)
    assert made["message"]["content"] == left
    assert made["finish_reason"] == "stop"


@given(text=st.text(), stops=st.lists(st.text(min_size=1, max_size=3), max_size=4))
def test_a_text_contains_no_stop(text: str, stops: list[str]) -> None:
    left = until_stop(text, stop_texts(stops))
    assert text.startswith(left)
    assert not any(stop in left for stop in stops)


@pytest.mark.parametrize("field", ["max_tokens", "max_completion_tokens"])
async def test_a_token_limit_truncates_between_tokens_and_is_used_up(field: str) -> None:
    said = Draft(content="one two three four five six")
    made = await choice(said, **{field: 3})
    assert made["message"]["content"] == "one two three"
    assert made["finish_reason"] == "length"
    assert await completion_tokens(said, **{field: 3}) == 3


async def test_a_text_of_exactly_the_limit_is_not_truncated() -> None:
    made = await choice(Draft(content="one two three"), max_tokens=3)
    assert made["message"]["content"] == "one two three"
    assert made["finish_reason"] == "stop"


@given(text=st.text(min_size=1), tokens=st.integers(0, 20))
def test_a_truncated_text_consists_of_whole_characters_within_its_tokens(text: str, tokens: int) -> None:
    said = apply_limits(Draft(content=text), OutputLimits(tokens, (), PLAIN), 0, TOKENIZER)
    assert said.content is not None
    assert text.startswith(said.content)
    assert said.tokens <= tokens
    assert (said.finish_reason == "length") == (TOKENIZER.count(text) > tokens)


@given(
    text=st.text(max_size=20),
    room=st.integers(0, 12),
    reasoning=st.integers(0, 4),
    ending=st.sampled_from([None, "length"]),
)
def test_a_text_within_the_limits_has_the_output_of_one_that_has_to_be_searched_for_stops(
    text: str, room: int, reasoning: int, ending: FinishReason | None
) -> None:
    draft = Draft(content=text, finish_reason=ending)
    output = apply_limits(draft, OutputLimits(room, (), PLAIN), reasoning, TOKENIZER)
    assert output == apply_limits(draft, OutputLimits(room, ("no such text",), PLAIN), reasoning, TOKENIZER)
    if reasoning + PLAIN.text + TOKENIZER.count(text) > room:
        assert output.finish_reason == (ending or "length")
        assert output.tokens == room


@pytest.mark.parametrize(
    ("draft", "kept"),
    [
        (Draft(), (None, None, 0)),
        (Draft(refusal="No."), (None, "No.", 0)),
        (Draft(content="a", refusal="b"), (None, "b", 0)),
        (Draft(content="a", tool_calls=[looking_up()]), ("a", None, 1)),
    ],
)
def test_a_draft_of_more_than_a_text_keeps_its_parts(draft: Draft, kept: tuple[str | None, str | None, int]) -> None:
    output = apply_limits(draft, OutputLimits(100, (), PLAIN), 0, TOKENIZER)
    assert (output.content, output.refusal, len(output.tool_calls)) == kept


async def test_a_character_of_several_tokens_is_kept_whole_or_dropped() -> None:
    made = await choice(Draft(content="\N{SNOWMAN}\N{VARIATION SELECTOR-16}" * 4), max_tokens=2)
    content = made["message"]["content"]
    assert content is not None
    assert "\N{REPLACEMENT CHARACTER}" not in content


async def test_a_tool_call_is_truncated_in_its_arguments() -> None:
    whole = Draft(tool_calls=[looking_up('{"word":"a rather long word that goes on"}')])
    made = await choice(whole, tools=[LOOK_UP], max_tokens=14)
    (left,) = made["message"].get("tool_calls") or []
    assert left["type"] == "function"
    assert left["function"]["name"] == "look_up"
    assert '{"word":"a rather long word that goes on"}'.startswith(left["function"]["arguments"])
    assert made["finish_reason"] == "length"


async def test_tool_calls_beyond_the_limit_are_dropped() -> None:
    made = await choice(Draft(content="one two three", tool_calls=[looking_up()]), tools=[LOOK_UP], max_tokens=3)
    assert "tool_calls" not in made["message"]
    assert made["message"]["content"] == "one two three"
    assert made["finish_reason"] == "length"


@pytest.mark.parametrize("limit", [1, 13])
async def test_a_legacy_call_is_truncated_or_dropped(limit: int) -> None:
    said = Draft(function_call={"name": "look_up", "arguments": '{"word":"a rather long word"}'})
    made = await choice(said, functions=[LOOK_UP["function"]], max_tokens=limit)
    assert made["finish_reason"] == "length"
    assert ("function_call" in made["message"]) == (limit > 1)


@pytest.mark.parametrize(("limit", "left"), [(1, []), (12, ["one two"]), (None, ["one two three four five six"])])
async def test_a_custom_tool_call_is_truncated_in_its_input(limit: int | None, left: list[str]) -> None:
    said: CustomToolCall = {
        "id": "",
        "type": "custom",
        "custom": {"name": "write", "input": "one two three four five six"},
    }
    made = await choice(Draft(tool_calls=[said]), model="gpt-4o", max_tokens=limit)
    kept = [held["custom"]["input"] for held in made["message"].get("tool_calls") or [] if held["type"] == "custom"]
    assert [text[:7] for text in kept] == [text[:7] for text in left]
    assert made["finish_reason"] == ("length" if limit else "tool_calls")


async def test_a_stop_in_the_text_ends_the_answer_before_its_tool_calls() -> None:
    made = await choice(Draft(content="one two", tool_calls=[looking_up()]), tools=[LOOK_UP], stop=" two")
    assert "tool_calls" not in made["message"]
    assert made["finish_reason"] == "stop"


async def test_the_content_is_empty_if_reasoning_uses_up_the_limit() -> None:
    made = await compose(call(model="gpt-5-mini", max_completion_tokens=50), [Draft(content="Hello")])
    assert made["choices"][0]["message"]["content"] == ""
    assert made["choices"][0]["finish_reason"] == "length"
    assert made.get("usage", {}).get("completion_tokens") == 50
    assert made.get("usage", {}).get("completion_tokens_details", {}).get("reasoning_tokens") == 50


async def test_the_limit_of_the_model_truncates() -> None:
    made = await choice(Draft(content="word " * 5000), model="gpt-4")
    assert made["finish_reason"] == "stop"
    made = await choice(Draft(content="word " * 9000), model="gpt-4")
    assert made["finish_reason"] == "length"


@pytest.mark.parametrize(
    ("request_", "ending"),
    [
        ({"tool_choice": "auto"}, "tool_calls"),
        ({"tool_choice": "required"}, "tool_calls"),
        ({"tool_choice": NAMED}, "stop"),
        ({"tool_choice": NAMED, "model": "gpt-5-mini"}, "tool_calls"),
        ({"tool_choice": "required", "model": "gpt-4"}, "stop"),
        ({"tool_choice": "auto", "model": "gpt-4"}, "tool_calls"),
    ],
)
async def test_the_finish_reason_of_tool_calls_depends_on_the_tool_choice(
    request_: dict[str, Any], ending: str
) -> None:
    made = await choice(Draft(tool_calls=[looking_up()]), tools=[LOOK_UP], **request_)
    assert made["finish_reason"] == ending


@pytest.mark.parametrize(("chosen", "ending"), [("auto", "function_call"), ({"name": "look_up"}, "stop")])
async def test_the_finish_reason_of_a_legacy_call_depends_on_the_function_call(chosen: Any, ending: str) -> None:
    said = Draft(function_call={"name": "look_up", "arguments": "{}"})
    made = await choice(said, functions=[LOOK_UP["function"]], function_call=chosen)
    assert made["finish_reason"] == ending


async def test_the_finish_reason_of_a_draft_is_kept() -> None:
    made = await choice(Draft(content="Hello", finish_reason="content_filter"))
    assert made["finish_reason"] == "content_filter"


@full_corpora
async def test_drafts_of_recorded_answers_become_the_same_answers() -> None:
    for row in exchanges():
        theirs, asked = row["response_body"]["choices"], row["request_body"]
        if len(theirs) > 1 or theirs[0]["finish_reason"] == "length" or asked["model"] == RETIRED:
            continue
        message = theirs[0]["message"]
        said = Draft(
            content=message["content"],
            refusal=message.get("refusal"),
            tool_calls=message.get("tool_calls") or [],
            function_call=message.get("function_call"),
            reasoning_tokens=0,
        )
        made = await choice(said, **asked)
        assert made["finish_reason"] == theirs[0]["finish_reason"], row["source"]
        assert made["message"]["content"] == message["content"]


async def test_the_stop_that_ended_an_answer_was_written_and_costs_its_tokens() -> None:
    said = Draft(content="one two three")
    assert await completion_tokens(said, stop=[" two", " two thr"]) == 1 + TOKENIZER.count(" two thr")
    assert await completion_tokens(said, stop=" two", max_tokens=1) == 1


async def test_several_calls_cost_what_the_one_costs_that_stands_for_them() -> None:
    text = (
        '{"tool_uses":[{"recipient_name":"functions.look_up","parameters":{"word":"owl"}},'
        '{"recipient_name":"functions.look_up","parameters":{"word":"owl"}}]}'
    )
    both = Draft(tool_calls=[looking_up(), looking_up('{ "word": "owl" }')])
    assert await completion_tokens(both, tools=[LOOK_UP]) == TOKENIZER.count(text) + 10


async def test_a_text_before_a_call_costs_three_more() -> None:
    alone = await completion_tokens(Draft(tool_calls=[looking_up()]), tools=[LOOK_UP])
    told = await completion_tokens(Draft(content="one", tool_calls=[looking_up()]), tools=[LOOK_UP])
    assert told == alone + 1 + 3
