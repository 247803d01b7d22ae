"""Lint: rules, scenario states and replies that no request reaches."""

from collections.abc import Iterator
from typing import Any, Final

from chatdouble.scripts.format.matchers import Matcher, ToolsMatcher
from chatdouble.scripts.format.rule import STARTED, Rule, When
from chatdouble.scripts.lint.finding import Finding, Spot
from chatdouble.scripts.matching.compiled_matcher import compile_matcher
from chatdouble.scripts.reading.load import Script

_COMBINED: Final = frozenset({"all", "any", "not_", "hits"})


def never_reached(script: Script) -> Iterator[Finding]:
    """Find rules that never answer, because an earlier rule answers every request that they match."""
    for position, placed in enumerate(script.rules):
        for before in script.rules[:position]:
            if _always_answers(before.rule) and _covers(before.rule.when, placed.rule.when):
                yield Spot(placed).error(
                    f"never reached: {before.id!r} at {before.where()} answers every request that it matches",
                    "Put the more specific rule first, or limit the earlier one with `times`.",
                )
                break


def _always_answers(rule: Rule) -> bool:
    """Tell whether a rule answers every request that its `when` matches."""
    runs_out = rule.times is not None or (rule.sequence is not None and rule.then == "unmatched")
    return not runs_out and rule.scenario is None and not rule.when.model_fields_set & _COMBINED


def _covers(wide: When, narrow: When) -> bool:
    """Tell whether `wide` certainly matches every request that `narrow` matches."""
    if "user" in wide.model_fields_set and {"last", "tool_result"} & (wide.model_fields_set ^ narrow.model_fields_set):
        return False
    if wide.api is None and narrow.api is not None:
        return False  # a rule without `api` answers conversations alone
    return all(_implied(getattr(wide, key), getattr(narrow, key)) for key in wide.model_fields_set)


def _implied(wide: Any, narrow: Any) -> bool:
    """Tell whether one condition certainly holds if another one on the same key does."""
    if wide == narrow:
        return True
    if isinstance(wide, Matcher) and isinstance(narrow, Matcher):
        text = narrow.only_text()
        return text is not None and compile_matcher(wide).test(text)
    if isinstance(wide, ToolsMatcher) and isinstance(narrow, ToolsMatcher):
        return wide.model_fields_set == {"all"} and set(wide.all or ()) <= {*(narrow.all or ()), *(narrow.only or ())}
    return False


def states_never_set(script: Script) -> Iterator[Finding]:
    """Find rules that require a scenario state which no rule sets."""
    scenarios = [placed.rule.scenario for placed in script.rules]
    reached = {(found.name, found.new_state) for found in scenarios if found}
    for placed in script.rules:
        scenario = placed.rule.scenario
        wanted = scenario.required_state if scenario else None
        if scenario and wanted and wanted != STARTED and (scenario.name, wanted) not in reached:
            yield (Spot(placed) / "scenario" / "required_state").error(
                f"never reached: no rule sets the scenario {scenario.name!r} to the state {wanted!r}",
                f"Set it with `new_state` in another rule; the initial state is {STARTED!r}.",
            )


def spare_replies(script: Script) -> Iterator[Finding]:
    """Find replies of a sequence that come after the rule's last answer."""
    for placed in script.rules:
        rule = placed.rule
        if rule.sequence and rule.times and rule.times < len(rule.sequence):
            yield (Spot(placed) / "sequence" / rule.times).warning(
                f"never given: `times` limits the rule to {rule.times}", "Raise `times`, or remove the reply."
            )
