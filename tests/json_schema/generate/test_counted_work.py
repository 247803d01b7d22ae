"""Work of the generator that is counted, or done once, however large a schema is."""

import random
from contextlib import suppress
from typing import Any

import pytest

from chatdouble.core.chance import Chance
from chatdouble.core.expressions import SECONDS, Expression
from chatdouble.core.json import written
from chatdouble.core.json_in_steps import written_in_steps
from chatdouble.json_schema import tree
from chatdouble.json_schema.generate import instance, is_valid
from chatdouble.json_schema.generate.numbers import integer
from chatdouble.json_schema.patterns import SLOW
from chatdouble.json_schema.steps import TOTAL, OutOfStepsError, Steps


def _named(count: int) -> dict[str, Any]:
    return {f"k{number}a": {"type": "integer"} for number in range(count)}


def test_a_pattern_is_compiled_once_for_a_request_however_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []

    class Noted(Expression):
        def __init__(self, text: str, flags: int = 0) -> None:
            compiled.append(text)
            super().__init__(text, flags)

    monkeypatch.setattr("chatdouble.json_schema.patterns.Expression", Noted)
    patterns = {f"^k{number}[a-z](x|yy)*$": {"minimum": number} for number in range(300)}
    schema = {"type": "object", "properties": _named(40), "patternProperties": patterns}
    assert is_valid(instance(schema, Chance("seed")), schema)
    assert len(compiled) <= 2 * len(patterns)  # the value is made, and then validated here


def test_searches_among_very_many_properties_and_patterns_spend_the_budget() -> None:
    steps = Steps()
    patterns = {f"^k{number}[a-z](x|yy)*$": {"type": "integer"} for number in range(500)}
    schema = {"type": "object", "properties": _named(500), "patternProperties": patterns}
    assert instance(schema, Chance("seed"), steps) == {}  # the smallest one, when the budget runs low
    assert steps.left < TOTAL // 2


def test_merging_very_many_properties_again_and_again_spends_the_budget() -> None:
    steps = Steps()
    parts = [{"properties": _named(800), "additionalProperties": {"minimum": number}} for number in range(100)]
    schema = {"type": "object", "allOf": parts}
    with suppress(OutOfStepsError):
        instance(schema, Chance("seed"), steps)
    assert steps.left < TOTAL // 2


def test_an_anchor_is_searched_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_value: Any, _name: str) -> Any:
        raise AssertionError

    monkeypatch.setattr(tree, "_anchored", never)
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {f"p{number}": {"$ref": f"#a{number}"} for number in range(50)} | {"/~%é": {"$ref": "#odd"}},
        "required": ["/~%é"],
        "$defs": {f"d{number}": {"$anchor": f"a{number}", "const": number} for number in range(49)}
        | {"~/%é": {"$anchor": "odd", "const": "odd"}, "other": {"$anchor": "odd", "const": "another"}},
    }
    made = instance(schema, Chance("seed"))
    assert made["/~%é"] == "odd"
    assert [made[f"p{number}"] for number in range(49)] == [*range(49)]
    assert "p49" in made  # its anchor does not exist


def test_a_dynamic_anchor_of_the_root_is_followed() -> None:
    schema = {
        "$dynamicAnchor": "node",
        "type": "object",
        "properties": {"name": {"type": "string"}, "inner": {"$dynamicRef": "#node"}},
        "required": ["name"],
    }
    assert isinstance(instance(schema, Chance("seed"))["inner"]["name"], str)


class _Counting(random.Random):
    """Counts the numbers that are drawn."""

    drawn = 0

    def randint(self, a: int, b: int) -> int:
        self.drawn += 1
        return super().randint(a, b)


def test_no_number_is_drawn_after_one_that_is_valid() -> None:
    rng = _Counting(7)
    assert integer({"minimum": 3, "maximum": 90}, "", rng) in range(3, 91)
    assert rng.drawn == 1


def test_a_search_has_less_time_where_a_slow_one_costs_more_than_is_left() -> None:
    steps = Steps(SLOW)
    assert steps.seconds(SLOW) == SECONDS
    with steps.at_most(SLOW // 4):
        assert steps.seconds(SLOW) == SECONDS / 4
    with steps.at_most(0):
        assert 0 < steps.seconds(SLOW) < SECONDS / 4


def test_a_long_value_is_written_part_by_part(monkeypatch: pytest.MonkeyPatch) -> None:
    lengths: list[int] = []

    def noting(value: Any) -> str:
        text = written(value)
        lengths.append(len(text))
        return text

    monkeypatch.setattr("chatdouble.core.json_in_steps.written", noting)
    value = {f"é{number}": ['a"\\' * 30_000, 1e16, None, "\ud800"] for number in range(40)}
    assert written_in_steps(value) == written(value)
    assert max(lengths) < 600_000


def test_hundreds_of_lookaheads_spend_the_budget_of_a_search() -> None:
    lookaheads = "".join(f"(?=.*{chr(97 + at % 26)}{at})" for at in range(300))
    schema = {"type": "string", "pattern": f"^{lookaheads}a(?=b)c"}
    passed: list[int] = []

    class Noted(Steps):
        def spend(self, steps: int = 1) -> None:
            passed.append(steps)
            super().spend(steps)

    instance(schema, Chance("seed"), Noted())
    # A lookahead within 299 others counts for more than one that stands alone.
    assert {11, 12, 13, 14} <= {*passed}


def test_long_expressions_are_counted_before_they_are_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_pattern: str) -> Any:
        raise AssertionError

    monkeypatch.setattr("chatdouble.json_schema.generate.normalise.to_python", never)
    patterns = {f"a{number}": {"type": "string", "pattern": f"^{number}{'[a-z]' * 9000}$"} for number in range(50)}
    with pytest.raises(OutOfStepsError):
        instance({"type": "object", "properties": patterns, "required": [*patterns]}, Chance("seed"))


def test_a_long_constant_costs_little() -> None:
    schema = {"type": "object", "properties": {"a": {"const": "word " * 600_000}}, "required": ["a"]}
    assert instance(schema, Chance("seed")) == {"a": "word " * 600_000}
