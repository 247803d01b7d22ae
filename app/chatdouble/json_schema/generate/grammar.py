"""Texts in the language of a lark grammar."""

import importlib
import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from chatdouble.core.chance import Chance
from chatdouble.json_schema.generate.regex import regex_instance

if TYPE_CHECKING:
    from lark import Lark
    from lark.grammar import Rule, Symbol


_TRIES: Final = 12
_STEPS: Final = 40
_DEEP: Final = 5


def lark_instance(grammar: str, chance: Chance) -> str:
    """Return a text that a lark grammar derives from its rule `start`.

    Recursion ends as soon as possible once the text is long enough. If the parser accepts none of the texts, the
    first one is returned.

    Args:
        grammar: The grammar, from the `format` of a custom tool (requests#tools).
        chance: The source of randomness.

    Raises:
        ValueError: The grammar is invalid.
    """
    parser = _parser(grammar)
    first = None
    for attempt in range(_TRIES):
        text = _Derivation(parser, chance.at("attempt", attempt)).text(spaced=attempt % 2 == 0)
        first = text if first is None else first
        if _parses(parser, text):
            return text
    return first or ""


def _parser(grammar: str) -> "Lark":
    from lark import Lark  # noqa: PLC0415 - takes 0.06 s, and only grammars need it
    from lark.exceptions import LarkError  # noqa: PLC0415 - as above

    try:
        return Lark(_load(grammar), parser="earley", maybe_placeholders=False, keep_all_tokens=True)
    except (LarkError, RecursionError, AssertionError, KeyError) as error:
        raise ValueError(str(error)) from error


def _load(grammar: str) -> Any:
    """Load a grammar without the aliases (`-> name`) of its alternatives.

    Aliases name branches of the parse tree and do not affect the text. The API accepts a rule with the same
    alternative with and without an alias (requests#tools), but lark rejects it as defined twice.
    """
    # Lark's own loader, which has no types. `Lark` accepts its result in place of a text.
    loaded, _files = importlib.import_module("lark.load_grammar").load_grammar(grammar, "the grammar", [], True)
    for _name, _parameters, alternatives, _options in loaded.rule_defs:
        alternatives.children = [one.children[0] if one.data == "alias" else one for one in alternatives.children]
    return loaded


def _parses(parser: "Lark", text: str) -> bool:
    from lark.exceptions import LarkError  # noqa: PLC0415 - already loaded

    try:
        parser.parse(text)  # pyright: ignore[reportUnknownMemberType] - lark's own signature is half typed
    except (LarkError, RecursionError):
        return False
    return True


class _Derivation:
    """One derivation from a compiled grammar."""

    def __init__(self, parser: "Lark", chance: Chance) -> None:
        self._chance = chance
        self._random = chance.random()
        self._rules: dict[str, list[Rule]] = {}
        for rule in parser.rules:
            self._rules.setdefault(rule.origin.name, []).append(rule)
        self._patterns: dict[str, str] = {one.name: one.pattern.to_regexp() for one in parser.terminals}
        self._terminals: dict[str, Any] = {one.name: one.pattern for one in parser.terminals}
        self._start: str = parser.options.start[0]
        self._space = self._ignored_space(parser.ignore_tokens)
        self._heights = self._rule_heights()
        if math.isinf(self._heights[self._start]):
            raise ValueError("The grammar's start rule derives no finite text.")
        self._steps = 0

    def text(self, *, spaced: bool) -> str:
        """Return the text, with ignored space between its tokens if `spaced`."""
        # Not every grammar ignores spaces, and some need them between words.
        tokens = self._tokens()
        return (self._space if spaced else "").join(tokens)

    def _ignored_space(self, ignored: Sequence[str]) -> str:
        return " " if any(re.fullmatch(self._patterns.get(name, "(?!)"), " ") for name in ignored) else ""

    def _rule_heights(self) -> dict[str, float]:
        """Return the number of levels in the shallowest derivation of each rule."""
        heights: dict[str, float] = dict.fromkeys(self._rules, math.inf)
        changed = True
        while changed:
            changed = False
            for name, rules in self._rules.items():
                lowest = min(1 + self._height_of(rule.expansion, heights) for rule in rules)
                changed = changed or lowest < heights[name]
                heights[name] = lowest
        return heights

    @staticmethod
    def _height_of(expansion: "Sequence[Symbol]", heights: dict[str, float]) -> float:
        return max((0 if one.is_term else heights[one.name] for one in expansion), default=0)

    def _tokens(self) -> list[str]:
        tokens: list[str] = []
        waiting: list[tuple[str, int]] = [(self._start, 0)]
        while waiting:
            name, depth = waiting.pop()
            if name in self._patterns:
                tokens.append(self._token(name))
                continue
            self._steps += 1
            rule = self._choose(self._rules[name], depth)
            waiting += [(symbol.name, depth + 1) for symbol in reversed(rule.expansion)]
        return tokens

    def _choose(self, rules: "list[Rule]", depth: int) -> "Rule":
        heights = [self._height_of(rule.expansion, self._heights) for rule in rules]
        lowest = min(heights)
        # Long or deep texts take the shortest derivations from here on.
        if self._steps > _STEPS or depth > _DEEP:
            rules = [rule for rule, height in zip(rules, heights, strict=True) if height == lowest]
        else:
            rules = [rule for rule, height in zip(rules, heights, strict=True) if height < math.inf]
        return self._random.choice(rules)

    def _token(self, name: str) -> str:
        self._steps += 1
        pattern = self._terminals[name]
        if pattern.type == "str" and not pattern.flags:
            return str(pattern.value)
        return regex_instance(self._patterns[name], self._chance.at(name, self._steps))
