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


def _levels(rule: str, last: str) -> str:
    return "start: r0\n" + "".join(f"r{at}: {rule.format(f'r{at + 1}')}\n" for at in range(30)) + f"r30: {last}\n"


# Lark writes out millions of alternatives for these, or has no end of them; the expressions are of their shorter texts.
EASY: dict[str, tuple[str, str]] = {
    "pairs of optional parts": ('start: ("a"? "b"?)~20', "[ab]{0,40}"),
    "the same optional part": ("start: " + '"x"? ' * 300, "x*"),
    "repeated parts": ("start: " + '("x" "y"?)* ' * 30, "(xy?)*"),
    "choices": ("start: " + '("a" | "b") ' * 40, "[ab]{40}"),
    "repeated choices": ('start: ("a" | "b")~0..30', "[ab]{0,30}"),
    "ranges": ('start: ("a".."f" | "0".."9")~40', "[a-f0-9]{40}"),
    "nested repetitions": ('start: ((("a" | "b")~0..49)~0..49)~0..49', "[ab]*"),
    "up to a million": ('start: "b" ("a" | "c" "d"?)~0..1000000', "b(a|cd?)*"),
    "a way around a million": ('start: ("a"~1000000)? "b" | "a"~1000000', "b"),
    "a terminal of optional parts": ("start: T\nT: " + '("a" | "b")? ' * 40, "[ab]{0,40}"),
    "doubling rules without a text": (_levels("{0} {0}", '"x"?'), "x*"),
    "tripling rules without a text": (_levels("{0} {0}? {0}", '"x"?'), "x*"),
    "doubling rules with a way out": (_levels('{0} {0} | "e"', '"x"'), "[ex]*"),
    "doubling rules with a long way out": (
        _levels("{0} {0}", '"x"').replace("r0\n", "r0 | s0\n", 1)
        + "".join(f"s{at}: s{at + 1}\n" for at in range(40))
        + 's40: "y"\n',
        "y",
    ),
    "many rules in a chain": (
        "start: r0\n" + "".join(f'r{at}: "a" r{at + 1}\n' for at in reversed(range(900))) + 'r900: "z"\n',
        "a{900}z",
    ),
    "an endless template": ('start: t{"a"}\nt{x}: t{t{x}} | x\n', "a"),
    "an endless template with a wrapper": ('start: p{"a"}\np{x}: x "." | p{q{x}}\nq{x}: "(" x ")"\n', r"\(*a\)*\."),
    "many uses of a template": ("start: " + " ".join(f't{{"{at}"}}' for at in range(200)) + "\nt{x}: x?\n", "[0-9]*"),
    "thousands of alternatives": ("start: " + " | ".join(f'"w{at}"' for at in range(4000)), "w[0-9]+"),
}


@pytest.mark.parametrize(("grammar", "wanted"), EASY.values(), ids=list(EASY))
def test_a_text_is_found_where_an_easy_one_exists(grammar: str, wanted: str) -> None:
    text = lark_instance(grammar, Chance("seed"))
    assert re.fullmatch(wanted, text)
    assert len(text) < 2000


@pytest.mark.parametrize(
    "grammar",
    [
        'start: t{t{"a"}} "." t{U}\nt{x}: x ["," s{x, "+"}]\ns{x, y}: (x y)~1..2 x?\nU: "b" | "c"\n',
        'start: p{q} | p{r}\np{t}: t{"a"} t{"b"}\nq{x}: x x\nr{x}: "(" x ")"\n',
    ],
    ids=["nested", "as arguments"],
)
@pytest.mark.parametrize("seed", range(6))
def test_templates_are_used_as_lark_uses_them(grammar: str, seed: int) -> None:
    text = lark_instance(grammar, Chance(str(seed)))
    parser: Any = Lark(grammar)
    parser.parse(text)


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
        "start: t\nt{x}: x",
        'start: t{"a"}\nt: "b"',
        "start: /(/",
        "start: A\nA: A",
        'start: "\ud800"',
    ],
)
def test_an_invalid_grammar_is_refused(grammar: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        lark_instance(grammar, Chance("seed"))
