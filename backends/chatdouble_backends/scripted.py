"""Answers by the first rule of a script that matches."""

import time
from collections.abc import Callable
from functools import lru_cache, partial

from chatdouble.backend import Backend, Call, Options, Reply
from chatdouble.scripts.format.delivery import ask
from chatdouble.scripts.matching.combinators import Failure
from chatdouble.scripts.matching.compiled_rule import CompiledRule, ready
from chatdouble.scripts.matching.hits import reply_index, take
from chatdouble.scripts.matching.index import Index
from chatdouble.scripts.matching.near_misses import miss, nearest
from chatdouble.scripts.matching.request_view import RequestView
from chatdouble.scripts.reading.load import Script
from chatdouble.scripts.reading.watch import Watched
from chatdouble.scripts.replying.answering import Answering
from chatdouble.scripts.replying.template_variables import Scope


def make(options: Options) -> Backend:
    """Make the backend that the server's settings ask for.

    Raises:
        ScriptError: The scripts cannot be used.
    """
    watched = Watched(options.scripts, time.monotonic)  # files change in real time, whatever the clock is
    return Scripted(watched.current, options.other, options.unmatched)


class Scripted:
    """Answers by the first rule that matches.

    Args:
        script: Returns the script as it is now; called for every request.
        other: Returns another backend by its name: `echo`, `upstream`.
        unmatched: What answers a call that no rule matches: `error`, `echo` or `upstream`.
    """

    def __init__(self, script: Callable[[], Script], other: Callable[[str], Backend], unmatched: str = "error") -> None:
        self._script = script
        self._other = lru_cache(maxsize=None)(other)
        self._unmatched = unmatched
        self._seen = script()
        self._index = _indexed(self._seen)
        if unmatched != "error":
            self._other(unmatched)

    async def reply(self, call: Call) -> Reply:
        """Answer with the reply of the first rule that matches and has a turn.

        Raises:
            APIError: The reply is an error, no rule matches (404, `no_rule_matched`), or a reply cannot be made.
        """
        facts = RequestView(call)
        index = self._current()
        refused: dict[str, Failure] = {}
        for rule in index.candidates(facts):
            if rule.when.holds(facts):
                hits = await take(call, rule)
                if isinstance(hits, int):
                    return await self._answer(rule, facts, hits)
                refused[rule.placed.id] = hits
        return await self._missed(call, index, facts, refused)

    def _current(self) -> Index:
        script = self._script()
        if script is not self._seen:
            self._index = _indexed(script)
            self._seen = script
        return self._index

    async def _answer(self, ready_rule: CompiledRule, facts: RequestView, hits: int) -> Reply:
        placed = ready_rule.placed
        rule, call = placed.rule, facts.call
        call.notes.rule = placed.id
        ask(call.delivery, rule.pace, rule.all_faults(), placed.id)
        index = reply_index(rule, hits)
        at = ("reply",) if rule.sequence is None else ("sequence", index)
        occasion = placed.id if rule.sequence is None else f"{placed.id} [{index}]"
        scope = Scope(facts, ready_rule.when.captures(facts), hits, occasion)
        return await Answering(rule.replies()[index], scope, self._other, partial(placed.where, *at)).answer()

    async def _missed(self, call: Call, index: Index, facts: RequestView, refused: dict[str, Failure]) -> Reply:
        near = nearest(index.rules, facts, refused)
        call.notes.near_misses = tuple(one.data() for one in near)
        if self._unmatched == "error":
            raise miss(near, len(index.rules))
        return await self._other(self._unmatched).reply(call)


def _indexed(script: Script) -> Index:
    return Index(map(ready, script.rules))
