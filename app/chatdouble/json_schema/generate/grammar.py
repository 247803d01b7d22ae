"""Texts in the language of a lark grammar."""

import importlib
import math
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from chatdouble.core.chance import Chance
from chatdouble.json_schema.generate.dialect import TOO_DEEP
from chatdouble.json_schema.generate.grammar_text import readable
from chatdouble.json_schema.generate.regex import TextPattern, regex_instance
from chatdouble.json_schema.generate.text_writer import encodable
from chatdouble.json_schema.patterns import contains_match
from chatdouble.json_schema.steps import OutOfStepsError, Steps, cost

if TYPE_CHECKING:
    from lark import Lark
    from lark.grammar import Rule, Symbol


_TRIES: Final = 12
_STEPS: Final = 40
_DEEP: Final = 5
# The optional parts of a rule that lark may write out.
_OPTIONAL: Final = 6
# The steps of parsing one text.
_PARSING: Final = 20_000


def lark_instance(grammar: str, chance: Chance, steps: Steps | None = None) -> str:
    """Return a text that a lark grammar derives from its rule `start`.

    Recursion ends as soon as possible once the text is long enough. If the parser accepts none of the texts, the
    first one is returned.

    Args:
        grammar: The grammar, from the `format` of a custom tool (requests#tools).
        chance: The source of randomness.
        steps: The budget; by default one of its own.

    Raises:
        ValueError: The grammar is invalid.
        OutOfStepsError: The budget is used up.
    """
    importlib.import_module("lark")  # here, so that loading it takes no steps

    steps = steps or Steps()
    steps.spend(cost(grammar))
    grammar = readable(grammar)
    with steps.counting_calls():
        return _text(_parser(grammar, steps), chance, steps)


def _text(parser: "Lark", chance: Chance, steps: Steps) -> str:
    # The parser searches with `re`, which may never end on these.
    is_risky = any(TextPattern(one.pattern.to_regexp(), steps).is_risky for one in parser.terminals)
    first = None
    for attempt in range(_TRIES):
        text = _Derivation(parser, chance.at("attempt", attempt), steps).text(spaced=attempt % 2 == 0)
        if first is None:
            first = text
        try:
            # A long text may take the parser forever, and is most likely right.
            with steps.at_most(_PARSING):
                if is_risky or _parses(parser, text):
                    return text
        except OutOfStepsError:
            if steps.spent:
                raise
            return text
    return first or ""


def _parser(grammar: str, steps: Steps) -> "Lark":
    from lark import Lark  # noqa: PLC0415 - takes 0.06 s, and only grammars need it

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Python about the grammar's patterns, which are the client's
            return Lark(_load(grammar), parser="earley", maybe_placeholders=False, keep_all_tokens=True)
    except OutOfStepsError:
        raise
    except RecursionError:
        raise ValueError(TOO_DEEP) from None
    except KeyError as error:
        raise ValueError(f"{error} is not defined") from error
    except Exception as error:  # whatever lark's loader stumbles over is a mistake of the grammar
        if steps.spent:
            raise OutOfStepsError from None
        raise ValueError(str(error)) from error


def _load(grammar: str) -> Any:
    """Load a grammar without the aliases (`-> name`) of its alternatives, and without opening a file.

    Aliases name branches of the parse tree and do not affect the text. The API accepts a rule with the same
    alternative with and without an alias (requests#tools), but lark rejects it as defined twice.
    """
    # Lark's own loader, which has no types. `Lark` accepts its result in place of a text.
    loader: Any = importlib.import_module("lark.load_grammar")
    loaded, _files = loader.load_grammar(grammar, "the grammar", [partial(_imported, loader.stdlib_loader)], True)
    for name, (tree, _priority) in loaded.term_defs:
        if tree is None:
            raise ValueError(f"The terminal {name} is declared, but not defined.")
    for _name, _parameters, alternatives, _options in loaded.rule_defs:
        alternatives.children = [one.children[0] if one.data == "alias" else one for one in alternatives.children]
    loaded.rule_defs.extend(_optional_rules(loaded.rule_defs))
    return loaded


def _optional_rules(rules: Sequence[Any]) -> list[Any]:
    """Return new rules for the optional parts of rules that have many of them, which then refer to the new rules.

    Lark writes out each combination of the optional parts of a rule: twenty of them are a million alternatives.
    """
    grammar: Any = importlib.import_module("lark.grammar")
    tree: Any = importlib.import_module("lark").Tree
    made: list[Any] = []
    for _name, parameters, alternatives, options in rules:
        optional = [one for one in alternatives.iter_subtrees() if _is_optional(one)]
        if parameters or len(optional) <= _OPTIONAL:
            continue
        for part in optional:
            name = f"_optional_{len(made)}_"
            made.append((name, (), tree("expansions", [*_alternatives(tree, part), tree("expansion", [])]), options))
            part.data, part.children = "value", [grammar.NonTerminal(name)]
    return made


def _is_optional(part: Any) -> bool:
    return bool(part.data == "maybe" or (part.data == "expr" and part.children[1:] == ["?"]))


def _alternatives(tree: Any, part: Any) -> list[Any]:
    inner = part.children[0]
    return inner.children if inner.data == "expansions" else [tree("expansion", [inner])]


def _parses(parser: "Lark", text: str) -> bool:
    from lark.exceptions import LarkError  # noqa: PLC0415 - already loaded

    try:
        parser.parse(text)  # pyright: ignore[reportUnknownMemberType] - lark's own signature is half typed
    except (LarkError, RecursionError):
        return False
    return True


def _imported(library: Callable[[Any, str], Any], base: Any, path: str) -> Any:
    """Return a grammar of lark's own library; lark would also look in the working directory."""
    try:
        # Grammars of the library import one another, from a base of their own type.
        if not isinstance(base, str):
            return library(base, path)
    except OSError:
        pass
    name = path.removesuffix(".lark").replace("\\", "/").replace("/", ".")
    raise ValueError(f"There is no grammar {name!r} to import from; lark's own are 'common', 'python' and 'unicode'.")


class _Derivation:
    """One derivation from a compiled grammar."""

    def __init__(self, parser: "Lark", chance: Chance, steps: Steps) -> None:
        self._chance = chance
        self._budget = steps
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
        patterns = (self._patterns.get(name, "(?!)") for name in ignored)
        return " " if any(contains_match(rf"\A(?:{one})\Z", " ", self._budget) for one in patterns) else ""

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
            self._budget.spend(1 + len(waiting) // 1000)
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
            return encodable(str(pattern.value))
        return regex_instance(self._patterns[name], self._chance.at(name, self._steps), self._budget)
