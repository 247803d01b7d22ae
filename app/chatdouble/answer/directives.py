"""Directives in the last user text, such as `[[refuse]]`."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

DIRECTIVES: Final[Mapping[str, str]] = {
    "refuse": "answer with a refusal, whose text may follow a colon",
    "call": "call the tool whose name follows the colon",
    "flag": "let moderation flag the category that follows the colon",
    "finish": "end with the finish_reason that follows the colon",
}
"""Every directive with its description in the documentation."""

_DIRECTIVE: Final = re.compile(rf"\[\[\s*({'|'.join(DIRECTIVES)})\s*(?::(.*?))?\]\]", re.DOTALL)


class Directive(NamedTuple):
    """A directive.

    Attributes:
        name: A key of `DIRECTIVES`.
        value: The text after the colon without the spaces around it, or None if there is none.
    """

    name: str
    value: str | None


def directives_in(text: str) -> list[Directive]:
    """Return the directives in a text, in order. Other double brackets are plain text."""
    if "[[" not in text:
        return []
    return [
        Directive(found[1], found[2].strip() or None if found[2] is not None else None)
        for found in _DIRECTIVE.finditer(text)
    ]


def without_directives(text: str) -> str:
    """Return a text without its directives and without the spaces that they leave at its ends."""
    return _DIRECTIVE.sub("", text).strip() if "[[" in text else text


def value_of(directives: list[Directive], name: str) -> str | None:
    """Return the first value of the directives with a name, or None."""
    return next((one.value for one in directives if one.name == name and one.value), None)
