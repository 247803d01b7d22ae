"""Jinja's sandbox with limits: on rounds of loops and calls, on the length of values, and on the output."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from functools import partial
from typing import Any, Final, cast

from jinja2 import StrictUndefined, nodes, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

LONGEST: Final = 1_000_000
"""The greatest length of a text or list in a template, and of its output."""
_ROUNDS: Final = 5_000
"""The rounds of loops, calls and filters of one template."""
_WIDEST: Final = 100_000
_PER_ROUND: Final = 100
"""The characters of a text that a filter looks at in one round."""
_ITEMS_PER_ROUND: Final = 10
"""The items of a list or an iterator that it looks at in one round."""
_OF_WORDS: Final = 4
"""The characters that a filter looks at in one round if it goes from word to word."""
_BITS: Final = 10_000
_WIDE: Final = re.compile(r"\d{6,}|\*")
_ROUNDS_KEY: Final = "0 rounds"
"""The name of the budget among a template's variables; no template can spell it."""
_LIMITS: Final = frozenset({"counted", "sized", "worded"})
_WORD_BY_WORD: Final = frozenset({"urlize", "wordwrap"})
_PADDING: Final = ("center", "indent", "wordwrap", "truncate", "batch", "slice", "tojson", "round")
_PADDING_METHODS: Final = frozenset({"center", "ljust", "rjust", "zfill", "expandtabs"})


class TooMuchError(ValueError):
    """A template that asks for more than a template may."""


class Rounds:
    """The rounds of loops, calls and filters that are left for one template."""

    def __init__(self) -> None:
        self._left = _ROUNDS

    def spend(self, value: object = None, per_round: int = _PER_ROUND) -> None:
        """Spend a round, and more on a long value.

        Args:
            value: The value.
            per_round: The characters of a text for a further round.

        Raises:
            TooMuchError: There are none left, or the value is too long.
        """
        length = len(value) if isinstance(value, Sized) else 0
        if length > LONGEST:
            raise TooMuchError(f"a value has more than {LONGEST} characters or items")
        self._left -= 1 + length // (per_round if isinstance(value, str) else _ITEMS_PER_ROUND)
        if self._left < 0:
            raise TooMuchError(f"it takes more than {_ROUNDS} rounds of loops and calls")


def bounded(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return a template's variables with a budget for one rendering."""
    return {**variables, _ROUNDS_KEY: Rounds()}


class Sandbox(ImmutableSandboxedEnvironment):
    """A Jinja sandbox with limits, in which `a.items` prefers the item of that name to the attribute."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined, keep_trailing_newline=True)
        own: dict[str, Callable[..., Any]] = {"counted": _counted, "sized": _sized, "worded": _worded}
        self.filters.update(own)
        self.filters.update({name: _padding(self.filters[name]) for name in _PADDING})
        for name, check in (("replace", _check_replace), ("join", _check_join), ("format", _check_format)):
            self.filters[name] = _checked(self.filters[name], check)
        del self.globals["lipsum"]

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return the item of that name, else the attribute."""
        if isinstance(obj, Mapping) and attribute in obj:
            return cast("Mapping[str, Any]", obj)[attribute]
        return super().getattr(obj, attribute)

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        # Not when it is parsed: an expression alone, whose value is no text, is not parsed as a template.
        return super()._generate(_limited(source), name, filename, defer_init)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Return the value of `left operator right`, whose size is known before."""
        _OPERATORS[operator](left, right)
        made = super().call_binop(context, operator, left, right)
        _rounds(context).spend(made)
        return made

    def call(self, context: Context, obj: Any, *args: Any, **kwargs: Any) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Return the value of a call."""
        owner, name = getattr(obj, "__self__", None), getattr(obj, "__name__", "")
        if isinstance(owner, str | bytes):
            _check_method(owner, name, (*args, *kwargs.values()))
        made = super().call(context, obj, *args, **kwargs)
        _rounds(context).spend(made)
        return made

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """Return a text's method `format`, made safe; None for anything else."""
        wrapped = super().wrap_str_format(value)
        return None if wrapped is None else _checked(wrapped, partial(_check_format, value.__self__))


def _limited(tree: nodes.Template) -> nodes.Template:
    """Return a template with the limits as filters of what its loops, concatenations and filters take."""
    for loop in [*tree.find_all(nodes.For)]:
        loop.iter = _filter(loop.iter, "counted")
    for joined in [*tree.find_all(nodes.Concat)]:
        joined.nodes = [_filter(one, "sized") for one in joined.nodes]
    for used in [*tree.find_all(nodes.Filter)]:
        if used.node is not None and used.name not in _LIMITS:
            used.node = _filter(used.node, "worded" if used.name in _WORD_BY_WORD else "sized")
    for captured in [*tree.find_all(nodes.AssignBlock)]:
        captured.filter = _filter(captured.filter, "sized")
    return tree


def _filter(node: nodes.Node | None, name: str) -> nodes.Filter:
    return nodes.Filter(cast("nodes.Expr | None", node), name, [], [], None, None)


def _rounds(context: Context) -> Rounds:
    return cast("Rounds", context.resolve(_ROUNDS_KEY))


@pass_context
def _counted(context: Context, values: Iterable[Any]) -> Iterator[Any]:
    rounds = _rounds(context)
    for value in values:
        rounds.spend()
        yield value


@pass_context
def _sized(context: Context, value: Any) -> Any:
    rounds = _rounds(context)
    rounds.spend(value)
    # pyright does not know what an iterator yields.
    return _spending(value, rounds) if isinstance(value, Iterator) else value  # pyright: ignore[reportUnknownArgumentType]


@pass_context
def _worded(context: Context, value: Any) -> Any:
    _rounds(context).spend(value, _OF_WORDS)
    return value


def _spending(values: Iterator[Any], rounds: Rounds) -> Iterator[Any]:
    """Yield the values of a filter such as `map`, which are made one by one and have no length."""
    for number, value in enumerate(values, 1):
        if number % _ITEMS_PER_ROUND == 0:
            rounds.spend()
        yield value


def _padding(filter_: Callable[..., Any]) -> Callable[..., Any]:
    def check(_value: Any, *widths: Any) -> None:
        _check_widths(widths)

    return _checked(filter_, check)


def _checked(filter_: Callable[..., Any], check: Callable[..., None]) -> Callable[..., Any]:
    """Return a filter whose arguments are checked first; Jinja may pass it something before the value."""
    passed = getattr(filter_, "jinja_pass_arg", None)

    def checked(*args: Any, **kwargs: Any) -> Any:
        check(*args[0 if passed is None else 1 :], *kwargs.values())
        return filter_(*args, **kwargs)

    vars(checked)["jinja_pass_arg"] = passed  # how Jinja marks what a filter gets before its value
    return checked


def _check_widths(widths: Iterable[object]) -> None:
    if any(isinstance(one, int) and one > _WIDEST for one in widths):
        raise TooMuchError(f"a width is more than {_WIDEST}")


def _check_length(length: int) -> None:
    if length > LONGEST:
        raise TooMuchError(f"a value would have more than {LONGEST} characters or items")


def _check_method(text: str | bytes, name: str, args: tuple[Any, ...]) -> None:
    if name in _PADDING_METHODS:
        _check_widths(args)
    elif name == "replace":
        _check_replace(text, *args)
    elif name == "join":
        _check_join(args[0] if args else (), text)


def _check_replace(text: Any, old: Any = "", new: Any = "", *_count: Any) -> None:
    if isinstance(new, Sized) and isinstance(text, Sized):
        times = text.count(old) if isinstance(text, str) and isinstance(old, str) else len(text)
        _check_length(len(text) + times * len(new))


def _check_join(parts: Any, joint: Any = "", *_attribute: Any) -> None:
    if isinstance(parts, Sized) and isinstance(parts, Iterable):
        sized = sum(len(part) for part in cast("Iterable[Any]", parts) if isinstance(part, Sized))
        _check_length(sized + len(parts) * (len(joint) if isinstance(joint, Sized) else 0))


def _check_format(text: Any, *args: Any) -> None:
    form = str(text)
    if _WIDE.search(form) or ("{" in form and any(isinstance(one, int) and one > _WIDEST for one in args)):
        raise TooMuchError(f"a width is more than {_WIDEST}, or comes from the arguments")
    longest = max((len(one) for one in args if isinstance(one, Sized)), default=0)
    _check_length(len(form) + longest * (form.count("%") + form.count("{")))


def _check_times(left: Any, right: Any) -> None:
    if isinstance(left, int) and isinstance(right, int):
        _check_bits(left.bit_length() + right.bit_length())
    for value, times in ((left, right), (right, left)):
        if isinstance(value, Sized) and isinstance(times, int):
            _check_length(len(value) * times)


def _check_power(left: Any, right: Any) -> None:
    if isinstance(left, int) and isinstance(right, int):
        _check_bits(left.bit_length() * right)


def _check_bits(bits: int) -> None:
    if bits > _BITS:
        raise TooMuchError("a number is too large")


def _check_sum(left: Any, right: Any) -> None:
    if isinstance(left, Sized) and isinstance(right, Sized):
        _check_length(len(left) + len(right))


def _check_rest(left: Any, right: Any) -> None:
    if isinstance(left, str):
        _check_format(left, *(right if isinstance(right, tuple) else (right,)))


_OPERATORS: Final[Mapping[str, Callable[[Any, Any], None]]] = {
    "+": _check_sum,
    "*": _check_times,
    "**": _check_power,
    "%": _check_rest,
}
