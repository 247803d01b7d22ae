"""The scripted backend, which answers with the first rule that matches."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from functools import lru_cache
from typing import Any, Final

from chatdouble.answer.computed import COMPUTED
from chatdouble.backend import Backend, Call, Options, Relay, RelayOther, Reply
from chatdouble.scripts.matching.changes import Changes, changes_of
from chatdouble.scripts.matching.combinators import Failure
from chatdouble.scripts.matching.compiled_rule import CompiledRule, compile_rule
from chatdouble.scripts.matching.index import Index
from chatdouble.scripts.matching.near_misses import missed, nearest_apart, unmatched_error
from chatdouble.scripts.matching.request_view import RequestView, any_body
from chatdouble.scripts.reading.load import Placed, Script
from chatdouble.scripts.reading.watch import Watched
from chatdouble.scripts.replying.by_rule import first_answer, named_answer, take_hit

NO_CHANGES: Final = Changes()
"""The changes where a test has made none."""


def make(options: Options) -> Backend:
    """Return the backend for the server's settings.

    Raises:
        ScriptError: The scripts do not load, or a reply asks for an upstream and there is none.
        ValueError: A setting of the upstream cannot be used.
    """
    # Files change in real time, whatever the server's clock is.
    has_upstream = options.upstream is not None or options.recordings is not None  # recordings stand for their upstream
    watched = Watched(options.scripts, time.monotonic, has_upstream=has_upstream)
    if any(reply.upstream for placed in watched.script.rules for _, reply in placed.replies()):
        options.other("upstream")  # its settings are judged at the start
    relayed = options.upstream is not None and (options.mode != "replay" or options.recordings is not None)
    elsewhere = "upstream" if relayed else None if options.unmatched == "error" else options.unmatched
    return Scripted(watched.current, options.other, options.unmatched, elsewhere=elsewhere, files=watched)


class Scripted:
    """Answers with the first rule that matches.

    Args:
        script: Returns the current script; called for every request.
        other: Returns another backend by name: `echo`, `upstream`.
        unmatched: The answer to a request that no rule matches: `error`, `echo` or `upstream`.
        noun: The word for a rule in the error for such a request: `rule` or `recording`.
        elsewhere: The backend that answers calls of other endpoints for which there is no rule; None: there is none.
        files: The files of the script, which a thread reads again if they are long; None: nobody need look at them.
    """

    def __init__(
        self,
        script: Callable[[], Script],
        other: Callable[[str], Backend],
        unmatched: str = "error",
        noun: str = "rule",
        elsewhere: str | None = None,
        files: Watched | None = None,
    ) -> None:
        self._files = files
        self._script = script
        self._other = lru_cache(maxsize=None)(other)
        self._unmatched = unmatched
        self._noun = noun
        self._elsewhere = elsewhere
        read = script()
        self._held = read, index_of(read)
        if unmatched != "error":
            self._other(unmatched)

    @property
    def uses(self) -> frozenset[str]:
        """The options it uses: all of them if a reply comes from the upstream."""
        rules = (placed.rule for placed in self._script().rules)
        relays = any(reply.upstream for rule in rules for reply in rule.replies())
        return frozenset(field.name for field in fields(Options)) if relays else frozenset({"scripts", "unmatched"})

    def has_recordings(self) -> bool:
        """Tell whether a reply is an upstream's, so that a request may refer to what the upstream stored."""
        replies = (reply for placed in self._script().rules for reply in placed.rule.replies())
        return self._unmatched == "upstream" or any(reply.upstream or reply.recorded for reply in replies)

    def rules(self) -> Sequence[Placed]:
        """Return the rules, in the order in which they are tried."""
        return self._script().rules

    def summary(self) -> str:
        """Return the number of files and rules, and the answer to other requests."""
        rules = self._script().rules
        sources = {placed.source.name for placed in rules}
        return f"scripts: {len(sources)} files, {len(rules)} rules; unmatched: {self._unmatched}"

    def reload(self) -> None:
        """Read the files again if they have changed, and compile their rules."""
        if self._files is not None:
            self._files.look()
        self._current_index()

    async def _look(self) -> None:
        if self._files is not None and self._files.is_late:
            await asyncio.to_thread(self.reload)

    def near_misses(self, view: RequestView, answered: str | None, changes: Changes) -> list[dict[str, Any]]:
        """Return the rules that came nearest to answering a request of the journal, the nearest first.

        Args:
            view: The request.
            answered: The rule that answered it, which is left out; None: no rule.
            changes: The changes of the rules that a test has made.
        """
        return missed(changes.rules(self._current_index()), view, answered)

    async def relay_other(self, call: Call) -> Relay | None:
        """Answer a call of another endpoint: with a rule for it, else as the fallback does.

        Raises:
            APIError: The reply cannot be made, or the upstream cannot be reached.
        """
        call.body = any_body(call)
        changes = await changes_of(call) if call.rules_changed else NO_CHANGES
        reply = await self._reply_other(RequestView(call, call.endpoint), changes)
        if reply is None and self._elsewhere is not None:
            relay: RelayOther | None = getattr(self._other(self._elsewhere), "relay_other", None)
            reply = await relay(call) if relay is not None else None
        return reply

    async def _reply_other(self, view: RequestView, changes: Changes) -> Relay | None:
        await self._look()
        candidates = await view.call.apart(changes.candidates, self._current_index(), view)
        reply = await first_answer(candidates, view, self._other, {}, take_hit)
        return reply if isinstance(reply, Relay) else None

    async def found(self, call: Call, endpoint: str) -> Reply | None:
        """Answer a call with the first rule that matches and may answer; None: there is none.

        Raises:
            APIError: The reply is an error, or cannot be made.
        """
        await self._look()
        view, index = RequestView(call, endpoint), self._current_index()
        return await first_answer(await call.apart(index.candidates, view), view, self._other, {}, take_hit)

    async def reply(self, call: Call) -> Reply:
        """Answer with the reply of the first rule that matches and may answer.

        Raises:
            APIError: The reply is an error, no rule matched a conversation (404, `no_rule_matched`), or the reply
                cannot be made.
        """
        await self._look()
        view, index = RequestView(call), self._current_index()
        return await self._first(view, await call.apart(index.candidates, view), index.rules)

    async def reply_by(self, call: Call, changes: Changes) -> Reply:
        """Answer as the rules say with the changes that a test has made, or with the rule that the request names.

        Raises:
            APIError: As `reply` does, or there is no rule of the name (404, `no_such_rule`).
        """
        await self._look()
        view, index = RequestView(call), self._current_index()
        rules = changes.rules(index)
        if call.overrides.rule is not None:
            return await named_answer(call.overrides.rule, rules, view, self._other)
        return await self._first(view, await call.apart(changes.candidates, index, view), rules)

    async def _first(
        self, view: RequestView, candidates: Iterable[CompiledRule], rules: Sequence[CompiledRule]
    ) -> Reply:
        """Answer with the first rule that matches and may answer, else with the fallback."""
        refused: dict[str, Failure] = {}
        reply = await first_answer(candidates, view, self._other, refused, take_hit)
        if reply is not None:
            return reply
        if view.call.api in COMPUTED:
            # What is computed from the request needs no rule, so that a script may be about conversations alone.
            return await self._other(self._elsewhere or "echo").reply(view.call)
        near = await nearest_apart(rules, view, refused)
        view.call.notes.near_misses = tuple(one.data() for one in near)
        if self._unmatched == "error":
            raise unmatched_error(near, len(rules), self._noun)
        return await self._other(self._unmatched).reply(view.call)

    def _current_index(self) -> Index:
        script = self._script()
        held, index = self._held  # together, as a thread reads changed files, too
        if script is not held:
            index = index_of(script, index)
            self._held = script, index
        return index


def index_of(script: Script, before: Index | None = None) -> Index:
    """Return the rules of a script, compiled and indexed.

    Args:
        script: The script.
        before: The index before its files changed; rules that were there are not compiled again.
    """
    known = {id(rule.placed): rule for rule in before.rules} if before else {}
    return Index(known.get(id(placed)) or compile_rule(placed) for placed in script.rules)
