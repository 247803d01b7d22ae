"""The deltas of one choice, in cases that the tests of slicing leave out."""

from typing import Any, cast

from calls import TOKENIZERS
from chatdouble.schema.completion import Choice
from chatdouble.streaming.deltas import TextCutter, deltas
from completions import choice, message, token

CUTTER = TextCutter(TOKENIZERS, "o200k_base")


def said(made: dict[str, Any], cutter: TextCutter = CUTTER) -> list[Any]:
    return list(deltas(cast("Choice", made), cutter))


def test_an_empty_text_needs_no_tokenizer() -> None:
    assert [*TextCutter(cast("Any", None), "o200k_base")("")] == []


def test_tokens_of_an_incomplete_character_are_sent_without_text() -> None:
    tokens = [token("Hi"), token(b"\xf0\x9f")]
    _, first, last = said(choice(message("Hi"), logprobs={"content": tokens, "refusal": None}))
    assert first == ({"content": "Hi"}, {"content": tokens[:1], "refusal": None})
    assert last == ({"content": ""}, {"content": tokens[1:], "refusal": None})


def test_tokens_without_bytes_are_spelled_by_their_text() -> None:
    tokens = [{**token("a"), "bytes": None}, {**token(" b"), "bytes": None}]
    _, *rest = said(choice(message("a b"), logprobs={"content": tokens, "refusal": None}))
    assert [delta for delta, _ in rest] == [{"content": "a"}, {"content": " b"}]


def test_log_probabilities_without_a_text_come_with_the_first_delta() -> None:
    tokens = [token("{}")]
    (_, logprobs), *_ = said(choice(message(), logprobs={"content": tokens, "refusal": None}))
    assert logprobs == {"content": tokens, "refusal": None}


def test_log_probabilities_without_a_refusal_key_get_none() -> None:
    shown = [logprobs for _, logprobs in said(choice(message("a"), logprobs={"content": [token("a")]}))]
    assert shown == [{"content": []}, {"content": [token("a")]}]


def test_a_text_without_tokens_has_empty_lists_of_log_probabilities() -> None:
    shown = [logprobs for _, logprobs in said(choice(message("a"), logprobs={"content": [], "refusal": None}))]
    assert shown == [{"content": [], "refusal": None}] * 2


def test_a_function_call_after_text_begins_in_a_delta_of_its_own() -> None:
    _, _, opening, arguments = said(choice(message("a", function_call={"name": "f", "arguments": "{}"})))
    assert opening == ({"function_call": {"name": "f", "arguments": ""}}, None)
    assert arguments == ({"function_call": {"arguments": "{}"}}, None)


def test_unknown_keys_of_a_tool_call_come_with_its_first_delta() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": ""}, "extra": 1}
    ((opening, _),) = said(choice(message(tool_calls=[call])))
    assert opening["tool_calls"] == [{"index": 0, **call}]
