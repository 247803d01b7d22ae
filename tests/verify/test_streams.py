"""The comparison of streams, as streams and folded."""

from typing import Any

import pytest

from answered import REQUEST, WEATHER, answer, chunk, error, stream, text_chunks
from chatdouble.verify.comparison import Answer, compare
from chatdouble.verify.streams import read_stream


def drifted(recorded: Answer, live: Answer, **request: Any) -> dict[str, tuple[str, str]]:
    found = compare({**REQUEST, "stream": True, **request}, recorded, live)
    return {drift.where: (drift.recorded, drift.live) for drift in found}


def calling(name: str, *pieces: str) -> list[dict[str, Any]]:
    start = {"index": 0, "id": "call_1", "type": "function", "function": {"name": name, "arguments": ""}}
    grown = [{"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in pieces]
    first = {"role": "assistant", "content": None, "tool_calls": [start], "refusal": None}
    return [chunk(first), *map(chunk, grown), chunk({}, "tool_calls")]


HELLO = stream(text_chunks("Hel", "lo"))
USAGE = {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}


def test_the_same_text_in_different_chunks_is_no_drift() -> None:
    assert drifted(HELLO, stream(text_chunks("Good", " ", "day", "."))) == {}


def test_a_streamed_call_with_different_arguments_is_no_drift() -> None:
    recorded, live = calling("get_weather", '{"city"', ':"Paris"}'), calling("get_weather", '{"city":"Rome"}')
    assert drifted(stream(recorded), stream(live), tools=[WEATHER]) == {}


def test_a_streamed_call_is_compared_once_it_is_folded() -> None:
    recorded, live = calling("get_weather", '{"city"', ':"Paris"}'), calling("get_weather", '{"ci', 'ty":1}')
    found = drifted(stream(recorded), stream(live), tools=[WEATHER])
    where = "choices[0].message.tool_calls.get_weather.arguments"
    assert found == {where: ("valid", "$.city: 1 is not of type 'string'")}


@pytest.mark.parametrize(
    ("live", "where", "values"),
    [
        (stream(text_chunks("Hello"), done=False), "stream.[DONE]", ("present", "missing")),
        (
            stream(text_chunks("Hello")[1:]),
            "stream.first delta",
            ('{"content":"string","refusal":"null","role":"string"}', '{"content":"string"}'),
        ),
        (stream([*text_chunks("Hello"), chunk(None, usage=USAGE)]), "stream.usage chunk", ("missing", "last")),
        (
            stream([{**one, "obfuscation": "x"} for one in text_chunks("Hello")]),
            "stream.obfuscation",
            ("missing", "present"),
        ),
        (
            stream([{**one, "usage": None} for one in text_chunks("Hello")]),
            "stream.usage of chunks",
            ('["missing"]', '["null"]'),
        ),
        (
            stream([{**one, "object": "chunk"} for one in text_chunks("Hello")]),
            "stream.object",
            ('["chat.completion.chunk"]', '["chunk"]'),
        ),
        (
            stream([*text_chunks("Hello")[:-1], chunk({"content": ""}, "stop")]),
            "stream.last delta",
            ("[]", '["content"]'),
        ),
    ],
)
def test_each_fact_about_a_stream_is_compared(live: Answer, where: str, values: tuple[str, str]) -> None:
    assert drifted(HELLO, live)[where] == values


def test_a_key_that_chunks_no_longer_have_is_drift() -> None:
    live = stream([{key: one[key] for key in one if key != "service_tier"} for one in text_chunks("Hello")])
    assert set(drifted(HELLO, live)) == {"stream.keys", "service_tier"}


def test_a_whole_answer_in_place_of_a_stream_is_drift() -> None:
    assert drifted(HELLO, answer()) == {"headers.content-type": ("text/event-stream", "application/json")}


def test_an_error_in_place_of_a_stream_is_drift_of_the_status() -> None:
    assert drifted(HELLO, error(code="no")) == {"status": ("200", "400 (no)")}


def test_streams_with_any_line_ends_and_comments_are_read() -> None:
    found = read_stream(b': ping\r\n\r\nevent: x\r\ndata: {"choices":\r\ndata:[]}\r\n\r\ndata:[DONE]\n\n')
    assert (found.chunks, found.done, found.broken) == ([{"choices": []}], True, None)


def test_errors_and_broken_events_are_kept_apart_from_chunks() -> None:
    found = read_stream(b'data: {"choices": [\n\ndata: {"error": {"type": "server_error"}}\n\n')
    assert (found.broken, found.error, found.done) == ('{"choices": [', {"type": "server_error"}, False)
