"""Texts in the language of a lark grammar."""

import importlib
import warnings
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from chatdouble.core.chance import Chance
from chatdouble.json_schema.generate.dialect import TOO_DEEP
from chatdouble.json_schema.generate.grammar_text import readable
from chatdouble.json_schema.generate.regex import TextPattern
from chatdouble.json_schema.steps import OutOfStepsError, Steps, cost

if TYPE_CHECKING:
    from lark import Lark
    from lark.lexer import Pattern

    from chatdouble.json_schema.generate.derivation import Derivations

Made = TypeVar("Made")

_TRIES: Final = 12
# The steps of making a parser and parsing texts, and of parsing one of them.
_CHECKING: Final = 30_000
_PARSING: Final = 7000


def lark_instance(grammar: str, chance: Chance, steps: Steps | None = None) -> str:
    """Return a text that a lark grammar derives from its rule `start`.

    If the parser accepts none of the texts, or would take too long, the first one is returned.

    Args:
        grammar: The grammar, from the `format` of a custom tool (requests#tools).
        chance: The source of randomness.
        steps: The budget; by default one of its own.

    Raises:
        ValueError: The grammar is invalid.
        OutOfStepsError: The budget is used up.
    """
    for name in ("lark", "chatdouble.json_schema.generate.derivation"):
        importlib.import_module(name)  # here, so that loading it takes no steps

    steps = steps or Steps()
    steps.spend(cost(grammar))
    grammar = readable(grammar)
    with warnings.catch_warnings(), steps.counting_calls():
        warnings.simplefilter("ignore")  # of Python about the grammar's patterns, which are the client's
        return _text(_read(partial(_load, grammar), steps), chance, steps)


def _text(grammar: Any, chance: Chance, steps: Steps) -> str:
    from chatdouble.json_schema.generate.derivation import START, Derivations  # noqa: PLC0415 - imports lark

    terminals, rules, ignored = _read(lambda: grammar.compile([START], set()), steps)
    derivations = Derivations(terminals, rules, ignored, steps)
    first = derivations.text(chance.at("attempt", 0), spaced=True)
    if not all(_is_searchable(one.pattern, steps) for one in terminals):
        return first
    try:
        # Most texts are right, so that no parser is needed where it would take too long.
        with steps.at_most(min(_CHECKING, steps.left // 2)):
            return _checked(first, derivations, _parser(grammar, steps), chance, steps)
    except OutOfStepsError:
        if steps.spent:
            raise
        return first


def _is_searchable(pattern: "Pattern", steps: Steps) -> bool:
    """Tell whether the parser accepts a terminal, and its search ends: it uses `re`, whose searches may not."""
    is_risky = TextPattern(pattern.to_regexp(), steps).is_risky
    return pattern.min_width > 0 and not is_risky


def _checked(first: str, derivations: "Derivations", parser: "Lark", chance: Chance, steps: Steps) -> str:
    """Return the first text that the parser accepts, or takes too long to."""
    text = first
    for attempt in range(1, _TRIES):
        try:
            with steps.at_most(_PARSING):
                if _parses(parser, text):
                    return text
        except OutOfStepsError:
            if steps.spent:
                raise
            return text
        text = derivations.text(chance.at("attempt", attempt), spaced=attempt % 2 == 0)
    return first


def _parser(grammar: Any, steps: Steps) -> "Lark":
    from lark import Lark  # noqa: PLC0415 - takes 0.06 s, and only grammars need it

    return _read(lambda: Lark(grammar, parser="earley", maybe_placeholders=False, keep_all_tokens=True), steps)


def _read(make: Callable[[], Made], steps: Steps) -> Made:
    """Return what lark makes of a grammar.

    Raises:
        ValueError: The grammar is invalid.
        OutOfStepsError: The budget is used up.
    """
    try:
        return make()
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
    """Load a grammar with rules that lark can compile in linear time, and without opening a file."""
    from chatdouble.json_schema.generate.grammar_rules import simplify  # noqa: PLC0415 - imports lark

    # Lark's own loader, which has no types. `Lark` accepts its result in place of a text.
    loader: Any = importlib.import_module("lark.load_grammar")
    loaded, _files = loader.load_grammar(grammar, "the grammar", [partial(_imported, loader.stdlib_loader)], True)
    for name, (tree, _priority) in loaded.term_defs:
        if tree is None:
            raise ValueError(f"The terminal {name} is declared, but not defined.")
    simplify(loaded)
    return loaded


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
