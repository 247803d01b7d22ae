"""Whose turn it is: how often rules have answered, and where scenarios stand, for each session on its own."""

from chatdouble.backend import Call
from chatdouble.scripts.format.rule import STARTED, Rule
from chatdouble.scripts.matching.combinators import Failure
from chatdouble.scripts.matching.compiled_rule import CompiledRule


async def take(call: Call, ready: CompiledRule) -> int | Failure:
    """Take a rule's next turn, if it has one; no two calls ever take the same.

    Returns:
        How often the rule has answered in this session before, or why it does not answer now.
    """
    session, rule = call.session, ready.placed.id
    if not ready.limited:
        return await session.hit(rule)
    while True:
        before = await session.hits(rule)
        failure = _spent(ready, before or 0) or await _elsewhere(call, ready.placed.rule)
        if failure is not None:
            return failure
        if await session.swap_hits(rule, before, (before or 0) + 1):
            if await _move_on(call, ready.placed.rule):
                return before or 0
            await session.take_back_hit(rule)


def _spent(ready: CompiledRule, hits: int) -> Failure | None:
    """Return why a rule that has answered so often does not answer again, if it does not."""
    rule = ready.placed.rule
    if ready.hits is not None and not ready.hits.test(hits):
        return Failure("hits", ready.hits.words, hits)
    if rule.times is not None and hits >= rule.times:
        return Failure("times", f"at most {rule.times} answers in a session", f"{hits} given")
    if rule.sequence is not None and rule.then == "miss" and hits >= len(rule.sequence):
        return Failure("then", f"{len(rule.sequence)} answers and no more", f"{hits} given")
    return None


async def _elsewhere(call: Call, rule: Rule) -> Failure | None:
    """Return the failure of a rule whose scenario is in another state, if it is."""
    if rule.scenario is None or rule.scenario.required_state is None:
        return None
    state = await state_of(call, rule.scenario.name)
    if state == rule.scenario.required_state:
        return None
    return Failure(f"scenario {rule.scenario.name}", rule.scenario.required_state, state)


async def _move_on(call: Call, rule: Rule) -> bool:
    """Bring the rule's scenario to its next state; say whether it still was in the one before."""
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


async def state_of(call: Call, scenario: str) -> str:
    """Return a scenario's state in the call's session."""
    return await call.session.scenario_state(scenario) or STARTED


def reply_index(rule: Rule, hits: int) -> int:
    """Return which of its replies a rule gives after so many answers, from 0."""
    count = len(rule.replies())
    return hits % count if rule.then == "loop" else min(hits, count - 1)
