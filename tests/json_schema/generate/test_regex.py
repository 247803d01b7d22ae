"""Texts that match a regular expression."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatdouble.core.chance import Chance
from chatdouble.core.expressions import TooLargeError
from chatdouble.json_schema.generate import regex_instance
from chatdouble.json_schema.generate.dialect import to_python
from chatdouble.json_schema.generate.regex import TextPattern, matching_text
from chatdouble.json_schema.steps import Steps
from chatdouble.scripts.format.expressions import checked_pattern
from parts import portion

PATTERNS = [
    *(r"\d{3}-\d{4}", r"[A-Z][a-z]+( [A-Z][a-z]+)*", r"(?P<a>x|yy)-(?P=a)", r"(a)?(?(1)b|c)", r"[^\w\s]{2}"),
    *(r"(?=.*[A-Z])(?=.*\d)(?=.*[!@#]).{8,20}", r"(?i:abc)", r"a*?b+?c??", r"\S+\s\S+", r"[\d\-x]+", r"\Aab\Z"),
    *(r"(?!foo)\w{3}", r"\bcat\b", r"[^\x00-\x7f]", r"(?>a+)b", r"x{0}y", r"\D\W\S", r"", r"a|", r"(?x) a b # c"),
    *(r"[^a-zA-Z0-9!-/:-@\[-`{-~ ]", r"(?<=a)?b", r"\n\t", r".", r"(?:(?:25[0-5]|1\d\d)\.){3}\d"),
]


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("seed", range(10))
def test_the_whole_text_matches(pattern: str, seed: int) -> None:
    assert re.fullmatch(pattern, regex_instance(pattern, Chance(str(seed))))


@settings(max_examples=portion(200))
@given(st.sampled_from([r"^[a-z]+$", r"^\w+(-\w+)*$", r"^(ab)*c*$", r"x", r"^a", r"z$"]), st.integers(1, 40))
def test_a_text_of_a_given_length_is_found(pattern: str, length: int) -> None:
    text = matching_text(pattern, Chance("seed"), length, length)
    assert text is not None
    assert len(text) == length
    assert re.search(pattern, text)


def test_there_is_no_text_of_a_length_that_the_pattern_rules_out() -> None:
    assert matching_text(r"^\d{3}$", Chance("seed"), 5, 9) is None


def test_a_contradiction_ends_with_the_best_attempt() -> None:
    assert regex_instance(r"a(?=b)c", Chance("seed")) == "ac"


@pytest.mark.parametrize("pattern", ["(", "[z-a]", "a{2,1}", "(?P<a>x)(?P<a>y)"])
def test_an_invalid_expression_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        regex_instance(pattern, Chance("seed"))


@pytest.mark.parametrize(("pattern", "expected"), [("^(a+)+$", True), (r"(\w+\s?)*", True), (r"a+b*c{3}", False)])
def test_repetitions_of_repetitions_are_is_risky(pattern: str, expected: bool) -> None:
    assert TextPattern(pattern, Steps()).is_risky is expected


def test_huge_repetitions_are_bounded() -> None:
    assert len(regex_instance("a{1000000}", Chance("seed"))) <= 100_000


def test_no_text_has_half_a_character() -> None:
    assert regex_instance(r"\ud800", Chance("seed")) == ""
    assert matching_text(r"[\ud800-\udfff]{3}|\udc00", Chance("seed"), 0, 10) is None


@pytest.mark.parametrize("pattern", ["^.*$", "^[^x]*$", "^(ab|cd)*$", r"^(?=.*[A-Z])(?=.*\d).*$", "^(?:a[bc]|[xy]z)+$"])
def test_an_easy_text_is_found_however_long_it_has_to_be(pattern: str) -> None:
    text = matching_text(pattern, Chance("seed"), 99_998, 100_000)
    assert text is not None
    assert len(text) >= 99_998
    assert re.search(pattern, text)


@pytest.mark.parametrize("pattern", [r"^[^\u0000-\uffff]$", "^[\U0001f600-\U0001f64f]{3}$", r"^[^\x00-\u2fff]{2}$"])
def test_characters_beyond_the_first_alphabets_are_found(pattern: str) -> None:
    assert re.fullmatch(pattern, regex_instance(pattern, Chance("seed")))


@pytest.mark.parametrize("items", ["{}", "{}-{}"], ids=["letters", "ranges"])
def test_a_set_of_thousands_of_items_is_looked_through_once(items: str) -> None:
    rare = "".join(items.format(chr(code), chr(code + 1)) for code in range(0x4E00, 0x5A00, 3))
    steps = Steps(200_000)
    with steps.counting_calls():  # a step for every ten; each letter with each item would be twelve million
        assert re.fullmatch(f"[{rare}]", regex_instance(f"[{rare}]", Chance("1")))


@pytest.mark.parametrize("text", ["a|" * 30_000 + "b", "[" + "ab" * 30_000 + "]"], ids=["branches", "a set"])
def test_an_expression_that_is_too_long_is_compiled_by_nobody(text: str) -> None:
    with pytest.raises(TooLargeError, match="more than 50,000 characters"):
        regex_instance(text, Chance("1"))
    assert to_python(text) is None
    with pytest.raises(ValueError, match=r"not a regular expression: .* more than 50,000 characters"):
        checked_pattern(text)
