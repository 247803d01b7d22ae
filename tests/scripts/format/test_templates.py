"""Templates, and the sandbox they run in."""

from typing import Any

import pytest

from chatdouble.scripts.format.base import is_template
from chatdouble.scripts.format.templates import (
    TemplateFailedError,
    captures_used,
    fill,
    fill_text,
    syntax_error,
    unknown_variables,
)

VALUES: dict[str, Any] = {"user": "Ann", "match": {"a": "1"}, "request": {"items": [1, 2], "nothing": None}}


def filled(value: Any) -> Any:
    return fill(value, lambda: VALUES)


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("no template", "no template"),
        ("{ {x} }", "{ {x} }"),
        ("Hello {{ user }}!\n", "Hello Ann!\n"),
        ("{% if user == 'Ann' %}yes{% endif %}", "yes"),
        ("{# nothing #}", ""),
        ("{{ request['items'] }}", [1, 2]),
        ("{{ request.items }}", [1, 2]),
        ("{{ request.nothing }}", None),
        (" {{ 1 + 1 }} ", 2),
        ("{{ 1 }}{{ 2 }}", "12"),
        ("{{ {'a': user} }}", {"a": "Ann"}),
        ({"{{ user }}": ["{{ match.a }}", 5, None]}, {"Ann": ["1", 5, None]}),
    ],
)
def test_templates_are_rendered_in_values(template: Any, value: Any) -> None:
    assert filled(template) == value


def test_a_rendered_text_is_a_text() -> None:
    assert fill_text("{{ 1 + 1 }}", lambda: VALUES) == "2"


def test_variables_are_not_built_without_a_template() -> None:
    def never() -> dict[str, Any]:
        raise AssertionError("made")

    assert fill({"a": ["plain", 1]}, never) == {"a": ["plain", 1]}


@pytest.mark.parametrize(
    "template",
    [
        "{{ missing }}",
        "{{ match.missing }}",
        "Hello {{ match.missing }}",
        "{{ 1 / 0 }}",
        "{{ broken",
        "{{ user.__class__.__mro__ }}",
        "{{ request['items'].append(3) }}",
        "{{ ''.__class__ }}{{ cycler.__init__.__globals__ }}",
        "{{ user | nofilter }}",
    ],
)
def test_a_template_that_cannot_be_rendered_is_an_error(template: str) -> None:
    with pytest.raises(TemplateFailedError, match="cannot be rendered"):
        filled(template)
    assert VALUES["request"]["items"] == [1, 2]


def test_templates_are_recognised() -> None:
    assert [is_template(text) for text in ("a {{ b }}", "{% b %}", "{# b #}", "{a}", '{"a": {"b": 1}}')] == [
        *(True, True, True, False, False)
    ]


def test_syntax_is_checked_without_rendering() -> None:
    assert syntax_error("{{ missing }}") is None
    assert syntax_error("{{ a b }}") is not None


def test_undefined_variables_are_found_except_those_a_template_sets() -> None:
    assert unknown_variables("{{ usr }}{{ user }}{% set x = 1 %}{{ x }}{{ range(3) }}") == ["usr"]


@pytest.mark.parametrize(
    ("template", "used"),
    [
        ("{{ match.city }} {{ match['day'] }}", {"city", "day"}),
        ("{{ match }}", {"*"}),
        ("{{ match[user] }}", {"*"}),
        ("{{ other.city }}{{ user }}{{ request['a'] }}", set[str]()),
        ("{% for key in match %}{{ match.a }}{% endfor %}", {"a", "*"}),
    ],
)
def test_the_captures_a_template_uses_are_found(template: str, used: set[str]) -> None:
    assert captures_used(template) == used
