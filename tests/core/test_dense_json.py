"""JSON with very many values, which is parsed in steps."""

import random
import re
from pathlib import Path
from typing import Any, Final

import orjson
import pytest

from chatdouble.core import dense_json
from chatdouble.core.json import loads

ROOT: Final = Path(__file__).parents[2]
MEMBERS = [
    "1",
    "-2.5e3",
    "true",
    "null",
    '""',
    r'"a\"b\\"',
    '"[{,]"',
    '"é"',
    "[]",
    "{}",
    "[1,[2,[3,[4]]]]",
    "[" * 12 + '{"a":[]}, "]"' + "]" * 12,
    '{"a":' * 9 + '"' + "x" * 40 + '"' + "}" * 9,
    '{"a":{"b":[]}}',
]


def _parsed(parse: Any, raw: bytes) -> Any:
    try:
        return parse(raw)
    except orjson.JSONDecodeError:
        return "not JSON"


def _text(rng: random.Random, depth: int) -> str:
    """Return an array or object with few or many members, some of which are such themselves."""
    count = rng.choice([0, 1, 3, 70, 140])
    members = [_text(rng, depth - 1) if depth and at % 50 == 0 else rng.choice(MEMBERS) for at in range(count)]
    if rng.random() < 0.5:
        return "[" + rng.choice([",", " , "]).join(members) + "]"
    return "{" + ",".join(f'"{at % 100}" : {one}' for at, one in enumerate(members)) + " }"


@pytest.fixture(params=[20, 150, None])
def window(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at few bytes at once, so that short texts have large parts."""
    if request.param is not None:
        monkeypatch.setattr("chatdouble.core.dense_json._WINDOW", request.param)


@pytest.mark.usefixtures("window")
@pytest.mark.parametrize("seed", range(40))
def test_a_text_is_parsed_as_by_orjson(seed: int) -> None:
    raw = _text(random.Random(seed), 4).encode()
    assert list(dense_json.loads(raw)) == list(orjson.loads(raw))
    assert dense_json.loads(raw) == orjson.loads(raw)


@pytest.mark.usefixtures("window")
@pytest.mark.parametrize("seed", range(40))
def test_a_text_with_a_mistake_is_refused_where_orjson_refuses_it(seed: int) -> None:
    rng = random.Random(seed)
    raw = bytearray(_text(rng, 4).encode())
    for _ in range(50):
        at, other = rng.randrange(len(raw)), rng.choice(b',[]{}":\\ 1')
        wrong = bytes(raw[:at]) + rng.choice([b"", bytes([other])]) + bytes(raw[at + rng.choice([0, 1]) :])
        assert _parsed(dense_json.loads, wrong) == _parsed(orjson.loads, wrong)


@pytest.mark.parametrize(
    "raw", [b"[" * 9000, b"[" * 9000 + b"]" * 9000, b"", b" ", b"7", b'"x"', b"[1] 2", b"\xff[]", b'{"\xff":1}']
)
def test_what_is_no_array_or_object_or_too_deep_is_no_problem(raw: bytes) -> None:
    assert _parsed(dense_json.loads, raw) == _parsed(orjson.loads, raw) or len(raw) > 9000


def parsed_sizes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that gets the bytes of each text that the library parses, for the rest of a test."""
    steps: list[int] = []
    parse = orjson.loads

    def counted(raw: bytes) -> Any:
        steps.append(len(raw))
        return parse(raw)

    monkeypatch.setattr(orjson, "loads", counted)
    return steps


def test_a_large_text_with_many_values_is_parsed_in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = parsed_sizes(monkeypatch)
    assert len(loads(b'{"a":[%b]}' % b",".join([b'{"b":1}'] * 100_000))["a"]) == 100_000
    assert max(steps) < 70_000


@pytest.mark.parametrize(("levels", "most"), [(3, 100), (30, 5500)])
def test_the_steps_do_not_grow_with_the_levels(monkeypatch: pytest.MonkeyPatch, levels: int, most: int) -> None:
    steps = parsed_sizes(monkeypatch)
    one = b'{"a":' * levels + b'"b"' + b"}" * levels
    assert len(dense_json.loads(b"[" + b",".join([one] * 5000) + b"]")) == 5000
    assert len(steps) < most


def test_nobody_looks_twice_for_the_end_of_a_large_value(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []

    class Noted:
        def finditer(self, raw: bytes, at: int, end: int) -> Any:
            looked.append(at)
            return re.finditer(rb"[\[\]{}]", raw[:end][at:])

    monkeypatch.setattr(dense_json, "_BRACKET", Noted())
    raw = b"[" * 200 + b",".join([b"1"] * 100_000) + b"]" * 200
    assert dense_json.loads(raw) == orjson.loads(raw)
    assert len(looked) <= 2


@pytest.mark.parametrize("end", [b"}}", b"]} 1", b'],"b":{%b}}' % b",".join(b'"%d":1' % at for at in range(250_001))])
def test_what_was_read_before_a_mistake_is_freed_in_steps(monkeypatch: pytest.MonkeyPatch, end: bytes) -> None:
    emptied: list[int] = []

    def note(value: Any) -> None:
        emptied.append(len(value))

    monkeypatch.setattr("chatdouble.core.releasing._empty", note)
    assert _parsed(dense_json.loads, b'{"a":[' + b"1.5," * 300_000 + b"1.5" + end) == "not JSON"
    assert max(emptied) >= 300_000


def test_no_expression_repeats_a_group_possessively() -> None:
    # Python matches too little of such groups before 3.11.5, and Debian 12 has 3.11.2 (python/cpython#106052).
    sources = [path for folder in ("app", "backends") for path in (ROOT / folder).rglob("*.py")]
    possessive = re.compile(r"\)(?:[*+?]|\{\d*,\d*\})\+")
    assert len(sources) > 100
    assert [path.name for path in sources if possessive.search(path.read_text("utf-8"))] == []
