"""Texts that several expressions allow together, checked with Python's own engine and an independent validator."""

import re
from typing import Any

import pytest

from chatdouble.core.chance import Chance
from chatdouble.json_schema.generate import instance
from chatdouble.json_schema.generate.common_texts import common_text
from chatdouble.json_schema.generate.formats import expression_of, shortest, text_of_format
from chatdouble.json_schema.steps import Steps
from random_schemas import FORMATS, faults

HARD = [
    *(r"^(?=.*foo)(?=.*bar).*$", r"^(?=.*foo).{3}$", r"(?=.*\bcat\b)(?=.*\bdog\b)", r"^(?=foo|bar)\w{3}$", r"\Bx\B"),
    *(r"^(?=.*(?:abc|def))(?=.*(?:123|456))\w+$", r"^\w+(?<=ing)$", r"(?<=\$)\d+", r"^(?=.*12345)\d{5,9}$"),
    *(r"^(?!.*(?:a|e))(?=.*[fgh])(?:[a-h]-?){4}(?<!-)$", r"^(?:(?=ab|cd)[a-d]{2}){3}$", r"^(?![^x]+$)\w{2,3}$"),
    *(r"^中(?=.*文)..$", r"(?<!\w)é+\b", r"^(?:a?b?){3}(?=c)c?$", r"^(?:x|(?!y)[xyz]){2}(?<=zz)$"),
]
TOGETHER = [
    ("^a", "z$"),
    (r"\d", "[A-Z]", "[!@#]"),
    ("^[0-9]+$", "^.{10}$"),
    ("^[a-z]+$", "foo", "bar", "^.{8,}$"),
    (r"^[^@]+@[^@]+$", r"\.com$"),
    ("^(ab)+$", "^(aba?b?)+$"),
    (r"^(?!x)", "^[xyz]$", "[^y]"),
]
FORMATTED: list[dict[str, Any]] = [
    {"format": "date", "pattern": "^2031-"},
    {"format": "date", "pattern": "-02-29$"},
    {"format": "date-time", "pattern": r"\.\d{3}Z$"},
    {"format": "date-time", "minLength": 25},
    {"format": "uuid", "pattern": "^0{8}-"},
    {"format": "ipv4", "pattern": r"^192\.168\."},
    {"format": "ipv4", "minLength": 15},
    {"format": "ipv6", "pattern": "^fe80:", "minLength": 39},
    {"format": "email", "pattern": r"^sales@.*\.io$"},
    {"format": "email", "minLength": 60},
    {"format": "hostname", "pattern": r"\.org$", "minLength": 60},
    {"format": "uri", "pattern": r"^https://github\.com/[\w-]+/[\w-]+$"},
    {"format": "uri", "minLength": 100, "maxLength": 100},
    {"format": "duration", "minLength": 12},
]


@pytest.mark.parametrize("pattern", HARD)
def test_a_string_has_what_lookarounds_and_boundaries_ask_for(pattern: str) -> None:
    for seed in range(3):
        assert re.search(pattern, instance({"type": "string", "pattern": pattern}, Chance(str(seed))))


@pytest.mark.parametrize("patterns", TOGETHER, ids=str)
def test_a_string_follows_all_patterns_of_merged_schemas(patterns: tuple[str, ...]) -> None:
    schema = {"type": "string", "allOf": [{"pattern": pattern} for pattern in patterns]}
    for seed in range(3):
        assert faults(schema, instance(schema, Chance(str(seed)))) == []


@pytest.mark.parametrize("keywords", FORMATTED, ids=str)
def test_a_string_has_its_format_beside_a_pattern_or_a_length(keywords: dict[str, Any]) -> None:
    schema = {"type": "string", **keywords}
    for seed in range(3):
        assert faults(schema, instance(schema, Chance(str(seed)))) == []


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_typical_of_a_format_has_the_format(name: str) -> None:
    expression = expression_of(name)
    if expression is None:
        assert text_of_format(name, Chance("seed").random())
        return
    for length in range(len(shortest(name) or ""), 40, 5):
        text = common_text([expression], length, 60, Chance(str(length)), Steps())
        assert text is None or faults({"type": "string", "format": name}, text) == []


@pytest.mark.parametrize(
    ("patterns", "size"),
    [
        (["^a", "^b"], (0, 9)),
        ([r"^(?=.*foo)[a-e]+$"], (0, 9)),
        (["^a{3}$"], (4, 9)),
        ([r"^(a)\1$"], (0, 9)),
        (["^a{9000}$", "b"], (0, 9)),
        ([r"^(?=(.*a.*b.*c){9})(?=(.*d.*e.*f){9})(?=(.*g.*h.*i){9})$"], (0, 999)),
    ],
    ids=str,
)
def test_a_search_that_finds_nothing_ends_and_is_not_repeated(patterns: list[str], size: tuple[int, int]) -> None:
    steps = Steps()
    assert common_text(patterns, *size, Chance("seed"), steps) is None
    left = steps.left
    assert left > 0
    assert common_text(patterns, *size, Chance("other"), steps) is None
    assert steps.left == left


def test_names_of_properties_follow_a_pattern_with_few_short_ones() -> None:
    schema = {"type": "object", "propertyNames": {"pattern": "^x_"}, "minProperties": 4}
    assert faults(schema, instance(schema, Chance("seed"))) == []
