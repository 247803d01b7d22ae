"""A recording is a script file that gives back, byte for byte, what was recorded."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatdouble.recordings.cleaning import Configuration
from chatdouble.recordings.recording import Headers, Piece, Recording
from chatdouble.recordings.to_yaml import to_yaml
from chatdouble.scripts.reading.load import Placed, parse

STREAM: Headers = (("content-type", "text/event-stream; charset=utf-8"),)
WHOLE: Headers = (("content-type", "application/json"),)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
BODIES = st.one_of(
    st.binary(),
    st.text().map(str.encode),
    ANY.map(orjson.dumps),
    st.dictionaries(st.text(), ANY).map(lambda value: orjson.dumps(value, option=orjson.OPT_INDENT_2)),
    st.sampled_from(
        [b"", b"\n", b"a\n\n", b" a\n b \n", b"a\r\nb", "\x85\u2028\ufeff\U0001f600\x00".encode(), b"{{ x }}"]
    ),
)


def read(exchanged: Recording, **said: Any) -> Placed:
    """Return the rule of an exchange, written and read."""
    (placed,) = parse(to_yaml(exchanged, Configuration(**said))).rules
    return placed


def pieces(placed: Placed) -> list[tuple[float | None, bytes]]:
    """Return the pieces of a rule's recorded response."""
    assert placed.rule.reply is not None
    assert placed.rule.reply.recorded is not None
    return placed.rule.reply.recorded.pieces()


@given(BODIES)
def test_any_body_is_read_back(body: bytes) -> None:
    assert pieces(read(Recording({"model": "m"}, 200, WHOLE, (Piece(0.1234567, body),)))) == [(0.123, body)]


@given(st.lists(st.tuples(st.floats(0, 9), st.one_of(BODIES, BODIES.map(lambda data: b"data: " + data + b"\n\n")))))
def test_any_stream_is_read_back_frame_by_frame(came: list[tuple[float, bytes]]) -> None:
    exchanged = Recording({"model": "m"}, 200, STREAM, tuple(Piece(at, data) for at, data in sorted(came)))
    frames = [(round(frame.at, 3), frame.data) for frame in exchanged.frames()]
    assert pieces(read(exchanged)) == frames


@given(ANY)
def test_any_request_is_read_back(request: Any) -> None:
    placed = read(Recording(request, 200, WHOLE, ()))
    assert placed.rule.when.request is not None
    assert orjson.dumps(placed.rule.when.request.body) == orjson.dumps(request)


TEXT = """# Recorded by chatdouble: an upstream's answer, without secrets. Edit it like any other script.
version: 1
rules:
- name: gpt-4o-say-on-and-1e5-b2a08a1a4e2f
  when:
    request:
      model: gpt-4o
      messages:
      - role: user
        content: |-
          Say "on"
          and 1e5
      stop: 'yes'
      stream: true
  reply:
    recorded:
      status: 200
      headers:
        content-type: text/event-stream; charset=utf-8
        x-request-id: req_1
      stream:
      - at: 0.25
        data: {id: c, choices: [{index: 0, delta: {content: 'on'}, finish_reason: null}]}
      - at: 0.5
        data: '[DONE]'
"""


def test_it_reads_well_and_never_changes_by_itself() -> None:
    request = {
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": 'Say "on"\nand 1e5'}],
        "stop": "yes",
        "stream": True,
    }
    chunk = b'data: {"id":"c","choices":[{"index":0,"delta":{"content":"on"},"finish_reason":null}]}\n\n'
    headers = (("x-request-id", "req_1"), *STREAM)
    exchanged = Recording(request, 200, headers, (Piece(0.25, chunk), Piece(0.5, b"data: [DONE]\n\n")))
    made = to_yaml(exchanged, Configuration())
    assert made.replace(made.split("name: ")[1].split("\n")[0], "gpt-4o-say-on-and-1e5-b2a08a1a4e2f") == TEXT


def test_what_does_not_count_is_said_in_the_file() -> None:
    placed = read(Recording({"messages": []}, 200, WHOLE, ()), ignore=("user",), normalise=("dates", "run-[0-9]+"))
    request = placed.rule.when.request
    assert request is not None
    assert (request.body, request.ignore, request.normalise) == ({"messages": []}, ["user"], ["dates", "run-[0-9]+"])


@pytest.mark.parametrize("request_body", [{"body": 1}, {"body": {"messages": []}, "ignore": ["x"]}])
def test_a_request_that_looks_like_the_long_form_is_still_a_request(request_body: dict[str, Any]) -> None:
    placed = read(Recording(request_body, 200, WHOLE, ()))
    assert placed.rule.when.request is not None
    assert placed.rule.when.request.body == request_body


def test_headers_are_sorted_and_those_of_one_name_stay_in_order() -> None:
    headers: Headers = (("x-b", "2"), ("x-a", "3"), ("x-b", "1"))
    placed = read(Recording({}, 418, headers, (Piece(0, b"no"),)))
    assert placed.rule.reply is not None
    assert placed.rule.reply.recorded is not None
    assert placed.rule.reply.recorded.status == 418
    assert placed.rule.reply.recorded.head() == [
        (b"x-a", b"3"),
        (b"x-b", b"2"),
        (b"x-b", b"1"),
        (b"content-length", b"2"),
    ]
