"""Hits: the number of times each rule has answered in a session, and the states of its scenarios."""

from collections.abc import Awaitable, Callable

from chatdouble.backend import Call
from chatdouble.scripts.format.rule import STARTED, Rule
from chatdouble.scripts.matching.combinators import Failure
from chatdouble.scripts.matching.compiled_rule import CompiledRule

TakeHit = Callable[[Call, CompiledRule], Awaitable[int | Failure]]
"""Counts a hit of a rule that matches; returns the earlier hits, or the reason why the rule may not answer."""


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
