"""Texts in the languages of lark grammars."""

import re
from typing import Any

import pytest
from lark import Lark
from lark.exceptions import GrammarError

from chatdouble.core.chance import Chance
from chatdouble.json_schema.generate import lark_instance

ARITHMETIC = """
start: expr
expr: term (SP ADD SP term)*
term: factor (SP MUL SP factor)*
factor: INT
    | "(" expr ")"
SP: " "
ADD: "+"
MUL: "*"
%import common.INT
"""
SQL = """
start: "SELECT"i columns "FROM" NAME [where] ";"
columns: NAME ("," NAME)*
where: "WHERE" NAME "=" (NUMBER | ESCAPED_STRING)
NAME: /[a-z_][a-z0-9_]*/
%import common (NUMBER, ESCAPED_STRING, WS)
%ignore WS
"""
JSON = """
start: value
?value: object | array | ESCAPED_STRING | SIGNED_NUMBER | "true" | "false" | "null"
array: "[" [value ("," value)*] "]"
object: "{" [pair ("," pair)*] "}"
pair: ESCAPED_STRING ":" value
%import common (ESCAPED_STRING, SIGNED_NUMBER, WS)
%ignore WS
"""
REPEATS = 'start: ("a" ~ 3 | "b" ~ 1..2)+ "."\n'
TEMPLATE = 'start: _separated{NUMBER, ","}\n_separated{x, sep}: x (sep x)*\nNUMBER: /[0-9]+/\n'
# Lark itself refuses these grammars: it takes the same alternative under two aliases for a rule defined twice.
ALIASED = """
start: expr
expr: term (SP ADD SP term)* -> add
    | term
term: factor (SP MUL SP factor)* -> mul
    | factor
factor: INT
SP: " "
ADD: "+"
MUL: "*"
%import common.INT
"""
ALIASES = 'start: A "->" b -> whole\nb: A? A? -> some\n | A -> one\nA: "a"\n'


@pytest.mark.parametrize("grammar", [ARITHMETIC, SQL, JSON, REPEATS, TEMPLATE], ids=["math", "sql", "json", "~", "{}"])
@pytest.mark.parametrize("seed", range(12))
def test_the_parser_accepts_the_text(grammar: str, seed: int) -> None:
    text = lark_instance(grammar, Chance(str(seed)))
    parser: Any = Lark(grammar)
    parser.parse(text)
    assert len(text) < 5000


@pytest.mark.parametrize("seed", range(12))
def test_aliases_of_alternatives_do_not_affect_the_text(seed: int) -> None:
    with pytest.raises(GrammarError):
        Lark(ALIASED)
    assert re.fullmatch(r"\d+( [+*] \d+)*", lark_instance(ALIASED, Chance(str(seed))))
    assert re.fullmatch(r"a->a{0,2}", lark_instance(ALIASES, Chance(str(seed))))


def test_a_rule_may_have_many_optional_parts() -> None:
    parts = [f'("{letter}" "-"?)?' if letter < "e" else f'["{letter}"]' for letter in "abcdefghijklmnopqrst"]
    texts = {lark_instance("start: " + " ".join(parts), Chance(str(seed))) for seed in range(6)}
    wanted = "".join(f"({letter}-?)?" if letter < "e" else f"{letter}?" for letter in "abcdefghijklmnopqrst")
    assert all(re.fullmatch(wanted, text) for text in texts)
    assert len(texts) > 1


def test_the_same_chance_gives_the_same_text() -> None:
    assert lark_instance(JSON, Chance("seed")) == lark_instance(JSON, Chance("seed"))


@pytest.mark.parametrize(
    "grammar",
    [
        "",
        "nonsense",
        "start: missing",
        'begin: "a"',
        "start: start",
        'start: "a" start',
        "start: /(/",
        "start: A\nA: A",
        'start: "\ud800"',
    ],
)
def test_an_invalid_grammar_is_refused(grammar: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        lark_instance(grammar, Chance("seed"))
