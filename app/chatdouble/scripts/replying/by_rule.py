"""Answers by rules: the first one that matches and may answer, or the one that a request names; hits and scenarios."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from time import monotonic, thread_time
from typing import Final

from chatdouble.backend import Backend, Call, Reply
from chatdouble.core.errors import APIError
from chatdouble.scripts.format.delivery import ask
from chatdouble.scripts.format.rule import STARTED, Rule
from chatdouble.scripts.matching.combinators import Failure
from chatdouble.scripts.matching.compiled_matcher import Captures
from chatdouble.scripts.matching.compiled_rule import CompiledRule
from chatdouble.scripts.matching.near_misses import NearMiss, unmatched_error
from chatdouble.scripts.matching.request_view import RequestView
from chatdouble.scripts.reading.mistakes import near
from chatdouble.scripts.replying.answering import Answering
from chatdouble.scripts.replying.template_variables import TemplateVariables

Other = Callable[[str], Backend]
"""Returns another backend by its name, for replies that name one."""

TakeHit = Callable[[Call, CompiledRule], Awaitable[int | Failure]]
"""Counts a hit of a rule that matches; returns the earlier hits, or the reason why the rule may not answer."""


_TURN: Final = 0.005
"""The seconds for which rules are tried before others get a turn."""
_LONG: Final = 64 * 1024
"""The bytes of a request from which on the time of all its conditions is bounded."""
_SECONDS: Final = 5.0
"""The processor's seconds for all conditions of a request."""


async def first_answer(
    candidates: Iterable[CompiledRule], view: RequestView, other: Other, refused: dict[str, Failure], take: TakeHit
) -> Reply | None:
    """Answer with the first rule that matches and may answer; None: there is none.

    Args:
        candidates: The rules, in order.
        view: The request.
        other: Returns another backend by its name, for replies that name one.
        refused: Takes the reasons of rules that match and may not answer, by rule id.
        take: Counts a hit of a rule that matches.

    Raises:
        APIError: The reply is an error, or cannot be made, or the conditions take too long.
    """
    patience = _Patience() if len(view.call.raw) > _LONG else None
    began = monotonic()
    for rule in candidates:
        if monotonic() - began > _TURN:
            await asyncio.sleep(0)  # others want answers meanwhile
            began = monotonic()
        holds = rule.when.holds if patience is None else partial(patience.holds, rule)
        if await view.call.apart(holds, view):
            hits = await take(view.call, rule)
            if isinstance(hits, int):
                return await _answer(rule, view, hits, await view.call.apart(rule.when.captures, view), other)
            refused[rule.placed.id] = hits
    return None


class _Patience:
    """The time that the conditions of rules may take on a long request."""

    def __init__(self) -> None:
        self._tried = 0
        self._spent = 0.0

    def holds(self, rule: CompiledRule, subject: RequestView) -> bool:
        """Tell whether a rule's conditions hold.

        Raises:
            APIError: Those of all rules together take too long (500, `script_error`).
        """
        began = thread_time()
        held = rule.when.holds(subject)
        self._tried += 1
        self._spent += thread_time() - began
        if self._spent <= _SECONDS:
            return held
        why = (
            f"The conditions of {self._tried} rules take more than {_SECONDS:g} seconds on this request of "
            f"{subject.size:,} bytes. Use conditions on short texts, such as `model` or `headers`, or `contains`."
        )
        error = APIError(why, status=500, type="script_error", code="script_error")
        raise error.with_headers({"x-should-retry": "false"})


async def named_answer(name: str, rules: Sequence[CompiledRule], view: RequestView, other: Other) -> Reply:
    """Answer with the rule of a name or id, whatever its conditions; it counts the answer as any other.

    Raises:
        APIError: There is no such rule (404, `no_such_rule`), it may not answer again, or the reply is an error.
    """
    rule = next((one for one in rules if name in (one.placed.id, one.placed.control_id)), None)
    if rule is None:
        advice = near(name, [one.placed.id for one in rules]) or f"; there are {len(rules)} rules"
        error = APIError(f"No rule is named {name!r}{advice}", status=404, param="x-double-rule", code="no_such_rule")
        raise error.with_headers({"x-should-retry": "false"})
    hits = await take_hit(view.call, rule)
    if isinstance(hits, int):
        # It answers even where its conditions do not hold, and then captures nothing.
        return await _answer(rule, view, hits, await view.call.apart(_captures_if_it_holds, rule, view), other)
    miss = NearMiss(rule, hits, 1.0)
    view.call.notes.near_misses = (miss.data(),)
    raise unmatched_error([miss], 1)


def _captures_if_it_holds(rule: CompiledRule, view: RequestView) -> Captures:
    return rule.when.captures(view) if rule.when.holds(view) else {}


async def _answer(compiled: CompiledRule, view: RequestView, hits: int, captures: Captures, other: Other) -> Reply:
    placed = compiled.placed
    rule, call = placed.rule, view.call
    at: tuple[str | int, ...]
    call.notes.rule = placed.id
    if rule.pace or compiled.faults:
        ask(call.delivery, rule.pace, compiled.faults, placed.key)
    index, at, occasion = 0, ("reply",), placed.key
    if rule.sequence is not None:
        index = reply_index(rule, hits)
        at, occasion = ("sequence", index), f"{placed.key} [{index}]"
    variables = TemplateVariables(view, captures, hits, occasion)
    return await Answering(compiled.replies[index], variables, other, partial(placed.where, *at)).answer()


async def take_hit(call: Call, compiled: CompiledRule) -> int | Failure:
    """Count a hit of a rule that matches, if it may answer; no two calls get the same number.

    Returns:
        The number of earlier hits in this session, or the reason why the rule may not answer.
    """
    session, rule = call.session, compiled.placed.key
    if not compiled.limited:
        return await session.hit(rule)
    while True:
        before = await session.hits(rule)
        hits = before or 0
        failure = _limit_failure(compiled, hits) or await _scenario_failure(call, compiled.placed.rule)
        if failure is not None:
            return failure
        if await session.swap_hits(rule, before, hits + 1):
            if await _advance_scenario(call, compiled.placed.rule):
                return hits
            # Another call changed the scenario's state in between: give the hit back and decide again.
            await session.take_back_hit(rule)


def _limit_failure(compiled: CompiledRule, hits: int) -> Failure | None:
    """Return the failure of a rule that may not answer again after this number of hits."""
    rule = compiled.placed.rule
    if compiled.hits is not None and not compiled.hits.test(hits):
        return Failure("hits", compiled.hits.words, hits)
    if rule.times is not None and hits >= rule.times:
        return Failure("times", f"at most {rule.times} answers in a session", f"{hits} given")
    if rule.sequence is not None and rule.then == "unmatched" and hits >= len(rule.sequence):
        return Failure("then", f"at most {len(rule.sequence)} answers in a session", f"{hits} given")
    return None


async def _scenario_failure(call: Call, rule: Rule) -> Failure | None:
    """Return the failure of a rule that requires another state of its scenario."""
    if rule.scenario is None or rule.scenario.required_state is None:
        return None
    state = await scenario_state(call, rule.scenario.name)
    if state == rule.scenario.required_state:
        return None
    return Failure(f"scenario {rule.scenario.name}", rule.scenario.required_state, state)


async def _advance_scenario(call: Call, rule: Rule) -> bool:
    """Set the new state of the rule's scenario; return False if the required state has changed in between."""
    scenario = rule.scenario
    if scenario is None or scenario.new_state is None:
        return True
    session, name = call.session, scenario.name
    if scenario.required_state is None:
        await session.set_scenario_state(name, scenario.new_state)
        return True
    kept = await session.scenario_state(name)
    if (kept or STARTED) != scenario.required_state:
        return False
    return await session.swap_scenario_state(name, kept, scenario.new_state)


async def scenario_state(call: Call, scenario: str) -> str:
    """Return the state of a scenario in the call's session."""
    return await call.session.scenario_state(scenario) or STARTED


def reply_index(rule: Rule, hits: int) -> int:
    """Return the position of the reply that a rule gives after this number of hits."""
    count = len(rule.replies())
    return hits % count if rule.then == "loop" else min(hits, count - 1)
