"""The deltas of one choice, where slicing's own tests do not look."""

from typing import Any, cast

from calls import TOKENIZERS
from chatdouble.schema.completion import Choice
from chatdouble.streaming.deltas import Cut, deltas
from completions import choice, message, token

CUT = Cut(TOKENIZERS, "o200k_base")


def said(made: dict[str, Any], cut: Cut = CUT) -> list[Any]:
    return list(deltas(cast("Choice", made), cut))


def test_no_text_is_cut_into_no_pieces_without_a_tokenizer() -> None:
    assert Cut(cast("Any", None), "o200k_base")("") == []


def test_tokens_that_end_in_half_a_character_are_sent_without_text() -> None:
    tokens = [token("Hi"), token(b"\xf0\x9f")]
    _, first, last = said(choice(message("Hi"), logprobs={"content": tokens, "refusal": None}))
    assert first == ({"content": "Hi"}, {"content": tokens[:1], "refusal": None})
    assert last == ({"content": ""}, {"content": tokens[1:], "refusal": None})


def test_tokens_without_bytes_are_spelled_by_their_text() -> None:
    tokens = [{**token("a"), "bytes": None}, {**token(" b"), "bytes": None}]
    _, *rest = said(choice(message("a b"), logprobs={"content": tokens, "refusal": None}))
    assert [delta for delta, _ in rest] == [{"content": "a"}, {"content": " b"}]


def test_log_probabilities_of_no_text_come_with_the_opening() -> None:
    tokens = [token("{}")]
    (_, logprobs), *_ = said(choice(message(), logprobs={"content": tokens, "refusal": None}))
    assert logprobs == {"content": tokens, "refusal": None}


def test_log_probabilities_without_a_refusal_key_stay_without_it() -> None:
    shown = [logprobs for _, logprobs in said(choice(message("a"), logprobs={"content": [token("a")]}))]
    assert shown == [{"content": []}, {"content": [token("a")]}]


def test_text_without_token_probabilities_has_empty_lists() -> None:
    shown = [logprobs for _, logprobs in said(choice(message("a"), logprobs={"content": [], "refusal": None}))]
    assert shown == [{"content": [], "refusal": None}] * 2


def test_a_function_call_after_text_opens_in_a_delta_of_its_own() -> None:
    _, _, opening, arguments = said(choice(message("a", function_call={"name": "f", "arguments": "{}"})))
    assert opening == ({"function_call": {"name": "f", "arguments": ""}}, None)
    assert arguments == ({"function_call": {"arguments": "{}"}}, None)


def test_unknown_keys_of_a_tool_call_come_with_its_opening() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": ""}, "extra": 1}
    ((opening, _),) = said(choice(message(tool_calls=[call])))
    assert opening["tool_calls"] == [{"index": 0, **call}]
