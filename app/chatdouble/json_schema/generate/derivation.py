"""Texts that the rules of a grammar derive."""

from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from typing import Any, Final

from lark.grammar import Rule, Symbol
from lark.lexer import TerminalDef

from chatdouble.core.chance import Chance
from chatdouble.json_schema.generate.grammar_rules import PART
from chatdouble.json_schema.generate.regex import regex_instance
from chatdouble.json_schema.generate.text_writer import encodable
from chatdouble.json_schema.patterns import contains_match
from chatdouble.json_schema.steps import OutOfStepsError, Steps

START: Final = "start"
"""The rule that texts are derived from."""
_STEPS: Final = 40
_DEEP: Final = 5
_MORE: Final = 1000
"""The rules and terminals that an alternative may need more than the smallest one."""


class Derivations:
    """Texts that the rules of a compiled grammar derive.

    Args:
        terminals: The terminals.
        rules: The rules.
        ignored: The names of the terminals that may stand anywhere.
        steps: The budget.

    Raises:
        ValueError: The grammar derives no text, or lacks a rule.
        OutOfStepsError: The budget is used up, or the smallest text is too large for it.
    """

    def __init__(
        self, terminals: Sequence[TerminalDef], rules: Sequence[Rule], ignored: Sequence[str], steps: Steps
    ) -> None:
        self._budget = steps
        self._rules: dict[str, list[Rule]] = {}
        for rule in rules:
            self._rules.setdefault(rule.origin.name, []).append(rule)
        self._terminals: dict[str, Any] = {one.name: one.pattern for one in terminals}
        self._space = self._ignored_space(ignored)
        self._empty = frozenset(_sizes([rule for rule in rules if not any(one.is_term for one in rule.expansion)]))
        self._sizes = _sizes(rules, self._empty)
        self._check()

    def text(self, chance: Chance, *, spaced: bool) -> str:
        """Return a text, with ignored space between its tokens if `spaced`.

        Recursion ends as soon as possible once the text is long enough.

        Args:
            chance: The source of randomness.
            spaced: Whether there is space where the grammar ignores it: not all do, and some need it between words.

        Raises:
            OutOfStepsError: The budget is used up.
        """
        return (self._space if spaced else "").join(self._tokens(chance))

    def _check(self) -> None:
        for rules in self._rules.values():
            for symbol in (one for rule in rules for one in rule.expansion):
                if not symbol.is_term and symbol.name not in self._rules:
                    raise ValueError(f"{symbol.name!r} is not defined")
        if START not in self._rules:
            raise ValueError(f"{START!r} is not defined")
        if START not in self._sizes:
            raise ValueError("The grammar's start rule derives no finite text.")
        if self._sizes[START] > self._budget.left:
            raise OutOfStepsError

    def _ignored_space(self, ignored: Sequence[str]) -> str:
        patterns = (self._terminals[name].to_regexp() for name in ignored if name in self._terminals)
        return " " if any(contains_match(rf"\A(?:{one})\Z", " ", self._budget) for one in patterns) else ""

    def _tokens(self, chance: Chance) -> list[str]:
        random, steps = chance.random(), 0
        tokens: list[str] = []
        waiting: list[tuple[str, int]] = [(START, 0)]
        while waiting:
            name, depth = waiting.pop()
            is_part = name.startswith(PART)
            steps += not is_part
            if name in self._terminals:
                tokens.append(self._token(name, chance.at(name, steps)))
                continue
            self._budget.spend(1 + len(waiting) // 1000)
            # Long or deep texts take the smallest alternatives from here on.
            is_enough = steps > _STEPS or depth > _DEEP
            if is_enough and name in self._empty:
                continue
            rule = random.choice(self._allowed(name, 0 if is_enough else _MORE))
            waiting += [(symbol.name, depth + (not is_part)) for symbol in reversed(rule.expansion)]
        return tokens

    def _allowed(self, name: str, more: int) -> Sequence[Rule]:
        """Return the alternatives of a rule that are at most so much larger than the smallest one."""
        sizes = [self._size_of(rule.expansion) for rule in self._rules[name]]
        largest = min(filter(None, sizes)) + more
        return [rule for rule, size in zip(self._rules[name], sizes, strict=True) if size and size <= largest]

    def _size_of(self, expansion: Sequence[Symbol]) -> int:
        """Return the size of an alternative; 0: it derives no text."""
        sizes = [1 if one.is_term else self._sizes.get(one.name, 0) for one in expansion]
        return 1 + sum(sizes) if all(sizes) else 0

    def _token(self, name: str, chance: Chance) -> str:
        pattern = self._terminals[name]
        if pattern.type == "str" and not pattern.flags:
            return encodable(str(pattern.value))
        return regex_instance(pattern.to_regexp(), chance, self._budget)


class _Alternative:
    """An alternative of a rule, while the sizes of some of its rules are unknown."""

    def __init__(self, rule: Rule) -> None:
        self.name: str = rule.origin.name
        self.size = 1 + sum(one.is_term for one in rule.expansion)
        self.unknown = sum(not one.is_term for one in rule.expansion)


def _sizes(rules: Sequence[Rule], empty: frozenset[str] = frozenset()) -> dict[str, int]:
    """Return the numbers of rules and terminals in the smallest derivations of rules, of those that have any.

    Args:
        rules: The rules.
        empty: The names of those that derive an empty text, of which one rule is enough.
    """
    uses: dict[str, list[_Alternative]] = {}
    known = [(1, name) for name in empty]
    for rule in rules:
        alternative = _Alternative(rule)
        for symbol in rule.expansion:
            if not symbol.is_term:
                uses.setdefault(symbol.name, []).append(alternative)
        if not alternative.unknown:
            known.append((alternative.size, alternative.name))
    sizes: dict[str, int] = {}
    heapify(known)
    while known:  # the smallest first, which no other makes smaller
        size, name = heappop(known)
        if name in sizes:
            continue
        sizes[name] = size
        for alternative in uses.get(name, ()):
            alternative.size += size
            alternative.unknown -= 1
            if not alternative.unknown:
                heappush(known, (alternative.size, alternative.name))
    return sizes
