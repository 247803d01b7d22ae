"""Lint: conditions that no request meets, such as a misspelt role or a regular expression given as plain text."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Final, get_args

from chatdouble.core.did_you_mean import did_you_mean
from chatdouble.schema.request import ChatCompletionRequest
from chatdouble.scripts.format.matchers import FormatMatcher, Matcher, MessageMatcher, ToolResultMatcher, ToolsMatcher
from chatdouble.scripts.format.rule import When
from chatdouble.scripts.lint.finding import Finding, Spot
from chatdouble.scripts.reading.load import Script
from chatdouble.validation.expectation import values

ROLES: Final = ("developer", "system", "user", "assistant", "tool", "function")
FORMATS: Final = ("text", "json_object", "json_schema")
CHOICES: Final = ("none", "auto", "required", "allowed_tools")

_REGEX: Final = re.compile(r"\A\^|\\[dwsbDWSB](?![A-Za-z])|\(\?[:P=!i]|\.\*\$\Z")
"""Signs of a regular expression: an anchor, a class, a group, or `.*$` at the end."""

Check = Callable[[Spot, Matcher], Iterator[Finding]]


def conditions_never_met(script: Script) -> Iterator[Finding]:
    """Find conditions that no request meets."""
    for placed in script.rules:
        yield from _when(Spot(placed) / "when", placed.rule.when)


def _when(spot: Spot, when: When) -> Iterator[Finding]:
    for key in when.model_fields_set:
        value = getattr(when, key)
        if isinstance(value, Matcher) and key in _CHECKS:
            yield from _each(spot / key, value, _CHECKS[key])
        elif isinstance(value, MessageMatcher | FormatMatcher | ToolResultMatcher):
            yield from _parts(spot / key, value)
    if when.tool_choice is not None:
        yield from _each(spot / "tool_choice", when.tool_choice, _tool_choice(when.tools))
    for at, message in enumerate(when.messages or ()):
        yield from _parts(spot / "messages" / at, message)
    for key, named in (("headers", when.headers), ("metadata", when.metadata)):
        for name, matcher in (named or {}).items():
            yield from _each(spot / key / name, matcher, _text)
    for path, matcher in (when.body or {}).items():
        yield from _parameter(spot / "body" / path, path.removeprefix("$."), matcher)
    yield from _inner(spot, when)


def _inner(spot: Spot, when: When) -> Iterator[Finding]:
    for key in ("all", "any"):
        for at, part in enumerate(getattr(when, key) or ()):
            yield from _when(spot / key / at, part)
    if when.not_ is not None:
        yield from _when(spot / "not", when.not_)


def _parts(spot: Spot, matcher: MessageMatcher | FormatMatcher | ToolResultMatcher) -> Iterator[Finding]:
    """Check the parts of a message, a tool result or a response format."""
    for key in matcher.model_fields_set:
        value = getattr(matcher, key)
        if isinstance(value, Matcher) and key in _CHECKS:
            yield from _each(spot / key, value, _CHECKS[key])


def _each(spot: Spot, matcher: Matcher, check: Check) -> Iterator[Finding]:
    """Check a matcher and the matchers that it combines."""
    yield from check(spot, matcher)
    for key in ("all", "any"):
        for at, part in enumerate(getattr(matcher, key) or ()):
            yield from _each(spot / key / at, part, check)
    if matcher.not_ is not None:
        yield from _each(spot / "not", matcher.not_, check)


def _given(matcher: Matcher) -> list[Any]:
    """Return the values that a matcher compares with, whole."""
    if matcher.ignore_case:
        return []
    equal = [matcher.equals] if "equals" in matcher.model_fields_set else []
    only = [matcher.only_text()] if matcher.plain is not None and "*" not in matcher.plain else []
    return [*equal, *only, *(matcher.one_of or ())]


def _text(spot: Spot, matcher: Matcher) -> Iterator[Finding]:
    """Check a condition on a text."""
    for value in _given(matcher):
        if isinstance(value, list):
            yield spot.error("never matches: the value is a text, and not a list", "Use `one_of: [...]`.")
        elif value is not None and not isinstance(value, str):
            text = _shown(value)
            yield spot.error(f"never matches: the value is a text, and not {text}", f'Write "{text}" in quotes.')
    if {"gt", "gte", "lt", "lte"} & matcher.model_fields_set:
        yield spot.error("never matches: the value is a text, which has no order", "Use `length`, or `matches`.")
    if matcher.plain is not None and _REGEX.search(matcher.plain):
        yield spot.warning(
            f"{matcher.plain!r} looks like a regular expression, but a plain string is compared as it is",
            f"Use `matches: {matcher.plain!r}`.",
        )


def _number(spot: Spot, matcher: Matcher) -> Iterator[Finding]:
    """Check a condition on a number."""
    wrong = [value for value in _given(matcher) if not isinstance(value, int | float) or isinstance(value, bool)]
    for value in wrong:
        yield spot.error(f"never matches: the value is a number, and not {_shown(value)}", "Give a number, or `gte`.")
    on_text = {"plain", "contains", "matches", "glob", "length", "at"} & matcher.model_fields_set
    if on_text and not wrong:
        yield spot.error(f"never matches: the value is a number, which has no {', '.join(sorted(on_text))}")


def _one_of(known: Collection[str], noun: str) -> Check:
    def check(spot: Spot, matcher: Matcher) -> Iterator[Finding]:
        for value in _given(matcher):
            if value is not None and value not in known:
                yield spot.error(f"never matches: there is no {noun} {_shown(value)}", _meant(value, known))

    return check


def _shown(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def _meant(value: Any, known: Collection[str]) -> str:
    meant = did_you_mean(str(value), known)
    return f"Did you mean {meant!r}?" if meant else f"Known: {', '.join(known)}."


def _tool_choice(tools: ToolsMatcher | None) -> Check:
    """Return the check of a tool choice: a mode or the name of a tool, so only a near miss of a mode is a mistake."""
    offered = {*(tools.all or ()), *(tools.any or ()), *(tools.only or ())} if tools is not None else set[str]()

    def check(spot: Spot, matcher: Matcher) -> Iterator[Finding]:
        for value in _given(matcher):
            meant = did_you_mean(str(value), CHOICES) if value not in (None, *offered, *CHOICES) else None
            if meant:
                hint = f"Did you mean {meant!r}?"
                yield spot.warning(f"{_shown(value)} is neither a mode nor a tool of the rule", hint)

    return check


def _parameter(spot: Spot, path: str, matcher: Matcher) -> Iterator[Finding]:
    """Check a condition on a parameter of the request: its name, and its value if the API lists the values."""
    name = re.split(r"[.\[]", path, maxsplit=1)[0]
    fields = ChatCompletionRequest.model_fields
    if name.isidentifier() and name not in fields:
        meant = did_you_mean(name, fields)
        if meant:
            yield spot.warning(f"the API has no parameter {name!r}", f"Did you mean {meant!r}?")
    listed = _listed(name) if path == name else ()
    if listed:
        yield from _each(spot, matcher, _one_of(listed, name))


def _listed(name: str) -> tuple[str, ...]:
    """Return the values that the API lists for a parameter; none, if it has other values too."""
    if name not in _ENUMS:
        return ()
    return values(get_args(ChatCompletionRequest.model_fields[name].annotation)[0])


_ENUMS: Final = frozenset({"service_tier", "reasoning_effort", "verbosity", "prompt_cache_retention"})
"""The parameters whose values are all listed."""

_CHECKS: Final[Mapping[str, Check]] = {
    **dict.fromkeys(("model", "system", "user", "session", "user_field", "text", "name"), _text),
    **dict.fromkeys(("turn", "message_count", "hits", "images", "audio", "files"), _number),
    "role": _one_of(ROLES, "role"),
    "type": _one_of(FORMATS, "response format"),
}
