"""Recordings named, written as script files, and read back byte for byte."""

from typing import Any

import orjson
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from chatdouble.recordings.cleaning import Configuration
from chatdouble.recordings.recording import Headers, Piece, Recording
from chatdouble.recordings.to_yaml import FileDumper, name_of, request_digest, script_lines, to_yaml
from chatdouble.scripts.reading.load import Placed, parse
from chatdouble.scripts.reading.source import Loader

STREAM: Headers = (("content-type", "text/event-stream; charset=utf-8"),)
WHOLE: Headers = (("content-type", "application/json"),)
ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
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


def read(recording: Recording, **options: Any) -> Placed:
    """Return the rule of a recording after writing and reading it."""
    (placed,) = parse(to_yaml(recording, Configuration(**options))).rules
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
def test_any_stream_is_read_back_frame_by_frame(arrived: list[tuple[float, bytes]]) -> None:
    recording = Recording({"model": "m"}, 200, STREAM, tuple(Piece(at, data) for at, data in sorted(arrived)))
    frames = [(round(frame.at, 3), frame.data) for frame in recording.frames()]
    assert pieces(read(recording)) == frames


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
      - {"at":0.25,"data":{"id":"c","choices":[{"index":0,"delta":{"content":"on"},"finish_reason":null}]}}
      - {"at":0.5,"data":"[DONE]"}
"""


def test_the_file_has_exactly_this_form() -> None:
    request = {
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": 'Say "on"\nand 1e5'}],
        "stop": "yes",
        "stream": True,
    }
    chunk = b'data: {"id":"c","choices":[{"index":0,"delta":{"content":"on"},"finish_reason":null}]}\n\n'
    headers = (("x-request-id", "req_1"), *STREAM)
    recording = Recording(request, 200, headers, (Piece(0.25, chunk), Piece(0.5, b"data: [DONE]\n\n")))
    made = to_yaml(recording, Configuration())
    assert made.replace(made.split("name: ")[1].split("\n")[0], "gpt-4o-say-on-and-1e5-b2a08a1a4e2f") == TEXT


@pytest.mark.parametrize(
    ("frame", "written"),
    [
        (b"data: one\ndata: two\n\n", {"data": "one\ntwo"}),
        (b"data: [DONE]\r\n\r\n", {"text": "data: [DONE]\r\n\r\n"}),
        (b"data:{}\n\n", {"text": "data:{}\n\n"}),
        (b"event: error\ndata: {}\n\n", {"text": "event: error\ndata: {}\n\n"}),
        (b"data: one\nid: 1\n\n", {"text": "data: one\nid: 1\n\n"}),
    ],
)
def test_a_frame_in_another_style_than_the_apis_is_kept_as_text(frame: bytes, written: dict[str, str]) -> None:
    text = to_yaml(Recording({"model": "m"}, 200, STREAM, (Piece(0, frame),)), Configuration())
    assert yaml.safe_load(text)["rules"][0]["reply"]["recorded"]["stream"] == [{"at": 0.0, **written}]
    assert pieces(read(Recording({"model": "m"}, 200, STREAM, (Piece(0, frame),)))) == [(0.0, frame)]


def test_the_file_repeats_the_ignored_and_normalised_parts() -> None:
    placed = read(Recording({"messages": []}, 200, WHOLE, ()), ignore=("user",), normalise=("dates", "run-[0-9]+"))
    request = placed.rule.when.request
    assert request is not None
    assert (request.body, request.ignore, request.normalise) == ({"messages": []}, ["user"], ["dates", "run-[0-9]+"])


@pytest.mark.parametrize("request_body", [{"body": 1}, {"body": {"messages": []}, "ignore": ["x"]}])
def test_a_request_that_looks_like_the_long_form_is_read_as_a_request(request_body: dict[str, Any]) -> None:
    placed = read(Recording(request_body, 200, WHOLE, ()))
    assert placed.rule.when.request is not None
    assert placed.rule.when.request.body == request_body


def test_headers_are_sorted_by_name_and_repeated_ones_stay_in_order() -> None:
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


def asked(content: Any, model: Any = "gpt-4o") -> dict[str, Any]:
    return {
        "model": model,
        "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": content}],
    }


NAMES: dict[str, tuple[dict[str, Any], str]] = {
    "words": (asked("What's the weather in Paris?"), "gpt-4o-what-s-the-weather-in-paris"),
    "accents": (asked("Où est l'été?"), "gpt-4o-ou-est-l-ete"),
    "long": (asked("word " * 50, "gpt-4.1"), "gpt-4.1-word-word-word-word-word-word-word-word-word-wor"),
    "parts": (asked([{"type": "text", "text": "Look!"}, {"type": "image_url"}]), "gpt-4o-look"),
    "another script": (asked("你好"), "gpt-4o"),
    "no text": ({"model": "m", "messages": []}, "m"),
    "nothing that fits": ({"model": 5, "messages": 7}, "5"),
    "paths": (asked("../../etc/passwd", "a/../b"), "a-..-b-etc-passwd"),
}


@pytest.mark.parametrize(("request_body", "words"), NAMES.values(), ids=NAMES)
def test_a_name_consists_of_the_model_the_last_text_and_a_digest(request_body: Any, words: str) -> None:
    assert name_of(request_body) == f"{words}-{request_digest(request_body)}"


def test_a_request_without_text_is_named_by_its_digest() -> None:
    assert name_of({}) == request_digest({})


@given(st.text(), st.text())
def test_a_name_is_safe_for_every_file_system(content: str, model: str) -> None:
    name = name_of(asked(content, model))
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
    assert not name.startswith((".", "-"))
    assert len(name) < 120


def test_a_digest_depends_on_the_request_but_not_on_the_order_of_keys() -> None:
    assert request_digest({"a": 1, "b": 2}) == request_digest({"b": 2, "a": 1})
    assert request_digest({"a": 1}) != request_digest({"a": 2})


@given(st.lists(st.dictionaries(st.text(), ANY, max_size=3), max_size=3))
def test_any_rules_are_read_back_from_a_script_file(rules: list[dict[str, Any]]) -> None:
    text = "".join(script_lines(rules))
    assert yaml.load(text, Loader) == {"version": 1, "rules": rules}  # noqa: S506 - it is a safe loader
    whole = {"version": 1, "rules": rules}
    dumped = yaml.dump(whole, Dumper=FileDumper, sort_keys=False, allow_unicode=True, width=2**31 - 1)
    # The library also ends a document so if a text that ends with a line break is not its last.
    assert text.removesuffix("...\n") == dumped.removesuffix("...\n")


def test_a_script_file_of_many_rules_is_written_rule_by_rule() -> None:
    rules: Any = [{"name": f"rule {at}", "when": {"user": ["a", {}]}, "reply": {"text": "b\nc"}} for at in range(3)]
    lines = [*script_lines(rules)]
    assert [bool(line) for line in lines] == [True, True, True, False]
    assert "".join(lines) == yaml.dump(
        {"version": 1, "rules": rules}, Dumper=FileDumper, sort_keys=False, allow_unicode=True, width=2**31 - 1
    )
