"""Answers by rules: the first one that matches and may answer, or the one that a request names."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from chatdouble.backend import Backend, Reply
from chatdouble.core.errors import APIError
from chatdouble.scripts.format.delivery import ask
from chatdouble.scripts.matching.combinators import Failure
from chatdouble.scripts.matching.compiled_matcher import Captures
from chatdouble.scripts.matching.compiled_rule import CompiledRule
from chatdouble.scripts.matching.hits import TakeHit, reply_index, take_hit
from chatdouble.scripts.matching.near_misses import NearMiss, unmatched_error
from chatdouble.scripts.matching.request_view import RequestView
from chatdouble.scripts.reading.mistakes import near
from chatdouble.scripts.replying.answering import Answering
from chatdouble.scripts.replying.template_variables import TemplateVariables

Other = Callable[[str], Backend]
"""Returns another backend by its name, for replies that name one."""


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
        APIError: The reply is an error, or cannot be made.
    """
    for rule in candidates:
        if await view.call.apart(rule.when.holds, view):
            hits = await take(view.call, rule)
            if isinstance(hits, int):
                return await _answer(rule, view, hits, rule.when.captures(view), other)
            refused[rule.placed.id] = hits
    return None


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
        captures = rule.when.captures(view) if rule.when.holds(view) else {}
        return await _answer(rule, view, hits, captures, other)
    miss = NearMiss(rule, hits, 1.0)
    view.call.notes.near_misses = (miss.data(),)
    raise unmatched_error([miss], 1)


async def _answer(compiled: CompiledRule, view: RequestView, hits: int, captures: Captures, other: Other) -> Reply:
    placed = compiled.placed
    rule, call = placed.rule, view.call
    at: tuple[str | int, ...]
    call.notes.rule = placed.id
    ask(call.delivery, rule.pace, compiled.faults, placed.key)
    index, at, occasion = 0, ("reply",), placed.key
    if rule.sequence is not None:
        index = reply_index(rule, hits)
        at, occasion = ("sequence", index), f"{placed.key} [{index}]"
    variables = TemplateVariables(view, captures, hits, occasion)
    return await Answering(compiled.replies[index], variables, other, partial(placed.where, *at)).answer()
