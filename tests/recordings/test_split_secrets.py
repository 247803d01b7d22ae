"""Secrets that no single chunk contains whole."""

from copy import deepcopy
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chatdouble.recordings.redaction import Scrubber
from chatdouble.recordings.secret_kinds import REDACTED
from chatdouble.recordings.split_secrets import redact_split_secrets

SECRET = "sk-abcDEF0123456789abcDEF0123456789"
SCRUBBER = Scrubber()


def delta(index: int = 0, **delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": index, "delta": delta}]}


@given(st.lists(st.integers(0, len(SECRET) + 20), max_size=8))
def test_a_secret_cut_anywhere_is_redacted_and_the_rest_of_the_text_stays(cuts: list[int]) -> None:
    text = f"your key {SECRET} is fine"
    at = [0, *sorted(cuts), len(text)]
    chunks = [delta(content=text[start:end]) for start, end in pairwise(at)]
    redact_split_secrets(chunks, SCRUBBER)
    chunks = [SCRUBBER.value(one) for one in chunks]
    assert "".join(one["choices"][0]["delta"]["content"] for one in chunks) == f"your key {REDACTED} is fine"


def test_each_choice_and_each_call_is_a_separate_text() -> None:
    half = len(SECRET) // 2
    chunks = [
        delta(0, content=SECRET[:half]),
        delta(1, content=f"other {SECRET[:half]}"),
        delta(0, tool_calls=[{"index": 1, "function": {"arguments": f'{{"key": "{SECRET[:half]}'}}]),
        delta(0, content=SECRET[half:]),
        delta(1, content=" and nothing more"),
        delta(0, tool_calls=[{"index": 0, "function": {"arguments": SECRET[half:]}}]),
        delta(0, tool_calls=[{"index": 1, "function": {"arguments": f'{SECRET[half:]}"}}'}}]),
    ]
    assert redact_split_secrets(chunks, SCRUBBER)
    deltas = [one["choices"][0]["delta"] for one in chunks]
    assert [deltas[0]["content"], deltas[3]["content"]] == [REDACTED, ""]
    assert "".join(one["tool_calls"][0]["function"]["arguments"] for one in (deltas[2], deltas[6])) == (
        f'{{"key": "{REDACTED}"}}'
    )
    assert deltas[5]["tool_calls"][0]["function"]["arguments"] == SECRET[half:]


def test_redacted_tokens_lose_their_bytes_and_alternatives() -> None:
    pieces = ["the ", "sk-", "abcDEF0123", "456789abcDEF", ". "]
    tokens = [
        {
            "token": piece,
            "logprob": -0.1,
            "bytes": list(piece.encode()),
            "top_logprobs": [{"token": piece, "logprob": -0.1, "bytes": list(piece.encode())}],
        }
        for piece in pieces
    ]
    body: dict[str, Any] = {"choices": [{"index": 0, "logprobs": {"content": tokens, "refusal": None}}]}
    before = deepcopy(tokens)
    assert redact_split_secrets([body], SCRUBBER)
    assert [token["token"] for token in tokens] == ["the ", REDACTED, "", "", ". "]
    assert [token["bytes"] for token in tokens[1:4]] == [list(REDACTED.encode()), [], []]
    assert [token["top_logprobs"] for token in tokens[1:4]] == [[], [], []]
    assert [tokens[0], tokens[4]] == [before[0], before[4]]


def tokens_of(*pieces: str) -> list[dict[str, Any]]:
    return [{"token": piece, "logprob": -0.1, "bytes": list(piece.encode()), "top_logprobs": []} for piece in pieces]


def test_the_tokens_of_a_response_and_of_its_events_are_each_one_text() -> None:
    pieces = "the ", "sk-abcDEF", "0123456789", "abcDEF", "!"
    part: dict[str, Any] = {"type": "output_text", "text": f"the {REDACTED}!", "logprobs": tokens_of(*pieces)}
    body: dict[str, Any] = {"output": [{"type": "reasoning"}, {"type": "message", "content": [part]}]}
    deltas: list[dict[str, Any]] = [
        {"type": "response.output_text.delta", "item_id": "msg_1", "delta": piece, "logprobs": tokens_of(piece)}
        for piece in pieces
    ]
    for values in ([body], [*deltas, {"type": "response.completed", "response": deepcopy(body)}]):
        assert redact_split_secrets(values, SCRUBBER)
        assert "abcDEF" not in str(values)
    assert [token["token"] for token in part["logprobs"]] == ["the ", REDACTED, "", "", "!"]
    assert [one["logprobs"][0]["token"] for one in deltas] == ["the ", REDACTED, "", "", "!"]


def test_texts_of_an_answer_that_is_no_stream_do_not_follow_each_other() -> None:
    names = "getWeatherForecast10", "getWeatherForecast10"  # as one word they would look drawn by lot
    calls = [{"id": f"call_{at}", "function": {"name": name, "arguments": "{}"}} for at, name in enumerate(names)]
    body = {"choices": [{"index": 0, "message": {"content": None, "tool_calls": calls}}]}
    before = deepcopy(body)
    assert not redact_split_secrets([body], SCRUBBER)
    assert body == before


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_json_can_be_searched(value: Any) -> None:
    before = deepcopy(value)
    assert not redact_split_secrets([value, {"choices": value}, {"choices": [value]}], SCRUBBER)
    assert value == before
