"""Objects on one line are those of PyYAML's dumper."""

from typing import Any

import orjson
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from chatdouble.recordings.cleaning import Configuration
from chatdouble.recordings.flow import ONE_LINE, FlowWriter
from chatdouble.recordings.recording import Piece, Recording
from chatdouble.recordings.to_yaml import FileDumper, to_yaml
from chatdouble.scripts.reading.load import parse

WORDS = [
    "yes",
    "Null",
    "1e5",
    "1_000",
    "0x1F",
    "12:30",
    "2026-01-01",
    "=",
    "<<",
    "~",
    "NaN",
    ".inf",
    "0",
    "-",
    "_",
    "é",
]
TEXTS = st.text() | st.sampled_from(WORDS) | st.text("aA1e_-.:#,[]{} \n'\"")
ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
WRITER = FlowWriter(FileDumper)


@given(st.dictionaries(TEXTS, ANY, max_size=4))
def test_a_line_is_the_one_of_the_dumper(value: dict[str, Any]) -> None:
    dumped = yaml.dump(
        [value], Dumper=FileDumper, default_flow_style=True, sort_keys=False, allow_unicode=True, width=ONE_LINE
    )
    text = WRITER.text(value)
    assert text is None or f"[{text}]\n" == dumped


@pytest.mark.parametrize("key", ["k" * 200, "a\nb", "\u2028"])
def test_an_object_with_an_odd_key_is_left_to_the_dumper(key: str) -> None:
    value = {"a": [{key: 1}]}
    assert WRITER.text(value) is None
    frame = b"data: %b\n\n" % orjson.dumps(value)
    assert frames(frame) == [frame]


@pytest.mark.parametrize("text", ["line-0", "\n      - at: 0.0\n        data: line-0\nline-0-0\n"])
def test_a_recording_may_have_the_texts_that_stand_for_lines(text: str) -> None:
    data = [b'data: {"a":1}\n\n', b"data: line-0\n\n", b'data: {"line-0-0":"line-1"}\n\n']
    assert frames(*data, request={"messages": [{"role": "user", "content": text}]}) == data


def frames(*data: bytes, request: object = None) -> list[bytes]:
    """Return the frames of a recording that was written and read."""
    streams = (("content-type", "text/event-stream"),)
    recording = Recording(request or {"model": "m"}, 200, streams, tuple(Piece(0, frame) for frame in data))
    (placed,) = parse(to_yaml(recording, Configuration())).rules
    assert placed.rule.reply is not None
    assert placed.rule.reply.recorded is not None
    return [frame for _, frame in placed.rule.reply.recorded.pieces()]
