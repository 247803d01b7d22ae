"""ECMA-262 regular expressions in Python's syntax."""

import random
import re

import pytest

from chatdouble.json_schema.generate.dialect import to_python


@pytest.mark.parametrize(
    ("pattern", "matching"),
    [
        (r"^(?<year>\d{4})-\k<year>$", "2020-2020"),
        (r"^\p{Lu}\p{L}+$", "Émile"),
        (r"^[\p{L}\p{N}_]+$", "a1_"),
        (r"^\P{L}$", "1"),
        (r"^\p{Script=Latin}$", "a"),
        (r"^\u{1F600}$", "\U0001f600"),
        (r"^[^]$", "\n"),
        (r"^https?:\/\/x$", "https://x"),
        (r"^[[&&~~||]+$", "[&~|"),
        (r"^(?<!a)b$", "b"),
        (r"^\[\p{L}\]$", "[a]"),
    ],
)
def test_a_translated_pattern_matches_like_the_original(pattern: str, matching: str) -> None:
    translated = to_python(pattern)
    assert translated is not None
    assert re.search(translated, matching)


def test_an_empty_set_matches_nothing() -> None:
    translated = to_python("a[]")
    assert translated is not None
    assert not re.search(translated, "a")


@pytest.mark.parametrize("pattern", ["(", "*", "[b-a]", "a{99999999999}"])
def test_a_pattern_that_python_cannot_compile_has_no_translation(pattern: str) -> None:
    assert to_python(pattern) is None


@pytest.mark.parametrize("seed", range(20))
def test_what_python_writes_in_the_same_way_is_not_translated(seed: int) -> None:
    rng = random.Random(seed)
    pieces = [*"[]^a&~|\\=!)-(\n", "(?<", "x>", "\\p{L}", "\\u{61}", "\\k<x>"]
    patterns = ["".join(rng.choices(pieces, k=rng.randint(1, 8))) for _ in range(1000)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("chatdouble.json_schema.generate.dialect._FOREIGN", re.compile(""))  # in each pattern
        translated = [*map(to_python, patterns)]
    assert [*map(to_python, patterns)] == translated
