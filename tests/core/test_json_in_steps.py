"""JSON that is written in steps."""

import json
from typing import Any, Final

import pytest

from chatdouble.core.json import encode, encode_indented, is_array, is_object
from chatdouble.core.json_in_steps import encode_in_steps, indented_in_steps, joined, sorted_in_steps
from steps import written_steps


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        "é",
        None,
        {"a": {}, "b": []},
        [[1], {"a": [None]}],
        [*range(100)],
        {"a": [{"b": [*range(33)]}] * 70},
        [""] * 32,
        [{"a": "x" * 300_000}, *[{"a": 1}] * 70],
        {"k" * 300_000: [2**70, "\ud800"]},
        {"a": 'é"\n\U0001f600x' * 150_000},
    ],
)
def test_the_pieces_of_a_value_are_its_json(value: Any) -> None:
    assert b"".join(encode_in_steps(value)) == encode(value)


def _indented(value: Any) -> list[bytes]:
    return [indented_in_steps(value)]


@pytest.mark.parametrize("end", ["x" * 3_000_000, ["x" * 100_000] * 40, [*range(200_000)], [{"a": "x"}] * 100_000])
@pytest.mark.parametrize("write", [encode_in_steps, _indented])
def test_no_step_writes_much_whatever_a_value_is_beside(monkeypatch: pytest.MonkeyPatch, end: Any, write: Any) -> None:
    value = {"a": [{"b": 1}, *[{"b": "short"}] * 40, {"b": end}], "c": [end, end], "d": ["short", *["x"] * 40, end]}
    steps = written_steps(monkeypatch)
    assert sum(map(len, write(value))) > 1_000_000
    assert max(steps) < 600_000


@pytest.mark.parametrize(
    "value",
    [
        {"b": 1, "a": {"d": [], "c": None}},
        {str(at): {"z": at, "y": [{"b": 1, "a": 2}] * 40} for at in range(30_000, 0, -1)},
        [{"b": 2**70, "a": "é\ud800"}] * 2,
        "x",
    ],
)
def test_a_value_has_the_same_pieces_whatever_the_order_of_its_names(value: Any) -> None:
    whole = b"".join(sorted_in_steps(value))
    assert json.loads(whole) == value
    assert whole == b"".join(sorted_in_steps(_backwards(value)))
    assert json.dumps(json.loads(whole)) == json.dumps(value, sort_keys=True)


def _backwards(value: Any) -> Any:
    if is_object(value):
        return {name: _backwards(value[name]) for name in [*value][::-1]}
    return [*map(_backwards, value)] if is_array(value) else value


def test_pieces_that_are_kept_are_not_short() -> None:
    pieces = [*joined(encode_in_steps({f"key {at}": {} for at in range(100_000)}))]
    assert min(map(len, pieces[:-1])) > 30_000


def test_a_long_text_comes_in_pieces() -> None:
    pieces = [*encode_in_steps({"held": "x" * 1_000_000})]
    assert max(map(len, pieces)) < 300_000


VALUES: Final[list[Any]] = [
    {},
    [],
    {"a": []},
    [{}],
    [[]],
    [[1, 2], [{"a": [{"b": "\n"}]}]],
    {"a": {"b": [{"c": [1, {"d": None}]}]}},
    "x",
    [1, {}],
    {"a": "\n\\é" * 100_000},
    [{"a": ["x" * 300_000, 1]}, *[{"a": 1}] * 70],
    [*range(3000)],
    ["x" * 300_000, {"k" * 300_000: [[], {}]}],
]


@pytest.mark.parametrize("value", VALUES)
def test_a_value_that_is_written_in_steps_is_written_as_at_once(value: Any) -> None:
    for written in (value, [value] * 40, {"many": [value] * 40}):
        assert indented_in_steps(written) == encode_indented(written)
