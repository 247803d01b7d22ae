"""Rules by the texts they ask for, so that a long script costs little more than a short one."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from chatdouble.script.condition import Matcher
from chatdouble.script.facts import Facts
from chatdouble.script.kinds import is_list
from chatdouble_backends.scripted.ready import ReadyRule


class Index:
    """The rules of a script, in order, without those that the user's text already rules out.

    Args:
        rules: The rules in order.
    """

    def __init__(self, rules: Iterable[ReadyRule]) -> None:
        self.rules = tuple(rules)
        self._exact: defaultdict[str, list[int]] = defaultdict(list)
        self._pieces: list[tuple[str, int]] = []
        self._rest: list[int] = []
        for position, rule in enumerate(self.rules):
            self._add(position, rule.placed.rule.when.user)

    def _add(self, position: int, user: Matcher | None) -> None:
        """File a rule under the text it wants, the piece it wants, or neither."""
        text = exact_text(user)
        piece = needed_piece(user)
        if text is not None:
            self._exact[text].append(position)
        elif piece:
            self._pieces.append((piece, position))
        else:
            self._rest.append(position)

    def candidates(self, facts: Facts) -> Iterator[ReadyRule]:
        """Return the rules that may match, in order."""
        user = facts.user
        if user is None:
            found = self._rest
        else:
            pieces = [position for piece, position in self._pieces if piece in user]
            found = sorted([*self._rest, *pieces, *self._exact.get(user, ())])
        return map(self.rules.__getitem__, found)


def exact_text(matcher: Matcher | None) -> str | None:
    """Return the one text that a matcher lets pass, if there is only one and it says so plainly."""
    if matcher is None or matcher.ignore_case:
        return None
    if matcher.plain is not None and "*" not in matcher.plain:
        return matcher.plain
    return matcher.equals if isinstance(matcher.equals, str) else None


def needed_piece(matcher: Matcher | None) -> str | None:
    """Return a piece that every text has which a matcher lets pass, if it says so plainly."""
    if matcher is None or matcher.ignore_case:
        return None
    if matcher.plain is not None:
        return max(matcher.plain.split("*"), key=len)
    wanted: Any = matcher.contains
    if is_list(wanted):
        wanted = wanted[0] if wanted else None
    return wanted if isinstance(wanted, str) else None
