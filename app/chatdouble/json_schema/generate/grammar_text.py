"""The text of a lark grammar, checked before lark reads it with expressions that may never end.

Lark's expression of a literal takes exponential time on backslashes in one that is not closed, and the one of line
breaks before an alternative takes quadratic time. The checks here take linear time.
"""

import re
from typing import Final

from chatdouble.core.expressions import LARGEST

# As lark reads them, each in one way only. Groups are atomic, not possessive, see `dense_json`.
_LITERALS: Final = {
    '"': re.compile(r'"(?>(?:[^"\n\\]++|\\["\\]|\\(?!["\\\n]))*)"'),
    "/": re.compile(r"/(?!/)(?>(?:[^/\\]++|\\[/\\]|\\(?![/\\]))*)/"),
}
_NAMES: Final = {'"': "string", "/": "pattern"}
_NEXT: Final = re.compile(r'//[^\n]*|#[^\n]*|["/]|[\r\n]{200}')
"""The beginning of a comment, of a literal, or of very many line breaks."""
_LINE_BREAKS: Final = re.compile(r"[\r\n]*")


def readable(grammar: str) -> str:
    """Return a grammar with few line breaks in a row, whose literals are closed and of a bounded length.

    Raises:
        ValueError: A literal is not closed, or too long.
    """
    pieces: list[str] = []
    kept = at = 0
    while found := _NEXT.search(grammar, at):
        begins, at = found.span()
        opening = found.group()
        if opening in _LITERALS:
            at = _end(grammar, begins)
        elif opening[0] in "\r\n":
            breaks = _LINE_BREAKS.match(grammar, begins)
            pieces.append(grammar[kept:at])
            kept = at = breaks.end() if breaks else at
    return "".join((*pieces, grammar[kept:]))


def _end(grammar: str, begins: int) -> int:
    """Return the position after the literal that begins at a position."""
    opening = grammar[begins]
    found = _LITERALS[opening].match(grammar, begins, begins + LARGEST)
    if found is None:
        line = grammar.count("\n", 0, begins) + 1
        raise ValueError(
            f"The {_NAMES[opening]} that begins in line {line} does not end "
            f"within {LARGEST:,} characters, which is this server's limit."
        )
    return found.end()
