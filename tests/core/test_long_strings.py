"""JSON with very long strings, which are read piece by piece."""

import random
from typing import Any

import orjson
import pytest

from chatdouble.core import long_strings
from chatdouble.core.json import loads

CHARACTERS = ["a", " ", "é", "漢", "😀", r"\n", r"\"", r"\\", r"A", r"漢", r"😀", r"\u0000", ","]
MISTAKES = [b"\xff", b"\n", rb"\ud83d", rb"\udc00", rb"\x", rb"\u12", b"\x80", b'"', b"\\"]


def _string(rng: random.Random, size: int) -> str:
    block = "".join(rng.choices(CHARACTERS, k=997))
    return block * (size // len(block) + 1)


def _parsed(parse: Any, raw: bytes) -> Any:
    try:
        return parse(raw)
    except orjson.JSONDecodeError:
        return "not JSON"


def _in_steps(raw: bytes) -> Any:
    return long_strings.loads(raw, orjson.loads)


@pytest.mark.parametrize("seed", range(10))
def test_a_text_is_parsed_as_by_orjson(seed: int) -> None:
    rng = random.Random(seed)
    long, short = _string(rng, 600_000), _string(rng, 2_000)
    raw = f'{{"{short}":["{long}",1,"{short}",{{"{long}":"\\u00000 0","b":"{long}"}}], "c" : "{long}" }}'.encode()
    assert _in_steps(raw) == orjson.loads(raw)
    assert str(_in_steps(raw)) == str(orjson.loads(raw))  # the keys of all objects have the same order
    assert _in_steps(f'"{long}"'.encode()) == orjson.loads(f'"{long}"')


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_long_string_with_a_mistake_is_refused_where_orjson_refuses_it(mistake: bytes) -> None:
    whole = _string(random.Random(0), 600_000).encode()
    for at in (0, 300_000, len(whole)):
        start = whole[:at].decode(errors="ignore").encode().rstrip(b"\\u0123456789abcdefABCDEF")
        raw = b'["%b%b%b"]' % (start, mistake, b"a" * 300_000)
        assert _parsed(_in_steps, raw) == _parsed(orjson.loads, raw)


def test_a_long_string_that_does_not_end_is_refused() -> None:
    assert _parsed(_in_steps, b'["' + b"a" * 600_000) == "not JSON"
    assert _parsed(_in_steps, b'["' + b"a" * 600_000 + b"\\") == "not JSON"


def test_a_number_that_is_longer_than_any_is_refused() -> None:
    assert _parsed(loads, b"[%b]" % (b"1" * 5_000_000)) == _parsed(orjson.loads, b"[%b]" % (b"1" * 5_000_000))
    assert loads(b"[%b1]" % (b" " * 5_000_000)) == [1]


def test_a_large_text_is_parsed_in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[int] = []
    parse = orjson.loads

    def counted(raw: bytes) -> Any:
        steps.append(len(raw))
        return parse(raw)

    monkeypatch.setattr(orjson, "loads", counted)
    assert len(loads(b'{"a":"%b"}' % (b"a" * 5_000_000))["a"]) == 5_000_000
    assert len(loads(b'{"a":[%b]}' % b",".join([b'"%b"' % (b"a" * 50_000)] * 100))["a"]) == 100
    assert max(steps) < 4_000_000


@pytest.mark.parametrize("blanks", [b" " * 600_000, b"\n\t \r" * 150_000, b" " * 100_000])
def test_long_runs_of_blanks_are_not_read_with_the_rest(blanks: bytes) -> None:
    raw = b'%b{"a  b":%b"%b",%b"c":[1,%b2]%b}%b' % (*[blanks] * 2, b"  x  " * 40, *[blanks] * 4)
    given: list[bytes] = []

    def parse(text: bytes) -> Any:
        given.append(text)
        return orjson.loads(text)

    assert long_strings.loads(raw, parse) == orjson.loads(raw)
    assert len(given[0]) < 1000
