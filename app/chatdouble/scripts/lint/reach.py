"""Lint: rules, scenario states and replies that no request reaches."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from operator import itemgetter
from typing import Final

from chatdouble.core.json_in_steps import digest_in_steps
from chatdouble.scripts.format.matchers import Matcher, ToolsMatcher
from chatdouble.scripts.format.rule import STARTED, Rule, When
from chatdouble.scripts.lint.finding import Finding, Spot
from chatdouble.scripts.matching.compiled_matcher import compile_matcher
from chatdouble.scripts.reading.load import Placed, Script

_Need = tuple[str, bytes] | None
"""The key of a condition and a digest of what it needs; None: anything."""

_ANY_TEXT: Final = ("text", b"")
"""The need of conditions that several of the user's texts may meet."""
_COMBINED: Final = frozenset({"all", "any", "not_", "hits"})


def never_reached(script: Script) -> Iterator[Finding]:
    """Find rules that never answer, because an earlier rule answers every request that they match."""
    earlier = _Earlier()
    for placed in script.rules:
        own = _Conditions(placed.rule.when)
        before = earlier.first_that_covers(own)
        if before is not None:
            found = Spot(placed).error(
                f"never reached: {before.id!r} {before.at()} answers every request that it matches",
                "Put the more specific rule first, or limit the earlier one with `times`.",
            )
            yield replace(found, shadow=before.key)
        if _always_answers(placed.rule):
            earlier.add(own, placed)


class _Earlier:
    """The earlier rules that always answer, by what a request needs to have to meet their conditions.

    To compare each rule with all earlier ones would take minutes for a folder of many recordings.
    """

    def __init__(self) -> None:
        self._by_need: defaultdict[_Need, list[tuple[int, _Conditions, Placed]]] = defaultdict(list)
        self._count = 0

    def add(self, conditions: "_Conditions", placed: Placed) -> None:
        """Add a rule."""
        self._count += 1
        for need in conditions.needs:
            self._by_need[need].append((self._count, conditions, placed))

    def first_that_covers(self, narrow: "_Conditions") -> Placed | None:
        """Return the first rule that answers every request that meets conditions; None: there is none."""
        groups = (self._by_need.get(need, ()) for need in (None, *narrow.haves))
        found = (next((one for one in group if one[1].cover(narrow)), None) for group in groups)
        first = min((one for one in found if one is not None), key=itemgetter(0), default=None)
        return None if first is None else first[2]


def _always_answers(rule: Rule) -> bool:
    """Tell whether a rule answers every request that its `when` matches."""
    runs_out = rule.times is not None or (rule.sequence is not None and rule.then == "unmatched")
    return not runs_out and rule.scenario is None and not rule.when.model_fields_set & _COMBINED


class _Conditions:
    """The conditions of a rule, prepared once to be compared with those of all others."""

    def __init__(self, when: When) -> None:
        self.keys = when.model_fields_set
        # Rules of one script differ in their texts more often than in anything else, and least in their models.
        self._ordered = sorted(self.keys, key=lambda key: (key != "user", key == "model"))
        self._sees_user = "user" in self.keys
        self.written = when.model_dump(exclude_unset=True)
        self.is_of_conversations = when.api is None
        found = {key: getattr(when, key) for key in self.keys}
        self.texts = {key: one.only_text() for key, one in found.items() if isinstance(one, Matcher)}
        self.tests = {key: compile_matcher(one).test for key, one in found.items() if isinstance(one, Matcher)}
        self.tools = when.tools or ToolsMatcher()
        exact = [*self._exact()]
        matcher = [("matcher", digest_in_steps(self.written["user"]))] if self._sees_user else []
        has_text = self.texts.get("user") is not None
        self.haves: list[_Need] = [*exact, *([_ANY_TEXT] if has_text else matcher)]
        # An expression covers the texts that match it, and itself, but no other expression.
        ignores_case = self._sees_user and when.user is not None and when.user.ignore_case
        several: list[_Need] = [_ANY_TEXT, *matcher] if self._sees_user else [None]
        self.needs: list[_Need] = [exact[0]] if exact and not ignores_case else several

    def _exact(self) -> Iterator[tuple[str, bytes]]:
        """Yield what every request has that meets the conditions: its whole, or the user's text."""
        if "request" in self.keys:
            yield "request", digest_in_steps(self.written["request"])
        if (text := self.texts.get("user")) is not None:
            yield "user", text.encode("utf-8", "surrogatepass")

    def cover(self, narrow: "_Conditions") -> bool:
        """Tell whether every request that meets `narrow` certainly meets these."""
        if self._sees_user and {"last", "tool_result"} & (self.keys ^ narrow.keys):
            return False
        if self.is_of_conversations and not narrow.is_of_conversations:
            return False  # a rule without `api` answers conversations alone
        return all(self._is_implied(key, narrow) for key in self._ordered)

    def _is_implied(self, key: str, narrow: "_Conditions") -> bool:
        text = narrow.texts.get(key)
        if text is not None and key in self.tests:
            return self.tests[key](text)
        if key == "tools" and key in narrow.keys and self.tools.model_fields_set == {"all"}:
            return set(self.tools.all or ()) <= {*(narrow.tools.all or ()), *(narrow.tools.only or ())}
        return key in narrow.keys and bool(self.written[key] == narrow.written[key])


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
