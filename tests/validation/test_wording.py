"""The grammar of the API's sentences."""

import pytest

from chatdouble.validation import wording


@pytest.mark.parametrize(
    ("values", "listed"),
    [(["a"], "'a'"), (["a", "b"], "'a' and 'b'"), (["a", "b", "c"], "'a', 'b', and 'c'")],
)
def test_values_are_listed_with_a_comma_before_the_last(values: list[str], listed: str) -> None:
    assert wording.quoted(values) == listed


@pytest.mark.parametrize(
    ("text", "short"), [("input_audio", "input_audio"), ("allowed_tools", "all...ols"), ("k" * 70, "kkk...kkk")]
)
def test_long_names_are_shortened_in_the_middle(text: str, short: str) -> None:
    assert wording.elided(text) == short


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        *[("x", "a string"), (True, "a boolean"), (1, "an integer"), (1.5, "a decimal number")],
        *[([], "an array"), ({}, "an object"), (None, "null")],
    ],
)
def test_a_value_s_kind_is_said_with_its_article(value: object, kind: str) -> None:
    assert wording.typed(value) == kind


@pytest.mark.parametrize(
    ("value", "shown"), [("low", "'low'"), (True, "true"), (0.0, "0.0"), (1e-08, "1e-08"), (2, "2")]
)
def test_a_value_is_shown_as_it_was_written(value: object, shown: str) -> None:
    assert wording.unsupported_value("x", value).message == (
        f"Unsupported value: 'x' does not support {shown} with this model."
    )
