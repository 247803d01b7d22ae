"""The long texts outside the tags of templates, which Jinja does not read."""

from typing import Any

import pytest
from jinja2.lexer import Lexer

from chatdouble.scripts.format.template_texts import shortened
from chatdouble.scripts.format.templates import TemplateFailedError, fill, fill_text, literal

VARIABLES: dict[str, Any] = {"user": "hello", "n": 3}
LONG = "a { b " * 40_000


def _read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows by the length of each template that Jinja reads."""
    lengths: list[int] = []
    read = Lexer.tokeniter

    def noting(lexer: Any, source: str, *more: Any) -> Any:
        lengths.append(len(source))
        return read(lexer, source, *more)

    monkeypatch.setattr(Lexer, "tokeniter", noting)
    return lengths


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (LONG + "{{ user }}" + LONG + "{", LONG + "hello" + LONG + "{"),
        ("{% filter upper %}" + LONG + "{% endfilter %}", LONG.upper()),
        ("{% set x %}" + LONG + "{% endset %}{{ x|length }}", str(len(LONG))),
        ("{% macro m() %}" + LONG + "{% endmacro %}{{ m() }}", LONG),
        ("{% if n == 3 -%}  " + LONG + "  {%- endif %}", LONG.strip()),
        ("}}" + "{ " * 50 + "x" * 5000 + "{{ user }}", "}}" + "{ " * 50 + "x" * 5000 + "hello"),
    ],
    ids=["texts", "a filter", "a block", "a macro", "blanks", "braces"],
)
def test_long_texts_are_not_read_and_come_as_they_are(
    template: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths = _read(monkeypatch)
    assert fill_text(template, lambda: VARIABLES) == expected
    assert max(lengths) < 3000


@pytest.mark.parametrize(
    "template",
    [
        '{{ "}}' + "x" * 5000 + '{{" }}',
        "{{ '}}" + "x" * 5000 + "{{' }}",
        "{# }} " + "x" * 5000 + " {{ #}{{ user }}",
        "{% raw %}" + "x" * 5000 + "{% endraw %}",
        "{{ user -}}" + " " * 5000 + "x{{ user }}",
        "{{ user }}",
    ],
)
def test_what_may_be_code_is_left_to_jinja(template: str) -> None:
    assert shortened(template) == (template, [])


def test_a_long_text_in_quotes_is_no_work_for_jinja(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "{{ user }} {% if %}\n\\é" * 40_000
    lengths = _read(monkeypatch)
    assert fill(literal(text), lambda: VARIABLES) == text
    assert not lengths


def test_a_long_expression_is_refused_before_it_is_searched() -> None:
    with pytest.raises(TemplateFailedError, match="characters in them"):
        fill("{{ user" + " " * 100_000 + "}}", lambda: VARIABLES)
