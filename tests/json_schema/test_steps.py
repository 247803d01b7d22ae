"""Budgets of steps, and what schemas and grammars that would need more than theirs get."""

import sys
from pathlib import Path
from typing import Any, Final

import pytest

from chatdouble.core.chance import Chance
from chatdouble.json_schema.generate import instance, is_valid, lark_instance
from chatdouble.json_schema.steps import OutOfStepsError, Steps
from chatdouble.json_schema.validator import Validator
from parts import long


def test_a_block_may_spend_its_part_and_the_rest_is_left() -> None:
    steps = Steps(100)
    with pytest.raises(OutOfStepsError), steps.at_most(10):
        steps.spend(11)
    assert not steps.spent
    steps.spend(89)
    assert steps.spent


def test_an_inner_part_is_never_larger_than_the_outer_one() -> None:
    steps = Steps(100)
    with pytest.raises(OutOfStepsError), steps.at_most(10), steps.at_most(50):
        steps.spend(11)


def test_calls_of_other_packages_spend_steps() -> None:
    steps = Steps(5)
    with steps.counting_calls():
        len("a")
    with pytest.raises(OutOfStepsError), steps.counting_calls():
        sorted(range(200), key=lambda number: -number)
    assert sys.getprofile() is None


def _doubled(keyword: str) -> dict[str, Any]:
    parts: dict[str, Any] = {"t0": {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}}
    for level in range(20):
        parts[f"t{level + 1}"] = {keyword: [{"$ref": f"#/$defs/t{level}"}, {"$ref": f"#/$defs/t{level}"}]}
    return {"$ref": "#/$defs/t20", "$defs": parts}


def _wide(least: int) -> dict[str, Any]:
    children = {"type": "array", "minItems": least, "items": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}}
    rest = {"type": "array", "items": {"$ref": "#"}}
    return {
        "type": "object",
        "properties": {"children": children, "subsections": rest},
        "required": ["children", "subsections"],
    }


EASY: dict[str, Any] = {
    "a long literal": {"type": "string", "pattern": "^a{20000}$"},
    "a long set": {"type": "string", "pattern": "^[a-f0-9]{20000}$"},
    "optional characters": {"type": "string", "pattern": "^" + "a?" * 60 + "a" * 60 + "$"},
    "nested repeats": {"type": "string", "pattern": "^((((a{1,30}){1,30}){1,30}){1,30})$"},
    "hundreds of parentheses": {"type": "string", "pattern": "(" * 90 + "a" + ")" * 90},
    "allOf": _doubled("allOf"),
    "anyOf": _doubled("anyOf"),
    "wide recursion": _wide(20),
    "very wide recursion": _wide(1000),
}


@pytest.mark.parametrize("schema", EASY.values(), ids=list(EASY))
def test_an_instance_is_found_where_an_easy_one_exists(schema: Any) -> None:
    steps = Steps()
    assert is_valid(instance(schema, Chance("seed"), steps), schema)
    assert not steps.gave_up


def test_the_smallest_instance_of_a_wide_recursion_ends_it_at_once() -> None:
    assert instance(_wide(20), Chance("seed")) == {"children": [None] * 20, "subsections": []}


HARD: dict[str, Any] = {
    "a million items": {"type": "array", "minItems": 10**6, "items": {"type": "integer"}},
    "a hundred thousand properties": {"type": "object", "minProperties": 10**5},
    "a required tree": {
        "$ref": "#/$defs/r0",
        "$defs": {
            f"r{level}": {
                "type": "object",
                "properties": {name: {"$ref": f"#/$defs/r{level + 1}"} for name in "ab"},
                "required": ["a", "b"],
            }
            for level in range(30)
        }
        | {"r30": {"type": "integer"}},
    },
}


QUICK: Final = "a hundred thousand properties"


@pytest.mark.parametrize(
    "schema", [pytest.param(schema, id=name, marks=() if name == QUICK else long) for name, schema in HARD.items()]
)
def test_the_budget_tells_that_it_was_too_small(schema: Any) -> None:
    steps = Steps()
    instance(schema, Chance("seed"), steps)
    assert steps.gave_up


@pytest.mark.parametrize("pattern", [r"^[^\s\S]$", r"^(?=(a+)+$)(?=(b+)+c)(\w+\s?)*$", r"^(?=.*(x+x+)+y)(\w|\w\w)*!$"])
def test_a_pattern_without_a_text_ends(pattern: str) -> None:
    assert isinstance(instance({"type": "string", "pattern": pattern}, Chance("seed")), str)


def test_a_validation_that_takes_too_many_steps_finds_the_value_valid() -> None:
    schema: Any = {"type": "string"}
    for _ in range(16):
        schema = {"allOf": [schema, schema]}
    assert Validator(schema).is_valid(5, {"type": "string"}) is False
    assert Validator(schema).is_valid("a", schema)
    assert list(Validator(schema).errors("a")) == []


GRAMMARS = {
    "repetition": 'start: "a"~1000000',
    "doubling rules": "start: r0\n" + "\n".join(f"r{at}: r{at + 1} r{at + 1}" for at in range(30)) + '\nr30: "a"\n',
    "doubling terminals": "start: T0\n" + "\n".join(f"T{at}: T{at + 1} T{at + 1}" for at in range(40)) + '\nT40: "a"\n',
    "nested templates": "start: " + "t{" * 40 + '"a"' + "}" * 40 + "\nt{x}: x x\n",
    "nested repetition": 'start: ((("a"~50)~50)~50)~50',
}


@pytest.mark.parametrize("grammar", GRAMMARS.values(), ids=list(GRAMMARS))
def test_a_grammar_that_explodes_ends_with_the_budget(grammar: str) -> None:
    with pytest.raises(OutOfStepsError):
        lark_instance(grammar, Chance("seed"), Steps(20_000))


@pytest.mark.parametrize(
    ("grammar", "why"),
    [
        ("start: A\n%declare A\n", "A is declared, but not defined"),
        ("start: A\n%import .secret.A\n", "no grammar 'secret' to import"),
        ("start: A\n%import secret.A\n", "no grammar 'secret' to import"),
        ("start: /(?<=a+)b/", "look-behind"),
        ("start: (" + "(" * 5000, "."),
    ],
)
def test_a_grammar_that_cannot_be_used_is_refused(
    grammar: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret.lark").write_text('A: "the secret"\n')
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=why):
        lark_instance(grammar, Chance("seed"))


def test_very_many_conditions_about_what_a_value_need_not_have_allow_an_empty_one() -> None:
    steps = Steps()
    needed = {f"a{number}": ["b"] for number in range(20_000)}
    assert instance({"type": "object", "dependencies": needed}, Chance("seed"), steps) == {}
    assert not steps.gave_up
