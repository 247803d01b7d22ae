"""Log probabilities belong to the tokens of the text, and are plausible."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls import TOKENIZERS, call
from chatdouble.answer.compose import compose
from chatdouble.answer.draft import ChoiceOutput, Draft
from chatdouble.answer.logprobs import logprobs_of, token_text
from chatdouble.core.chance import Chance
from chatdouble.core.errors import APIError
from chatdouble.schema.completion import Choice, Logprobs, TokenLogprob

TOKENIZER = TOKENIZERS["o200k_base"]


async def choice(draft: Draft | str = "Hello there", **request: Any) -> Choice:
    said = Draft(content=draft) if isinstance(draft, str) else draft
    return (await compose(call(**request), [said]))["choices"][0]


async def content(text: str, **request: Any) -> list[TokenLogprob]:
    found = (await choice(text, **request)).get("logprobs")
    assert found is not None
    assert found["content"] is not None
    return found["content"]


def all_bytes(entries: list[TokenLogprob]) -> bytes:
    return b"".join(bytes(entry["bytes"] or ()) for entry in entries)


async def test_log_probabilities_are_null_unless_asked_for() -> None:
    assert (await choice()).get("logprobs", "missing") is None
    assert "logprobs" not in await choice(model="gpt-5")
    assert "logprobs" in await choice(model="gpt-5.1", logprobs=True)


@given(text=st.text(min_size=1), tops=st.integers(0, 20))
def test_the_tokens_spell_the_text_and_the_probabilities_add_up_to_at_most_1(text: str, tops: int) -> None:
    found = logprobs_of(ChoiceOutput(text), tops, TOKENIZER, Chance("0"))["content"]
    assert found is not None
    assert all_bytes(found) == text.encode()
    for entry in found:
        likeliest = entry["top_logprobs"]
        assert len(likeliest) == tops
        assert entry["logprob"] <= 0
        if tops:
            assert entry["token"] in [top["token"] for top in likeliest]
        assert len({top["token"] for top in likeliest}) == tops
        assert [top["logprob"] for top in likeliest] == sorted((t["logprob"] for t in likeliest), reverse=True)
        assert sum(math.exp(top["logprob"]) for top in likeliest) <= 1


async def test_a_token_has_its_text_its_bytes_and_its_top_logprobs() -> None:
    (first, _) = await content("Hello there", logprobs=True)
    assert list(first) == ["token", "logprob", "bytes", "top_logprobs"]
    assert first["token"] == "Hello"
    assert first["bytes"] == list(b"Hello")
    assert first["top_logprobs"] == []


async def test_a_part_of_a_character_is_written_as_its_bytes() -> None:
    assert token_text(b"\xe2\x98") == r"\xe2\x98"
    entries = await content("\N{FACE WITH TEARS OF JOY}\N{SNAKE}", logprobs=True)
    assert all_bytes(entries) == "\N{FACE WITH TEARS OF JOY}\N{SNAKE}".encode()


async def test_a_truncated_text_has_the_log_probabilities_of_its_tokens() -> None:
    entries = await content("one two \N{SNOWMAN}\N{SNAKE}\N{OWL} three", logprobs=True, max_tokens=4)
    assert len(entries) == 4


async def test_a_refusal_has_log_probabilities() -> None:
    found = (await choice(Draft(refusal="I cannot."), logprobs=True)).get("logprobs")
    assert found is not None
    assert found["content"] is None
    assert [entry["token"] for entry in found.get("refusal") or ()] == ["I", " cannot", "."]


async def test_a_tool_call_has_no_log_probabilities() -> None:
    calling = Draft(tool_calls=[{"id": "", "type": "function", "function": {"name": "f", "arguments": "{}"}}])
    assert (await choice(calling, logprobs=True)).get("logprobs") == {"content": None, "refusal": None}


async def test_the_log_probabilities_of_a_draft_are_kept() -> None:
    drafted: Logprobs = {"content": [], "refusal": None}
    assert (await choice(Draft(content="Hello", logprobs=drafted))).get("logprobs") == drafted


async def test_more_log_probabilities_than_one_answer_may_have_are_refused() -> None:
    with pytest.raises(APIError, match="up to 400000"):
        await choice(Draft(content="word " * 2000), logprobs=True, top_logprobs=20, n=128)


async def test_many_log_probabilities_are_those_that_few_would_be() -> None:
    draft = Draft(content="word " * 2000)
    many = (await choice(draft, logprobs=True, top_logprobs=5)).get("logprobs")
    assert many is not None
    output = ChoiceOutput(draft.content, finish_reason="stop")
    seed = call(logprobs=True, top_logprobs=5).chance.at("logprobs", 0)
    assert many == logprobs_of(output, 5, TOKENIZERS["o200k_base"], seed)


@pytest.mark.parametrize("n", [1, 3])
async def test_log_probabilities_are_the_same_each_time(n: int) -> None:
    request: dict[str, Any] = {"logprobs": True, "top_logprobs": 2, "n": n}
    assert await choice(**request) == await choice(**request)
