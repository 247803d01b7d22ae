"""Lines of JSON in YAML files are read as the library for YAML reads them."""

from typing import Any

import orjson
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from chatdouble.recordings.cleaning import Configuration
from chatdouble.recordings.recording import Piece, Recording
from chatdouble.recordings.to_yaml import to_yaml
from chatdouble.scripts.reading.json_lines import LONG, JsonLines, json_line
from chatdouble.scripts.reading.load import ScriptError, parse
from chatdouble.scripts.reading.source import Loader, Source, SourceError

ODD = "\u2028\u2029\x85\x7f\x9f\ufeff\ufffe\uffff\U0001f600é\"'\\ /:#\t\r\n\x00\x1b"
TEXTS = st.text() | st.text(ODD + "a- {}[]") | st.sampled_from(["yes", "1e5", "~", "<<", "=", "json-0", "- x", ""])
ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def by_library(text: str) -> Any:
    """Return the value of a text as the library reads it."""
    return yaml.load(text, Loader)  # noqa: S506 - it is a safe loader


@given(st.lists(st.dictionaries(TEXTS, ANY, min_size=1, max_size=4), min_size=1, max_size=3))
def test_the_library_reads_the_same_lines(values: list[dict[str, Any]]) -> None:
    text = "rules:\n  - a\n" + "".join(f"  - {json_line(value)}\n" for value in values) + "note: b\n"
    lines = JsonLines(text)
    found = Source("x", text).value
    assert not lines.is_empty
    assert orjson.dumps(found) == orjson.dumps(by_library(text)) == orjson.dumps({"rules": ["a", *values], "note": "b"})


@pytest.mark.parametrize("written", ["note: {}", "rules:\n- {}", "a:\n  b:\n  - c: {}"])
def test_long_texts_are_read_without_the_library(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    value = (" " + ODD) * (LONG // 10)
    line = json_line(value)
    assert line is not None
    text = written.format(line)
    whole = by_library(text)
    scalars: list[int] = []
    construct = Loader.construct_scalar

    def noting(loader: Loader, node: Any) -> Any:
        scalars.append(len(node.value))
        return construct(loader, node)

    monkeypatch.setattr(Loader, "construct_scalar", noting)
    assert Source("x", text).value == whole
    assert max(scalars, default=0) < 100


@pytest.mark.parametrize("value", ["\ud800", {"a": "\udc00"}, {"a": 2**64}, {"a": [{"k" * 2000: 1}]}])
def test_what_yaml_would_not_read_has_no_line(value: Any) -> None:
    assert json_line(value) is None


OTHERS = {
    "in a block": '- |\n  - {"a":1}\n  - {"a":2}\n',
    "in a text of several lines": '- a\n  - {"a":1}\n',
    "in a quotation": '- "a\n  - {\\"a\\":1}\n  "\n',
    "with blanks": '- {"a": 1}\n- {"a":2}\n',
    "in an alias": '- &x\n  - {"a":1}\n- *x\n',
    "a comment": '- {"a":1} # {"b":2}\n# - {"a":1}\n',
    "a pair of surrogates": '- {"a":"\\ud83d\\ude00"}\n',
    "a colon behind": '- {"a":1}\n- {"b":2}: 3\n',
    "broken up": '- {"a":[{}\n- {}]}\n',
    "two on a line": '- {"a":1},{"b":2}\n',
    "continued": '- {"a":1}\n  b\n',
    "the text of a mark": '- json-0\n- {"a":"json-0"}\n- json-0-0\n',
    "an exponent": '- {"a":1e5}\n',
    "twice": '- {"a":1,"a":2}\n',
    "not finite": '- {"a":1e999}\n',
    "tabs": '-\t{"a":1}\n- {"a":"\t"}\n',
    "windows": '- {"a":1}\r\n- {"a":2}\r\n',
    "deep": f'- {{"a":{"[" * 300}{"]" * 300}}}\n',
    "lists in a list": '- - {"a":1}\n- - {"a":2}\n',
}


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_what_only_looks_like_lines_of_json_is_read_as_yaml(text: str) -> None:
    try:
        wanted = by_library(text)
    except (yaml.YAMLError, ValueError):
        with pytest.raises(SourceError):
            _ = Source("x", text).value
    else:
        assert repr(Source("x", text).value) == repr(wanted)


FRAMES = """- reply:
    recorded:
      stream:
      - {"at":0.1,"data":"x"}
      - %s
"""


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ('{"at":0.1,"at":0.2,"data":"x"}', "<script>:5:19: the key 'at' occurs twice in one object"),
        (
            '{"at":0.1,"date":"x"}',
            ".stream[1].date: unknown key; did you mean 'data'?",
        ),
        ('{"at":-1,"data":"x"}', "<script>:5:10: rules[0].reply.recorded.stream[1].at: must be greater than"),
    ],
)
def test_mistakes_in_lines_have_their_places(frame: str, message: str) -> None:
    with pytest.raises(ScriptError) as wrong:
        parse(FRAMES % frame)
    assert message in str(wrong.value)


@pytest.mark.parametrize("text", ["line-0", "\n      - line-0\n", "line-0-0\nline-1"])
def test_a_recording_may_have_the_texts_that_stand_for_lines(text: str) -> None:
    data = [b'data: {"a":1}\n\n', b"data: line-0\n\n", b'data: {"line-0-0":"line-1"}\n\n']
    streams = (("content-type", "text/event-stream"),)
    request = {"messages": [{"role": "user", "content": text}]}
    recording = Recording(request, 200, streams, tuple(Piece(0, frame) for frame in data))
    (placed,) = parse(to_yaml(recording, Configuration())).rules
    assert placed.rule.reply is not None
    assert placed.rule.reply.recorded is not None
    assert [frame for _, frame in placed.rule.reply.recorded.pieces()] == data
    assert placed.rule.when.request is not None
    assert placed.rule.when.request.body == request
