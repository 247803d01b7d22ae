"""An index of rules by the texts they require, so that long scripts stay fast."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, Final

from ahocorasick_rs import AhoCorasick

from chatdouble.core.json import is_array
from chatdouble.scripts.format.matchers import Matcher
from chatdouble.scripts.format.rule import When
from chatdouble.scripts.matching.compiled_matcher import folded
from chatdouble.scripts.matching.compiled_rule import CompiledRule
from chatdouble.scripts.matching.request_view import RequestView
from chatdouble.scripts.matching.whole_request import key_of

TEXTS: Final = ("user", "system", "session", "model")
"""The texts by which rules are indexed, the most selective first: keys of `when` and properties of the view."""

_WINDOW: Final = 1024 * 1024
"""The characters of a text that are searched at once."""

_LITERAL: Final = re.compile(r"[\w ,:;!'\"/=<>@&%~-]+")
"""Characters that a regular expression matches literally."""


class _TextIndex:
    """The rules that are indexed by one of the texts.

    Attributes:
        exact: The positions of rules that match a single text, by that text.
        pieces: Substrings that the text must contain, each with the position of its rule.
    """

    def __init__(self) -> None:
        self.exact: defaultdict[str, list[int]] = defaultdict(list)
        self.pieces: list[tuple[str, int]] = []

    def found(self, text: str) -> Iterator[int]:
        """Yield the positions of the rules that may match this text."""
        yield from self.exact.get(text, ())
        if self.pieces:
            yield from {self.pieces[at][1] for window in self._windows(text) for at in self._found_in(window)}

    def _windows(self, text: str) -> Iterator[str]:
        """Yield a text in windows that overlap by a piece, because others wait while one is searched."""
        for at in range(0, max(len(text), 1), _WINDOW):
            yield text[at : at + _WINDOW + self._longest]

    def _found_in(self, window: str) -> Iterator[int]:
        """Yield the numbers of the pieces in a text."""
        return (at for at, _, _ in self._search.find_matches_as_indexes(window, overlapping=True))

    @cached_property
    def _longest(self) -> int:
        """The characters of the longest piece."""
        return max(len(piece) for piece, _ in self.pieces)

    @cached_property
    def _search(self) -> AhoCorasick:
        """The automaton that finds all pieces at once; built after all rules are added."""
        return AhoCorasick([piece for piece, _ in self.pieces])


_FEW: Final = 8
"""The recorded requests that are compared sooner than a key of the request is made."""

_Style = tuple[tuple[str, ...], tuple[str, ...]]
"""The parts that a recorded request ignores, and those that it normalises."""


class _RequestIndex:
    """The rules that are indexed by the whole request that they match.

    Attributes:
        all: The positions of all of them.
    """

    def __init__(self) -> None:
        self._positions: dict[_Style, defaultdict[bytes, list[int]]] = {}
        self.all: list[int] = []

    def add(self, position: int, rule: CompiledRule) -> bool:
        """Add a rule; return False if it has no request, or one without a key."""
        matcher, key = rule.placed.rule.when.request, rule.request_key
        if matcher is None or key is None:
            return False
        style = tuple(matcher.ignore), tuple(matcher.normalise)
        self._positions.setdefault(style, defaultdict(list))[key].append(position)
        self.all.append(position)
        return True

    def found(self, view: RequestView) -> Iterable[int]:
        """Return the positions of the rules that may match a request."""
        found: list[int] = []
        for style, positions in self._positions.items():
            key = key_of(view.canonical(*style))
            if key is None:
                return self.all
            found += positions.get(key, ())
        return found


class Index:
    """The rules of a script, which finds those that may match a request.

    Args:
        rules: The rules, in order.
    """

    def __init__(self, rules: Iterable[CompiledRule]) -> None:
        self.rules = tuple(rules)
        self._indexes = {name: _TextIndex() for name in TEXTS}
        self._requests, self._elsewhere = _RequestIndex(), _RequestIndex()
        self._folded = {name: _TextIndex() for name in TEXTS}
        self._rest: list[int] = []
        self._rest_elsewhere: list[int] = []
        for position, rule in enumerate(self.rules):
            when = rule.placed.rule.when
            if names_another(when) and not self._elsewhere.add(position, rule):
                self._rest_elsewhere.append(position)
            if not (self._add(position, when) or self._requests.add(position, rule)):
                self._rest.append(position)
        for requests, rest in ((self._requests, self._rest), (self._elsewhere, self._rest_elsewhere)):
            if len(requests.all) <= _FEW:
                rest.extend(requests.all)
                requests.all.clear()

    def _add(self, position: int, when: When) -> bool:
        """Index a rule by the first text that it requires; return False if there is none."""
        for name in TEXTS:
            matcher: Matcher | None = getattr(when, name)
            if matcher is None or (matcher.ignore_case and not _is_folded(matcher)):
                continue
            index = (self._folded if matcher.ignore_case else self._indexes)[name]
            exact, piece = matcher.only_text(), needed_piece(matcher)
            piece = folded(piece) if matcher.ignore_case else piece
            if exact is not None:
                index.exact[exact].append(position)
                return True
            if piece:
                index.pieces.append((piece, position))
                return True
        return False

    def candidates(self, view: RequestView) -> Iterator[CompiledRule]:
        """Return the rules that may match, in order."""
        if view.is_elsewhere:
            found = [*self._rest_elsewhere, *(self._elsewhere.found(view) if self._elsewhere.all else ())]
            return map(self.rules.__getitem__, sorted(found))
        found = [*self._rest, *(self._requests.found(view) if self._requests.all else ())]
        for indexes, prepared in ((self._indexes, None), (self._folded, folded)):
            for name, index in indexes.items():
                if index.exact or index.pieces:
                    text: str | None = getattr(view, name)
                    if text is not None:
                        found += index.found(prepared(text) if prepared else text)
        return map(self.rules.__getitem__, sorted(found))


def names_another(when: When) -> bool:
    """Tell whether a rule may be for another endpoint or API than those of conversations."""
    return when.endpoint is not None or when.api is not None


def _is_folded(matcher: Matcher) -> bool:
    """Tell whether a matcher that ignores case looks for a text without its case, and not for an expression."""
    return matcher.contains is not None and matcher.plain is None and matcher.matches is None


def needed_piece(matcher: Matcher) -> str | None:
    """Return a substring of every text that a matcher can match, if its keys tell."""
    if matcher.plain is not None:
        return max(matcher.plain.split("*"), key=len)
    if matcher.matches is not None:
        return _literal_start(matcher.matches)
    wanted: Any = matcher.contains
    if is_array(wanted):
        wanted = wanted[0] if wanted else None
    return wanted if isinstance(wanted, str) else None


def _literal_start(regex: str) -> str | None:
    """Return the literal text at the start of a regular expression."""
    found = _LITERAL.match(regex)
    if found is None or "|" in regex:
        return None
    whole = found.end() == len(regex)
    # A quantifier may follow the last character and make it optional.
    return found[0] if whole else found[0][:-1]
