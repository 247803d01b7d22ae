"""Rules by the texts they ask for, so that a long script costs little more than a short one."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, Final

from ahocorasick_rs import AhoCorasick

from chatdouble.core.json import is_array
from chatdouble.scripts.format.matchers import Matcher
from chatdouble.scripts.format.rule import When
from chatdouble.scripts.matching.compiled_rule import CompiledRule
from chatdouble.scripts.matching.request_view import RequestView

TEXTS: Final = ("user", "system", "session", "model")
"""The texts that rules are filed by, the most telling first; facts and `when` call them the same."""

_LITERAL: Final = re.compile(r"[\w ,:;!'\"/=<>@&%~-]+")
"""What a regular expression begins with that stands for itself."""


class _Shelf:
    """The rules filed by one of the texts.

    Attributes:
        exact: Their positions by the one text they let pass.
        pieces: Pieces that the text must have, and the positions of the rules that want them.
    """

    def __init__(self) -> None:
        self.exact: defaultdict[str, list[int]] = defaultdict(list)
        self.pieces: list[tuple[str, int]] = []

    def found(self, text: str) -> Iterator[int]:
        """Return the positions of the rules that this text does not rule out."""
        yield from self.exact.get(text, ())
        if self.pieces:
            yield from {self.pieces[at][1] for at, _, _ in self._search.find_matches_as_indexes(text, overlapping=True)}

    @cached_property
    def _search(self) -> AhoCorasick:
        """What looks for all pieces at once; to be asked when all are filed."""
        return AhoCorasick([piece for piece, _ in self.pieces])


class Index:
    """The rules of a script, in order, without those that a request's texts already rule out.

    Args:
        rules: The rules in order.
    """

    def __init__(self, rules: Iterable[CompiledRule]) -> None:
        self.rules = tuple(rules)
        self._shelves = {name: _Shelf() for name in TEXTS}
        self._rest: list[int] = []
        for position, rule in enumerate(self.rules):
            self._file(position, rule.placed.rule.when)

    def _file(self, position: int, when: When) -> None:
        """File a rule under the first text that it asks for plainly."""
        for name, shelf in self._shelves.items():
            matcher: Matcher | None = getattr(when, name)
            if matcher is None or matcher.ignore_case:
                continue
            exact, piece = exact_text(matcher), needed_piece(matcher)
            if exact is not None:
                shelf.exact[exact].append(position)
                return
            if piece:
                shelf.pieces.append((piece, position))
                return
        self._rest.append(position)

    def candidates(self, facts: RequestView) -> Iterator[CompiledRule]:
        """Return the rules that may match, in order."""
        found = [*self._rest]
        for name, shelf in self._shelves.items():
            if shelf.exact or shelf.pieces:
                text: str | None = getattr(facts, name)
                found += shelf.found(text) if text is not None else ()
        return map(self.rules.__getitem__, sorted(found))


def exact_text(matcher: Matcher) -> str | None:
    """Return the one text that a matcher lets pass, if it says so plainly."""
    if matcher.plain is not None and "*" not in matcher.plain:
        return matcher.plain
    return matcher.equals if isinstance(matcher.equals, str) else None


def needed_piece(matcher: Matcher) -> str | None:
    """Return a piece that every text has which a matcher lets pass, if it says so plainly."""
    if matcher.plain is not None:
        return max(matcher.plain.split("*"), key=len)
    if matcher.matches is not None:
        return _beginning(matcher.matches)
    wanted: Any = matcher.contains
    if is_array(wanted):
        wanted = wanted[0] if wanted else None
    return wanted if isinstance(wanted, str) else None


def _beginning(regex: str) -> str | None:
    """Return the plain text a regular expression begins with; its last character may be repeated or optional."""
    found = _LITERAL.match(regex)
    if found is None or "|" in regex:
        return None
    whole = found.end() == len(regex)
    return found[0] if whole else found[0][:-1]
