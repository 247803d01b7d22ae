"""The chunks that a completion is sliced into."""

import json
from typing import Any

from calls import call
from chatdouble.schema.completion import Completion
from chatdouble.streaming.slice import slices
from completions import USAGE, choice, completion, custom_call, function_call, message, said, token


def deltas(answer: Completion, **request: Any) -> list[str]:
    """Return each choice chunk's index and delta, as JSON."""
    return [
        f"{choice['index']} {json.dumps(choice['delta'], separators=(',', ':'))}"
        for chunk in slices(answer, call(stream=True, **request))
        for choice in chunk["choices"]
    ]


def test_text_begins_empty_and_continues_with_one_token_a_chunk() -> None:
    assert deltas(said("Hello there!")) == [
        '0 {"role":"assistant","content":"","refusal":null}',
        '0 {"content":"Hello"}',
        '0 {"content":" there"}',
        '0 {"content":"!"}',
        "0 {}",
    ]


def test_empty_text_has_a_first_and_a_last_chunk() -> None:
    assert deltas(said("")) == ['0 {"role":"assistant","content":"","refusal":null}', "0 {}"]


def test_a_character_of_several_tokens_is_in_one_chunk() -> None:
    pieces = [json.loads(delta[2:])["content"] for delta in deltas(said("🧑‍🚀🪐ꙮ"))[1:-1]]
    assert "".join(pieces) == "🧑‍🚀🪐ꙮ"


def test_a_single_tool_call_begins_in_the_first_delta() -> None:
    calls = [function_call("get", '{"a":1}')]
    assert deltas(completion(choice(message(tool_calls=calls), "tool_calls"))) == [
        (
            '0 {"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_000000000000000000000000",'
            '"type":"function","function":{"name":"get","arguments":""}}],"refusal":null}'
        ),
        '0 {"tool_calls":[{"index":0,"function":{"arguments":"{\\""}}]}',
        '0 {"tool_calls":[{"index":0,"function":{"arguments":"a"}}]}',
        '0 {"tool_calls":[{"index":0,"function":{"arguments":"\\":"}}]}',
        '0 {"tool_calls":[{"index":0,"function":{"arguments":"1"}}]}',
        '0 {"tool_calls":[{"index":0,"function":{"arguments":"}"}}]}',
        "0 {}",
    ]


def test_parallel_tool_calls_begin_after_a_delta_of_the_role() -> None:
    calls = [function_call("f", "{}"), function_call("g", "", 1)]
    assert deltas(completion(choice(message(tool_calls=calls), "tool_calls"))) == [
        '0 {"role":"assistant","content":null}',
        (
            '0 {"tool_calls":[{"index":0,"id":"call_000000000000000000000000","type":"function",'
            '"function":{"name":"f","arguments":""}}]}'
        ),
        '0 {"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}',
        (
            '0 {"tool_calls":[{"index":1,"id":"call_000000000000000000000001","type":"function",'
            '"function":{"name":"g","arguments":""}}]}'
        ),
        "0 {}",
    ]


def test_a_tool_call_after_text_begins_in_a_delta_of_its_own() -> None:
    answer = completion(choice(message("Hi", tool_calls=[function_call("f", "")]), "tool_calls"))
    assert deltas(answer) == [
        '0 {"role":"assistant","content":"","refusal":null}',
        '0 {"content":"Hi"}',
        (
            '0 {"tool_calls":[{"index":0,"id":"call_000000000000000000000000","type":"function",'
            '"function":{"name":"f","arguments":""}}]}'
        ),
        "0 {}",
    ]


def test_the_input_of_a_custom_tool_call_is_streamed() -> None:
    answer = completion(choice(message(tool_calls=[custom_call("sql", "SELECT")]), "tool_calls"))
    assert deltas(answer) == [
        (
            '0 {"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_000000000000000000000000",'
            '"type":"custom","custom":{"name":"sql","input":""}}],"refusal":null}'
        ),
        '0 {"tool_calls":[{"index":0,"custom":{"input":"SELECT"}}]}',
        "0 {}",
    ]


def test_a_refusal_is_streamed_in_its_own_field() -> None:
    assert deltas(completion(choice(message(refusal="No.")))) == [
        '0 {"role":"assistant","content":null,"refusal":""}',
        '0 {"refusal":"No"}',
        '0 {"refusal":"."}',
        "0 {}",
    ]


def test_a_legacy_function_call_begins_with_its_name() -> None:
    answer = completion(choice(message(function_call={"name": "f", "arguments": "{}"}), "function_call"))
    assert deltas(answer) == [
        '0 {"role":"assistant","content":null,"function_call":{"name":"f","arguments":""},"refusal":null}',
        '0 {"function_call":{"arguments":"{}"}}',
        "0 {}",
    ]


def test_audio_ends_with_its_expiry_and_no_finish_reason() -> None:
    audio = {"id": "audio_1", "data": "A" * 10_000, "expires_at": 1_753_003_600, "transcript": "Hi"}
    answer = completion(choice(message(audio=audio), logprobs=...))
    chunks = list(slices(answer, call(model="gpt-4o-audio-preview", stream=True)))
    assert deltas(answer) == [
        '0 {"role":"assistant","refusal":null}',
        '0 {"content":null,"audio":{"id":"audio_1","transcript":"Hi"}}',
        f'0 {{"role":"assistant","content":null,"refusal":null,"audio":{{"id":"audio_1","data":"{"A" * 8192}"}}}}',
        f'0 {{"audio":{{"data":"{"A" * 1808}"}}}}',
        '0 {"audio":{"expires_at":1753003600}}',
    ]
    assert list(chunks[-1]["choices"][0]) == ["index", "delta"]


def test_the_expiry_of_audio_comes_after_the_usage() -> None:
    audio = {"id": "audio_1", "data": "AA", "expires_at": 1_753_003_600, "transcript": "Hi there"}
    answer = completion(choice(message(audio=audio), logprobs=...))
    asked = call(model="gpt-4o-audio-preview", stream=True, stream_options={"include_usage": True})
    *_, usage, expiry = slices(answer, asked)
    assert usage["choices"] == []
    assert expiry["choices"] == [{"index": 0, "delta": {"audio": {"expires_at": 1_753_003_600}}}]
    assert expiry.get("usage", 0) is None


def test_truncated_audio_has_its_finish_reason_before_its_expiry() -> None:
    audio = {"id": "audio_1", "data": "", "expires_at": 1_753_003_600, "transcript": ""}
    *_, finish, expiry = slices(completion(choice(message(audio=audio), "length")), call(stream=True))
    assert finish["choices"][0].get("finish_reason") == "length"
    assert "finish_reason" not in expiry["choices"][0]


def test_citations_come_together_after_the_text() -> None:
    cited = {"end_index": 2, "start_index": 0, "title": "A", "url": "https://example.com"}
    annotations = [{"type": "url_citation", "url_citation": cited}] * 2
    *_, last, end = deltas(completion(choice(message("Hi", annotations=annotations))))
    assert json.loads(last[2:]) == {"annotations": annotations}
    assert end == "0 {}"


def test_choices_are_interleaved_in_the_apis_order() -> None:
    answer = completion(*(choice(message("a b c"), index=index) for index in range(2)))
    assert "".join(delta[0] for delta in deltas(answer)) == "0011010101"


def test_keys_have_the_apis_order() -> None:
    for chunk in slices(said("Hi"), call(stream=True)):
        assert list(chunk) == [
            "id",
            "object",
            "created",
            "model",
            "service_tier",
            "system_fingerprint",
            "choices",
        ]
        assert list(chunk["choices"][0]) == ["index", "delta", "logprobs", "finish_reason"]


def test_only_the_last_chunk_of_a_choice_has_a_finish_reason() -> None:
    chunks = list(slices(said("a b"), call(stream=True)))
    assert [chunk["choices"][0].get("finish_reason") for chunk in chunks] == [None, None, None, "stop"]


def test_a_choice_without_logprobs_has_chunks_without() -> None:
    chunks = list(slices(completion(choice(message("Hi"), logprobs=...)), call(model="gpt-5", stream=True)))
    assert all("logprobs" not in chunk["choices"][0] for chunk in chunks)


def test_usage_is_null_until_its_own_chunk() -> None:
    *others, last = slices(said("Hi"), call(stream=True, stream_options={"include_usage": True}))
    assert all(chunk.get("usage", 0) is None for chunk in others)
    assert (last["choices"], last.get("usage")) == ([], USAGE)
    assert list(last)[-2:] == ["choices", "usage"]


def test_usage_stands_before_parallel_calls_until_they_finish() -> None:
    calls = [function_call("f", "{}"), function_call("g", "{}", 1)]
    answer = completion(choice(message(tool_calls=calls), "tool_calls"))
    *opened, finish, usage = slices(answer, call(stream=True, stream_options={"include_usage": True}))
    assert {tuple(chunk)[-2:] for chunk in opened} == {("usage", "choices")}
    assert list(finish)[-2:] == list(usage)[-2:] == ["choices", "usage"]


def test_moderation_comes_after_the_usage() -> None:
    moderation = {"input": {"type": "error", "code": "c", "message": "m"}, "output": {"type": "error"}}
    answer = completion(choice(message("Hi")), moderation=moderation)
    *_, usage, last = slices(answer, call(stream=True, stream_options={"include_usage": True}))
    assert usage.get("usage") == USAGE
    assert (last["choices"], last.get("moderation"), last.get("usage", 0)) == ([], moderation, None)


def test_log_probabilities_come_with_their_tokens() -> None:
    tokens = [token("Hi"), token(b"\xf0\x9f"), token(b"\x98\x80"), token("!")]
    answer = completion(choice(message("Hi😀!"), logprobs={"content": tokens, "refusal": None}))
    shown = [
        (choice["delta"].get("content"), choice.get("logprobs"))
        for chunk in slices(answer, call(stream=True, logprobs=True))
        for choice in chunk["choices"]
    ]
    assert shown == [
        ("", {"content": [], "refusal": None}),
        ("Hi", {"content": tokens[:1], "refusal": None}),
        ("😀", {"content": tokens[1:3], "refusal": None}),
        ("!", {"content": tokens[3:], "refusal": None}),
        (None, None),
    ]


def test_log_probabilities_of_other_tokens_are_all_sent() -> None:
    tokens = [token("x"), token("y"), token("z")]
    answer = completion(choice(message("a b"), logprobs={"content": tokens, "refusal": None}))
    chunks = slices(answer, call(stream=True, logprobs=True))
    sent = [(choice.get("logprobs") or {"content": None})["content"] for chunk in chunks for choice in chunk["choices"]]
    assert sent == [[], tokens[:1], tokens[1:], None]


def test_a_chunk_has_as_many_tokens_as_the_delivery_asks_for() -> None:
    tokens = [token("a"), token(" b"), token(" c")]
    asked = call(stream=True)
    asked.delivery.chunk_tokens = 2
    for logprobs in (None, {"content": tokens, "refusal": None}):
        answer = completion(choice(message("a b c"), logprobs=logprobs))
        pieces = [chunk["choices"][0]["delta"].get("content") for chunk in slices(answer, asked)]
        assert pieces == ["", "a b", " c", None]


def test_unknown_keys_are_sent_so_that_folding_restores_them() -> None:
    answer = completion(choice(message("Hi", thought="Hm."), more=1), provider="p")
    chunks = list(slices(answer, call(stream=True)))
    assert all(chunk["provider"] == "p" for chunk in json.loads(json.dumps(chunks)))
    assert chunks[-2]["choices"][0]["delta"] == {"thought": "Hm."}
    assert json.loads(json.dumps(chunks[-1]["choices"][0]))["more"] == 1
