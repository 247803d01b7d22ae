"""A session: everything that belongs to one test. No other module knows the store's keys or what a reset clears."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Final, Literal

from chatdouble.core.in_turns import in_turns
from chatdouble.core.json import encode
from chatdouble.state.overrides import MANY, NO_OVERRIDES, Document, Overrides, changed_overrides
from chatdouble.state.store import FREE, NO_PARTS, Store

# Values
_REQUESTS: Final = "requests"
_OVERRIDES: Final = "overrides"
_QUEUE_USED: Final = "queue used"
_CLEARED: Final = "cleared"
_HITS: Final = "hits:"
_SCENARIO: Final = "scenario:"
_BUCKETS: Final = f"{FREE}limits:"
_RECORDED: Final = "recorded:"
_FAULTS: Final = f"{FREE}fault:"
_NEWEST: Final = "newest:"
_AUDIO: Final = f"{FREE}audio:"
_DOCUMENT: Final = "document:"
# Lists
_QUEUE: Final = "queue"
_JOURNAL: Final = "journal"
_PROMPTS: Final = f"{FREE}prompts:"

Kind = Literal["hits", "scenarios", "faults", "buckets", "completions"]
_KINDS: Final[Mapping[Kind, str]] = {
    "hits": _HITS,
    "scenarios": _SCENARIO,
    "faults": _FAULTS,
    "buckets": _BUCKETS,
    "completions": "completion:",
}

LONGEST_QUEUE: Final = 10_000
"""Replies that may wait in a session's queue; beyond it the oldest are dropped."""

Stored = Literal["completion", "response", "item", "conversation"]
"""The kinds of objects that the API stores."""


class Session:
    """One session's part of the store. Every method is one atomic step, or says so.

    Args:
        store: Where it is kept.
        name: The name it is kept by.
        shown: Its name in the journal and the log; None: the same.
    """

    __slots__ = ("_store", "name", "shown")

    def __init__(self, store: Store, name: str, shown: str | None = None) -> None:
        self._store = store
        self.name = name
        self.shown = shown or name

    async def enter(self) -> tuple[int, Overrides]:
        """Count a request. Return its number in the session, from 1, and what the session overrides."""
        number, kept = await self._store.enter(self.name, _REQUESTS, _OVERRIDES)
        return number, Overrides(**kept) if kept else NO_OVERRIDES

    async def overrides(self) -> Overrides:
        """Return what the session overrides now."""
        kept = await self._store.get(self.name, _OVERRIDES)
        return Overrides(**kept) if kept else NO_OVERRIDES

    async def override(self, name: str, value: Any, model: str | None = None, most: int = MANY) -> None:
        """Set or clear an override.

        Args:
            name: An attribute of `Overrides`.
            value: The value; None clears it.
            model: The model it holds for, for overrides that are kept by model; a gate's name, for gates.
            most: The most models or gates that have one.

        Raises:
            FullError: There are as many, and this is another one.
        """
        while True:
            kept: Document | None = await self._store.get(self.name, _OVERRIDES)
            changed = changed_overrides(kept or {}, name, value, model, most)
            if await self._store.swap(self.name, _OVERRIDES, kept, changed or None):
                return

    async def advance_clock(self, milliseconds: int) -> int:
        """Move the session's clock forward; return the milliseconds it is ahead of the server's now."""
        while True:
            kept: Document = await self._store.get(self.name, _OVERRIDES) or {}
            ahead = int(kept.get("clock_ahead", 0)) + milliseconds
            if await self._store.swap(self.name, _OVERRIDES, kept or None, {**kept, "clock_ahead": ahead}):
                return ahead

    # The queue of replies

    async def queue(self, reply: Any) -> None:
        """Append a reply to the queue."""
        await self._store.push(self.name, _QUEUE, reply, LONGEST_QUEUE)
        await self.override("has_queue", value=True)

    async def next_reply(self, choose: Callable[[list[Any]], Awaitable[Any]] | None = None) -> tuple[Any, int] | None:
        """Take the next queued reply, or one that is chosen of all; return it with its number from 1, or None."""
        while True:
            waiting = await self.queued()
            reply = await choose(waiting) if choose else next(iter(waiting), None)
            if reply is None:
                return None
            if await self._store.remove(self.name, _QUEUE, reply):
                return reply, await self._store.increment(self.name, _QUEUE_USED)

    async def queued(self) -> list[Any]:
        """Return the replies that wait, the next one first."""
        return await self._store.items(self.name, _QUEUE)

    async def clear_queue(self) -> None:
        """Drop the replies that wait."""
        await self._store.drop(self.name, _QUEUE)

    # Scripted conversations and rules that were added while the server runs

    async def document(self, name: Literal["turns", "rules"]) -> Document | None:
        """Return what a layer keeps of the session; None: nothing."""
        found: Document | None = await self._store.get(self.name, _DOCUMENT + name)
        return found

    async def swap_document(
        self, name: Literal["turns", "rules"], expected: Document | None, value: Document | None
    ) -> bool:
        """Set what a layer keeps if it still is `expected`; return whether it was. None removes it."""
        return await self._store.swap(self.name, _DOCUMENT + name, expected, value)

    # Rules and scenarios

    async def hit(self, rule: str) -> int:
        """Count an answer of a rule; return the answers before it."""
        return await self._store.increment(self.name, _HITS + rule) - 1

    async def hits(self, rule: str) -> int | None:
        """Return how many answers a rule has given; None: none yet."""
        found: int | None = await self._store.get(self.name, _HITS + rule)
        return found

    async def swap_hits(self, rule: str, expected: int | None, hits: int) -> bool:
        """Set a rule's answers if they still are `expected`; return whether they were."""
        return await self._store.swap(self.name, _HITS + rule, expected, hits)

    async def rules_hit(self) -> list[str]:
        """Return the rules that have answered."""
        return [name.removeprefix(_HITS) for name in await self._store.names(self.name, _HITS)]

    async def take_back_hit(self, rule: str) -> None:
        """Undo the count of an answer that was not given."""
        await self._store.increment(self.name, _HITS + rule, -1)

    async def take_position(self, recording: str) -> int:
        """Take the first free position among a recording's answers, from 0; no two requests hold the same one."""
        while True:
            kept: list[int] | None = await self._store.get(self.name, _RECORDED + recording)
            following, *free = kept or [0]
            taken = [following + 1] if not free else [following, *free[1:]]
            if await self._store.swap(self.name, _RECORDED + recording, kept, taken):
                return free[0] if free else following

    async def give_back_position(self, recording: str, position: int) -> None:
        """Free a position whose request was not answered for good."""
        while True:
            kept: list[int] | None = await self._store.get(self.name, _RECORDED + recording)
            following, *free = kept or [0]
            if position >= following or position in free:  # the session was reset in between
                return
            if await self._store.swap(self.name, _RECORDED + recording, kept, [following, *sorted([*free, position])]):
                return

    async def scenario_state(self, scenario: str) -> str | None:
        """Return a scenario's state; None: it has not been set."""
        found: str | None = await self._store.get(self.name, _SCENARIO + scenario)
        return found

    async def set_scenario_state(self, scenario: str, state: str) -> None:
        """Set a scenario's state."""
        await self._store.put(self.name, _SCENARIO + scenario, state)

    async def swap_scenario_state(self, scenario: str, expected: str | None, state: str) -> bool:
        """Set a scenario's state if it still is `expected`; return whether it was."""
        return await self._store.swap(self.name, _SCENARIO + scenario, expected, state)

    # Rate limits and faults

    async def bucket(self, model: str) -> Any:
        """Return the state of a model's rate limits; None: nothing yet."""
        return await self._store.get(self.name, _BUCKETS + model)

    # Every request counts; without `async` this adds no coroutine to the store's.
    def change_bucket(self, model: str, change: Callable[[Any], Any]) -> Coroutine[Any, Any, Any]:
        """Set the state of a model's rate limits to what a function makes of it, and return it; see `Store.update`."""
        return self._store.update(self.name, _BUCKETS + model, change)

    async def clear_buckets(self) -> None:
        """Refill all rate limits. Not atomic: requests under way may count in between."""
        await self._forget_values(_BUCKETS)

    async def count_fault(self, owner: str, position: int) -> int:
        """Count an occurrence of a fault, or a stop at a gate, if it has a limited number of them; return the number.

        Args:
            owner: What the fault belongs to: a rule, the session, or a header; or the gate.
            position: Its position among its owner's faults.
        """
        return await self._store.increment(self.name, f"{_FAULTS}{owner}:{position}")

    async def clear_fault_counts(self, owner: str) -> None:
        """Start to count an owner's faults anew. Not atomic: requests under way may count in between."""
        await self._forget_values(f"{_FAULTS}{owner}:")

    # What the API itself remembers

    # A response has several; without `async` these add no coroutine to the store's.
    def stored(self, kind: Stored, stored_id: str) -> Coroutine[Any, Any, Document | None]:
        """Return what is kept of a stored object; None: there is none of this id."""
        return self._store.recall(self.name, f"{kind}:{stored_id}")

    def store(
        self, kind: Stored, stored_id: str, kept: Document | None, size: int = 0, parts: Mapping[str, Any] = NO_PARTS
    ) -> Coroutine[Any, Any, None]:
        """Keep an object and its parts, objects by names such as `item:msg_1`; the oldest make way. None deletes it."""
        size = size or (len(encode(kept, repr)) if kept else 0)
        return self._store.retain(self.name, f"{kind}:{stored_id}", kept, size, parts)

    async def all_stored(self, kind: Stored) -> list[Document]:
        """Return what is kept of all objects of a kind, in the order they were stored."""
        names = await self._store.names(self.name, f"{kind}:")
        return [kept async for name in in_turns(names) if (kept := await self._store.get(self.name, name))]

    def outdated(self, kind: Stored, newest: str, most: int) -> Coroutine[Any, Any, str | None]:
        """Note the id of the newest object of a kind; return the one that is now one too many, if any."""
        return self._store.rotate(self.name, _NEWEST + kind, newest, most)

    async def keep_audio(self, audio_id: str, expires: float, tokens: int) -> None:
        """Keep a spoken answer's expiry, in seconds since 1970, and the text tokens of its transcript."""
        await self._store.put(self.name, _AUDIO + audio_id, [expires, tokens])

    async def audio(self, audio_id: str, now: float) -> int | None:
        """Return the text tokens of a spoken answer's transcript; None: it is unknown, or has expired."""
        kept: tuple[float, int] | None = await self._store.get(self.name, _AUDIO + audio_id)
        return kept[1] if kept is not None and now < kept[0] else None

    async def prompts(self, cache: str) -> list[Any]:
        """Return the marks of the newest prompts in a prompt cache, oldest first."""
        return await self._store.items(self.name, _PROMPTS + cache)

    async def remember_prompt(self, cache: str, marks: Any, keep: int) -> None:
        """Append a prompt's marks to a prompt cache, which keeps the newest `keep` prompts."""
        await self._store.push(self.name, _PROMPTS + cache, marks, keep)

    async def requests(self) -> int:
        """Return the number of requests that came."""
        return int(await self._store.get(self.name, _REQUESTS) or 0)

    async def values(self, kind: Kind) -> dict[str, Any]:
        """Return all values of a kind by their names. Not atomic: requests under way may change them in between."""
        prefix = _KINDS[kind]
        names = await self._store.names(self.name, prefix)
        return {name.removeprefix(prefix): await self._store.get(self.name, name) for name in names}

    # The journal

    def write_journal(self, entry: Any, size: int, most: int) -> Coroutine[Any, Any, None]:
        """Append an entry of some bytes to the journal, which keeps the newest `most` entries."""
        return self._store.keep(self.name, _JOURNAL, entry, size, most)

    async def journal(self) -> list[Any]:
        """Return the journal's entries, oldest first."""
        return await self._store.items(self.name, _JOURNAL)

    async def clear_journal(self) -> None:
        """Drop the journal's entries. Not atomic: requests under way may be written in between."""
        await self._store.increment(self.name, _CLEARED, len(await self.journal()))
        await self._store.drop(self.name, _JOURNAL)

    async def journalled(self) -> int:
        """Return the number of requests that the journal would have if it kept all; those cleared do not count."""
        requests = await self._store.get(self.name, _REQUESTS) or 0
        return int(requests) - int(await self._store.get(self.name, _CLEARED) or 0)

    async def reset(self) -> None:
        """Forget everything of the session."""
        await self._store.clear(self.name)

    async def _forget_values(self, prefix: str) -> None:
        for name in await self._store.names(self.name, prefix):
            await self._store.put(self.name, name, None)
