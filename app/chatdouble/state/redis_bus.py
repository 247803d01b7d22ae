"""The bus on which the processes that share a Redis ask one another about what only a task knows."""

# Redis-py's types are partial.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Final

from redis.asyncio.cluster import RedisCluster

from chatdouble.state.others import Answerers, Document
from chatdouble.state.redis_connection import FAILURES
from chatdouble.state.redis_store import RedisStore
from chatdouble.state.redis_values import from_redis, to_redis

ANSWER_WITHIN: Final = 0.5
"""Seconds that the other processes have for an answer; one that is about to end may never give it."""

_AGAIN: Final = 0.2
"""Seconds until a lost connection is tried again."""

_log: Final = logging.getLogger("chatdouble")


class _Question:
    """A question that is under way."""

    def __init__(self) -> None:
        self.answers: list[Document] = []
        self.changed = asyncio.Event()


class RedisBus:
    """One process's place on the bus: a connection that listens, in the event loop that serves.

    Args:
        store: The store, whose Redis and whose prefix it uses.
        answerers: What answers each kind of question.
        listening: Awaited whenever it begins to listen, as it may have missed something before.

    Attributes:
        me: The name of this process.
    """

    may_be = True

    def __init__(self, store: RedisStore, answerers: Answerers, listening: Callable[[], Awaitable[None]]) -> None:
        self._store = store
        self._answerers = answerers
        self._listening = listening
        self.me = secrets.token_hex(8)
        self._everyone = store.key("bus")
        self._asked: dict[int, _Question] = {}
        self._number = 0
        self._answering: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._hears = asyncio.Event()

    async def start(self) -> None:
        """Begin to listen in the running event loop; return when it does, or when Redis is known to be away."""
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._listen())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._store.connection.patience):
                await self._hears.wait()

    async def stop(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def ask(self, kind: str, body: Document) -> list[Document]:
        """Ask all other processes something; return their answers, as far as they came in time.

        Raises:
            APIError: 503: Redis cannot be used.
        """
        loop = self._loop
        if loop is None:
            return []
        if loop is asyncio.get_running_loop():
            return await self._ask(kind, body)
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._ask(kind, body), loop))

    async def tell(self, kind: str, body: Document) -> None:
        """Tell all other processes something that has no answer.

        Raises:
            APIError: 503: Redis cannot be used.
        """
        await self._store.publish(self._everyone, to_redis({"from": self.me, "kind": kind, "body": body}))

    async def _ask(self, kind: str, body: Document) -> list[Document]:
        self._number += 1
        number, question = self._number, _Question()
        self._asked[number] = question
        try:
            message = {"from": self.me, "number": number, "kind": kind, "body": body}
            heard = await self._store.publish(self._everyone, to_redis(message))
            # A node of a cluster counts only those who listen to it.
            counts = not isinstance(self._store.connection.client, RedisCluster)
            others = heard - self._hears.is_set()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ANSWER_WITHIN):
                    while not counts or len(question.answers) < others:
                        question.changed.clear()
                        await question.changed.wait()
        finally:
            del self._asked[number]
        return question.answers

    async def _listen(self) -> None:
        """Listen, and begin again when the connection is lost."""
        while True:
            pubsub = self._store.connection.client.pubsub()
            try:
                await pubsub.subscribe(self._everyone, f"{self._everyone}:{self.me}")
                async for message in pubsub.listen():
                    if message["type"] == "message":
                        self._hear(from_redis(message["data"]))
                    elif not self._hears.is_set():
                        await self._listening()
                        self._hears.set()
            except Exception as lost:  # noqa: BLE001 - whatever it is, listening begins again
                _log.debug("the bus lost its connection: %s", lost)
            finally:
                self._hears.clear()
                with contextlib.suppress(*FAILURES):
                    await pubsub.aclose()  # type: ignore[no-untyped-call] # redis-py
            await asyncio.sleep(_AGAIN)

    def _hear(self, message: Document) -> None:
        if "answer" in message:
            if (question := self._asked.get(message["number"])) is not None:
                question.answers.append(message["answer"])
                question.changed.set()
        elif message["from"] != self.me:
            task = asyncio.create_task(self._answer(message))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)

    async def _answer(self, message: Document) -> None:
        """Answer a question; a kind that a newer version asks has no answer."""
        answerer = self._answerers.get(message["kind"])
        found = await answerer(message["body"]) if answerer else {}
        if "number" not in message:  # news, and no question
            return
        reply = {"number": message["number"], "answer": found}
        await self._store.publish(f"{self._everyone}:{message['from']}", to_redis(reply))
