"""Marks in the last user text that ask for what plain words cannot, such as `[[refuse]]`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from chatdouble.schema.texts import last_user_text

DIRECTIVES: Final[Mapping[str, str]] = {
    "refuse": "answer with a refusal, whose text may follow a colon",
    "call": "call the tool whose name follows the colon",
    "flag": "let moderation flag the category that follows the colon",
    "finish": "end with the finish_reason that follows the colon",
}
"""Every mark and what it asks for, as the documentation shows it."""

_MARK: Final = re.compile(rf"\[\[\s*({'|'.join(DIRECTIVES)})\s*(?::(.*?))?\]\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Directive:
    """One mark.

    Attributes:
        name: What it asks for, a key of `DIRECTIVES`.
        value: What follows its colon, without the spaces around it; None: nothing does.
    """

    name: str
    value: str | None


def directives_in(text: str) -> list[Directive]:
    """Return a text's marks in order; other double brackets are plain text."""
    if "[[" not in text:
        return []
    return [
        Directive(found[1], found[2].strip() or None if found[2] is not None else None)
        for found in _MARK.finditer(text)
    ]


def directives_of(body: Mapping[str, Any]) -> list[Directive]:
    """Return the marks in a request's last user text."""
    return directives_in(last_user_text(body))


def without_directives(text: str) -> str:
    """Return a text with its marks taken out, and the space they leave at its ends."""
    return _MARK.sub("", text).strip() if "[[" in text else text


def value_of(found: list[Directive], name: str) -> str | None:
    """Return the value of the first mark of a name that has one."""
    return next((mark.value for mark in found if mark.name == name and mark.value), None)
