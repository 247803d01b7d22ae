"""Commands on their way to Redis: those that come at the same time travel together, over few connections."""

# Redis-py's types are partial.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from redis.asyncio.cluster import RedisCluster

from chatdouble.state.redis_connection import FAILURES, Client

CONNECTIONS: Final = 4
"""The most batches that are under way at a time, each on a connection of its own."""

_LARGEST: Final = 500
"""The most commands of a batch, so that the first of them need not wait long for the last."""

Command = tuple[Any, ...]
"""A command of Redis with its arguments."""

Waiting = tuple[Sequence[Command], "asyncio.Future[Sequence[Any]]"]
"""Commands, and who waits for what they return."""


class Batches:
    """Sends commands in batches.

    Args:
        client: The client.
        patience: Seconds that Redis has for a batch.
    """

    def __init__(self, client: Client, patience: float) -> None:
        self._client = client
        self._patience = patience
        self._waiting: list[Waiting] = []
        self._sending: set[asyncio.Task[None]] = set()

    async def send(self, commands: Sequence[Command]) -> Sequence[Any]:
        """Send commands in one round trip; return what each returns, in the order of the commands.

        Raises:
            RedisError: Redis refuses one of them, or cannot be used.
            OSError: Redis cannot be reached.
            TimeoutError: It has no answer in time.
        """
        done: asyncio.Future[Sequence[Any]] = asyncio.get_running_loop().create_future()
        self._waiting.append((commands, done))
        if len(self._sending) < CONNECTIONS:
            task = asyncio.create_task(self._send_all())
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        return await done

    async def _send_all(self) -> None:
        """Send what waits until nothing does."""
        while self._waiting:
            batch, self._waiting = self._waiting[:_LARGEST], self._waiting[_LARGEST:]
            try:
                async with asyncio.timeout(self._patience):
                    found = await self._sent([command for commands, _ in batch for command in commands])
            except FAILURES as failed:
                # What waited behind this batch has waited long enough.
                for _, done in (*batch, *self._waiting):
                    _fail(done, failed)
                self._waiting.clear()
                return
            at = 0
            for commands, done in batch:
                _settle(done, found[at : at + len(commands)])
                at += len(commands)

    async def _sent(self, commands: Sequence[Command]) -> Sequence[Any]:
        """Return what each command returned or raised."""
        client = self._client
        if isinstance(client, RedisCluster):  # whose pipelines take no scripts
            each = (client.execute_command(*command) for command in commands)
            return await asyncio.gather(*each, return_exceptions=True)
        pipeline = client.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        found: list[Any] = await pipeline.execute(raise_on_error=False)
        return found


def _settle(done: "asyncio.Future[Sequence[Any]]", found: Sequence[Any]) -> None:
    """Give found values to who waits for them; the first failure among them, if there is one."""
    failed = next((one for one in found if isinstance(one, Exception)), None)
    if failed is not None:
        _fail(done, failed)
    elif not done.done():
        done.set_result(found)


def _fail(done: "asyncio.Future[Sequence[Any]]", failed: Exception) -> None:
    if not done.done():
        done.set_exception(failed)
