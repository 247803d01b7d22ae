"""Lint: templates that cannot be rendered, and captures that no template uses."""

from collections.abc import Iterator
from typing import Any, Final

from chatdouble.core.json import is_array, is_object
from chatdouble.scripts.format.base import Spec, is_template
from chatdouble.scripts.format.expressions import pattern
from chatdouble.scripts.format.matchers import Matcher
from chatdouble.scripts.format.templates import (
    VARIABLES,
    captures_used,
    syntax_error,
    unknown_variables,
    variables_used,
)
from chatdouble.scripts.lint.finding import Finding, Spot
from chatdouble.scripts.reading.load import Placed, Script

_NO_TEMPLATES: Final = {"annotations", "logprobs", "usage", "pace", "fault", "faults", "finish_reason", "recorded"}
_WHOLE: Final = "*"


def templates(script: Script) -> Iterator[Finding]:
    """Find templates that do not parse or that use undefined variables."""
    for placed in script.rules:
        captured = _captured(placed.rule.when)
        for spot, text in _templates(placed):
            error = syntax_error(text)
            if error:
                yield spot.error(f"the template does not parse: {error}", f"The template: {text}")
                continue
            yield from _unknown(spot, text)
            yield from _never_captured(spot, text, captured)
            yield from _no_result(spot, text)


def _unknown(spot: Spot, text: str) -> Iterator[Finding]:
    for name in unknown_variables(text):
        yield spot.error(f"undefined variable {name!r} in the template", f"Available: {', '.join(VARIABLES)}.")


def _never_captured(spot: Spot, text: str, captured: set[str]) -> Iterator[Finding]:
    for name in sorted(captures_used(text) - captured - {_WHOLE}):
        yield spot.error(
            f"the template uses match.{name}, but no regular expression of the rule captures it",
            f"Capture it in `matches` with (?P<{name}>...).",
        )


def _no_result(spot: Spot, text: str) -> Iterator[Finding]:
    when = spot.placed.rule.when
    if "tool" in variables_used(text) and not when.model_fields_set & {"last", "tool_result", "all", "any"}:
        yield spot.warning(
            "the template uses `tool`, but the rule also matches requests without a tool result",
            "Require one: when: {last: {role: tool}}.",
        )


def captures(script: Script) -> Iterator[Finding]:
    """Find named groups that no template of their rule uses."""
    for placed in script.rules:
        texts = [text for _, text in _templates(placed) if syntax_error(text) is None]
        used = {name for text in texts for name in captures_used(text)}
        if _WHOLE in used:
            continue
        for name in sorted(_captured(placed.rule.when) - used):
            yield (Spot(placed) / "when").warning(
                f"the capture {name!r} is not used",
                f"Use it as {{{{ match.{name} }}}}, or write the group as (?:...).",
            )


def _captured(part: Any) -> set[str]:
    """Return the names of all groups in the regular expressions of a `when`, except negated ones."""
    if isinstance(part, Matcher) and part.matches is not None:
        return {*pattern(part.matches).groupindex, *_inside(part)}
    if isinstance(part, Spec):
        return _inside(part)
    values = [*part.values()] if is_object(part) else part if is_array(part) else []
    return {name for value in values for name in _captured(value)}


def _inside(spec: Spec) -> set[str]:
    return {name for key in spec.model_fields_set - {"not_"} for name in _captured(getattr(spec, key))}


def _templates(placed: Placed) -> Iterator[tuple[Spot, str]]:
    """Yield every template in a rule's replies, with its place."""
    single = placed.rule.sequence is None
    for index, reply in enumerate(placed.rule.replies()):
        spot = Spot(placed, ("reply",) if single else ("sequence", index))
        written = reply.model_dump(by_alias=True, exclude_unset=True, exclude=_NO_TEMPLATES)
        yield from ((found, text) for found, text in _strings(spot, written) if is_template(text))


def _strings(spot: Spot, value: Any) -> Iterator[tuple[Spot, str]]:
    if isinstance(value, str):
        yield spot, value
    elif is_object(value):
        for key, inner in value.items():
            yield from _strings(spot / key, key)
            yield from _strings(spot / key, inner)
    elif is_array(value):
        for index, inner in enumerate(value):
            yield from _strings(spot / index, inner)
