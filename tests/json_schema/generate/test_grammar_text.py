"""The text of grammars that lark would read without an end, or with Python's own limits."""

import warnings
from typing import Any

import pytest
from openai import BadRequestError, OpenAI

from chatdouble.core.chance import Chance
from chatdouble.json_schema.generate import lark_instance
from chatdouble.json_schema.generate.grammar_text import readable


def _called(client: OpenAI, definition: str) -> str:
    form = {"type": "grammar", "grammar": {"syntax": "lark", "definition": definition}}
    tool: Any = {"type": "custom", "custom": {"name": "t", "format": form}}
    made = client.chat.completions.create(
        model="gpt-4.1", messages=[{"role": "user", "content": "go"}], tools=[tool], tool_choice="required"
    )
    assert made.choices[0].message.tool_calls
    call = made.choices[0].message.tool_calls[0]
    assert call.type == "custom"
    return call.custom.input


@pytest.mark.parametrize(
    ("definition", "why"),
    [
        ('start: "' + "\\" * 5001 + "\n", "The string that begins in line 1 does not end within 50,000 characters"),
        ("start: A\nA: /" + "\\" * 5000, "The pattern that begins in line 2 does not end within 50,000 characters"),
        ('start: "' + "a" * 340_000 + '"', "which is this server's limit"),
        ("start: /" + "[a-z]" * 68_000 + "/", "which is this server's limit"),
        ("start: " + "(" * 5000 + '"a"' + ")" * 5000, "Its parts are nested too deeply for this server"),
        ("start: /" + "(" * 5000 + "a" + ")" * 5000 + "/", "Its parts are nested too deeply for this server"),
    ],
    ids=["an open string", "an open pattern", "a long string", "a long pattern", "parentheses", "groups"],
)
def test_a_grammar_that_lark_cannot_read_is_refused(client: OpenAI, definition: str, why: str) -> None:
    with pytest.raises(BadRequestError, match=why):
        _called(client, definition)


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_a_million_line_breaks_are_a_few(client: OpenAI, line_break: str) -> None:
    assert _called(client, 'start: "a"' + line_break * 500_000 + '| "a"' + line_break * 500_000) == "a"


@pytest.mark.parametrize(
    ("definition", "text"),
    [
        (r'start: "a\\" "b\"c"', 'a\\b"c'),
        (r"start: /a[\/]\\\/b/", r"a/\/b"),
        ('start: "a" // "not closed\n', "a"),
        ("start: /b/ # /not closed", "b"),
        ('start: "/" "#" "//"', "/#//"),
    ],
)
def test_literals_and_comments_are_read_as_lark_reads_them(definition: str, text: str) -> None:
    assert readable(definition) == definition
    assert lark_instance(definition, Chance("seed")) == text


def test_line_breaks_in_a_pattern_stay() -> None:
    definition = 'start: "a"\n\n' + "\n" * 300 + "/x" + "\n" * 300 + "/"
    assert readable(definition).endswith("/x" + "\n" * 300 + "/")
    assert len(readable(definition)) < len(definition)


def test_python_warns_of_no_pattern_of_a_grammar() -> None:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        lark_instance("start: /[[a]b]/", Chance("seed"))
    assert not warned
