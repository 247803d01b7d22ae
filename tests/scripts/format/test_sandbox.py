"""The limits of templates."""

import pytest

from chatdouble.core.chance import Chance
from chatdouble.scripts.format.templates import TemplateFailedError, fill, fill_text, literal
from chatdouble.scripts.replying.template_variables import RandomValues

VARIABLES = {"user": "hello", "random": RandomValues(Chance("seed")), "request": {"messages": [{"a": 1}] * 3}}
DOUBLING = "{%% set ns = namespace(x='aa') %%}{%% for i in range(60) %%}{%% set ns.x = %s %%}{%% endfor %%}"
CALLS = "{% macro m(n) %}{% if n %}{{ m(n-1) }}{{ m(n-1) }}{% endif %}{% endmacro %}{{ m(40) }}"


@pytest.mark.parametrize(
    "template",
    [
        *("{{ 'x' * 10**9 }}", "{{ 10**9 * 'x' }}", "{{ [0] * 10**9 }}", "{{ 10**(10**10) }}"),
        *("{{ '%1000000000d' % 1 }}", "{{ '%*d' % (10**9, 1) }}", "{{ '%1000000000d'|format(1) }}"),
        *("{{ '{:>1000000000}'.format(1) }}", "{{ '{:{w}}'.format(1, w=10**9) }}", "{{ 'a'.ljust(10**9) }}"),
        *("{{ 'a'|center(10**9) }}", "{{ 'a'|indent(10**9, first=True) }}", "{{ 'x'.zfill(10**9) }}"),
        *("{{ random.hex(10**9) }}", "{{ range(10**9)|list }}", "{{ lipsum(10**6) }}"),
        *("{{ 'aaa'|replace('a', 'b' * 500000) }}", "{{ 'aaa'.replace('a', 'b' * 500000) }}"),
        *("{{ (['x' * 100000] * 1000)|join }}", "{{ ('y' * 100000).join(['x'] * 1000) }}"),
        *(DOUBLING % grown for grown in ("ns.x ~ ns.x", "ns.x + ns.x", "'%s%s' % (ns.x, ns.x)")),
        "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
        "{% for i in range(900) %}{{ 'x' * 9000 }}{% endfor %}",
        "{{ range(99999) | list | sort | length }}",
        "{{ ('ab' * 45000) | list | map('upper') | map('lower') | join }}",
        "{{ range(9999) %s | list }}" % ("| map('string') | map('int') " * 3),
        *("{{ user }}" * 101, "{% if user %}{% endif %}" * 75, "{{ user" + " ~ user" * 2000 + " }}"),
        "{{ user }}" + "{{" * 100_000,
        *("{{ ('a ' * 40000) | urlize }}", "{{ ('a ' * 40000) | wordwrap(1) }}"),
        CALLS,
    ],
)
def test_a_template_that_asks_for_too_much_fails(template: str) -> None:
    for text in (template, f"a {template}"):
        with pytest.raises(TemplateFailedError, match="cannot be rendered"):
            fill(text, lambda: VARIABLES)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{% for m in request.messages %}{{ loop.index }}/{{ loop.length }} {% endfor %}", "1/3 2/3 3/3 "),
        ("{{ 'a-b'|replace('-', '+') }} {{ '%s!' % user }} {{ '{}?'.format(user) }}", "a+b hello! hello?"),
        ("{{ 'a' * 3 }} {{ 2 ** 10 }} {{ [1, 2]|join('-') }} {{ 'x'|center(3) }}.", "aaa 1024 1-2  x ."),
        ("{% set x %}{{ user ~ '!' }}{% endset %}{{ x|upper }} {{ {'a': 1}|tojson }}", 'HELLO! {"a": 1}'),
        ("{{ random.hex(4)|length }} {{ range(3)|list }}", "4 [0, 1, 2]"),
    ],
)
def test_what_templates_usually_do_is_within_the_limits(template: str, expected: str) -> None:
    assert fill_text(template, lambda: VARIABLES) == expected


def test_a_literal_may_have_anything_in_it() -> None:
    text = "{{ user }} {% if %}" * 2000
    assert fill(literal(text), lambda: VARIABLES) == text
    assert fill_text(literal(text), lambda: VARIABLES) == text


def test_the_message_of_a_failure_is_short() -> None:
    with pytest.raises(TemplateFailedError) as failed:
        fill_text("{{ nothing }}" + "x" * 100_000, lambda: VARIABLES)
    assert len(str(failed.value)) < 1500
