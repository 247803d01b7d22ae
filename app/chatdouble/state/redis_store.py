"""A store in Redis, which several processes share."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote
from weakref import WeakKeyDictionary

from redis import exceptions

from chatdouble.state.bounds import Bounds
from chatdouble.state.redis_batches import Batches, Command
from chatdouble.state.redis_connection import FAILURES, OLDEST, Connection, reason_of, unavailable
from chatdouble.state.redis_scripts import (
    APPEND,
    DROP,
    ENTER,
    INCREMENT,
    ITEMS,
    PUT,
    REMOVE,
    RETAIN,
    ROTATE,
    SWAP,
    Script,
)
from chatdouble.state.redis_values import from_redis, to_redis
from chatdouble.state.remembered import Remembered
from chatdouble.state.round_trips import RoundTrips
from chatdouble.state.store import NO_PARTS
from chatdouble.state.updates import Updates

LAYOUT: Final = 1
"""The version of the layout, which is part of every key: versions of the server that differ in it share nothing."""

_log: Final = logging.getLogger("chatdouble")

_NO_LIMIT: Final = 1 << 53
_AT_ONCE: Final = 500
"""Sessions that are dropped or looked at in one go."""
_LASTING: Final = "\0"
"""The prefix of session names that no client can send; such sessions never expire."""
_FOREVER: Final = "+inf"
_BOUNDS: Final = Bounds()


class RedisStore:
    """A store in Redis.

    Every step is one script, and travels with a note of when its session was used, so that the sessions can be listed
    and bounded. If Redis cannot do a step, the step raises the API's 503.

    Args:
        url: The URL of `--state`; see `Connection`.
        ttl: Seconds after which a session that nobody uses is forgotten; 0: never.
        bounds: Its bounds; those of all kept lists together are Redis's own.
        clean: Removes the secrets of an object that the API keeps for a client.

    Attributes:
        connection: The connection.
        dropped: How many `sessions` and `entries` of kept lists the bounds have dropped, by this process.
        round_trips: The round trips of this process.

    Raises:
        ValueError: The URL names no Redis.
    """

    private = False

    def __init__(
        self, url: str, ttl: float = 86_400, bounds: Bounds = _BOUNDS, clean: Callable[[Any], Any] = lambda kept: kept
    ) -> None:
        self.connection = Connection(url)
        self._milliseconds = round(ttl * 1000)
        self._bounds = bounds
        self._clean = clean
        self._begin = f"{self.connection.prefix}:{LAYOUT}:"
        self._index = f"{self._begin}sessions"
        self._away: str | None = None
        self._remembered = Remembered()
        self._updates = Updates(self)
        self._batches: WeakKeyDictionary[asyncio.AbstractEventLoop, Batches] = WeakKeyDictionary()
        self.dropped: dict[str, int] = {"sessions": 0, "entries": 0}
        self.round_trips = RoundTrips()

    # The steps of a store

    async def enter(self, session: str, counter: str, value: str) -> tuple[int, Any]:
        """Add one to a counter and read a value in one round trip; return the count and the value, or None."""
        count, found = await self._step(ENTER, session, counter, value)
        return int(count), from_redis(found)

    async def get(self, session: str, name: str) -> Any:
        """Return the value under a name, or None."""
        (found,) = await self._send([("HGET", self._keys(session)[0], name)])
        return from_redis(found)

    async def peek(self, session: str, name: str) -> Any:
        """Return the value as this process last swapped it, without asking Redis if it did; it may have changed."""
        kept = self._remembered.get((session, name))
        return await self.get(session, name) if kept is None else from_redis(kept)

    async def retain(
        self,
        session: str,
        name: str,
        value: Any,
        size: int,  # noqa: ARG002 - of a store's protocol
        parts: Mapping[str, Any] = NO_PARTS,
    ) -> None:
        """Set the value under a name, and its parts; None removes it. Its bounds are Redis's, and the time to live."""
        given = NO_PARTS if value is None else parts
        kept = [one for part in given.items() for one in (part[0], self._kept(part[1]))]
        await self._step(RETAIN, session, name, self._kept(value), *kept)

    async def recall(self, session: str, name: str) -> Any:
        """Return a retained value; None: there is none."""
        return await self.get(session, name)

    async def put(self, session: str, name: str, value: Any) -> None:
        """Set the value under a name; None removes it."""
        await self._step(PUT, session, name, self._kept(value))

    async def swap(self, session: str, name: str, expected: Any, value: Any) -> bool:
        """Set the value if it still is `expected`; return whether it was."""
        new = to_redis(value)
        done, now = await self._step(SWAP, session, name, to_redis(expected), new)
        self._remembered.put((session, name), new if done else now)
        return bool(done)

    async def update(self, session: str, name: str, change: Callable[[Any], Any]) -> Any:
        """Set the value to what a function makes of it, and return that; if the function raises, nothing is set."""
        return await self._updates.make(session, name, change)

    async def increment(self, session: str, name: str, by: int = 1) -> int:
        """Add to a counter, which starts at 0, and return the new count."""
        return int(await self._step(INCREMENT, session, name, by))

    async def rotate(self, session: str, name: str, value: Any, most: int) -> Any:
        """Put a value in the place of the one that came `most` values before it; return that one, or None."""
        return from_redis(await self._step(ROTATE, session, name, to_redis(value), most))

    async def push(self, session: str, name: str, value: Any, keep: int) -> None:
        """Append to a list, which keeps its newest `keep` values."""
        await self._step(APPEND, session, name, to_redis(value), 0, keep, _NO_LIMIT)

    async def keep(self, session: str, name: str, value: Any, size: int, most: int) -> None:
        """Append to a list that keeps its newest `most` values, within the store's bounds."""
        dropped = await self._step(APPEND, session, name, to_redis(value), size, most, self._bounds.list_bytes)
        self.dropped["entries"] += int(dropped)

    async def drop(self, session: str, name: str) -> None:
        """Drop a list."""
        await self._step(DROP, session, name)

    async def remove(self, session: str, name: str, value: Any) -> bool:
        """Take the oldest value that equals this one off a list; return whether there was one."""
        return bool(await self._step(REMOVE, session, name, to_redis(value)))

    async def items(self, session: str, name: str) -> list[Any]:
        """Return a list, oldest first."""
        (found,) = await self._send([self._evaluation(ITEMS, session, name)], ITEMS)
        return [from_redis(one) for one in found]

    async def names(self, session: str, prefix: str) -> list[str]:
        """Return the names of the values that begin with a prefix, in the order they were first put."""
        (found,) = await self._send([("ZRANGE", self._keys(session)[1], 0, -1)])
        return [name for one in found if (name := one.decode()).startswith(prefix)]

    async def sessions(self) -> list[str]:
        """Return the sessions that have anything, sorted."""
        if self._milliseconds:
            await self._send([("ZREMRANGEBYSCORE", self._index, "-inf", f"({_now() - self._milliseconds}")])
        (listed,) = await self._send([("ZRANGE", self._index, 0, -1)])
        names = [one.decode() for one in listed]
        found: list[str] = []
        for at in range(0, len(names), _AT_ONCE):
            some = names[at : at + _AT_ONCE]
            held = await self._send([("EXISTS", *self._keys(one)) for one in some])
            found += [one for one, keys in zip(some, held, strict=True) if keys]
        return sorted(found)

    async def clear(self, session: str | None) -> None:
        """Forget a session, or all of them."""
        self._remembered.clear()
        if session is not None:
            await self._send([("UNLINK", *self._keys(session)), ("ZREM", self._index, session)])
            return
        (listed,) = await self._send([("ZRANGE", self._index, 0, -1)])
        await self._forget(listed)
        await self._send([("UNLINK", self._index)])

    async def ready(self) -> str | None:
        """Return why the store cannot be used now; None: it can."""
        try:
            (told,) = await self._send([("INFO", "server")])
        except Exception as failed:  # noqa: BLE001 - whatever it is, it is the reason
            return str(failed)
        version = str(told["redis_version"])
        if tuple(map(int, version.split(".")[:2])) < OLDEST:
            oldest = ".".join(map(str, OLDEST))
            return unavailable(f"it has version {version}, which is older than {oldest}").message
        # Only a step that writes finds out whether it may.
        try:
            await self._send([("SET", self.key("probe"), 1, "PX", 1000)])
        except Exception as failed:  # noqa: BLE001 - as above
            return str(failed)
        return None

    async def aclose(self) -> None:
        """Close the running event loop's connections."""
        self._batches.pop(asyncio.get_running_loop(), None)
        await self.connection.aclose()

    # What the bus needs

    def key(self, name: str) -> str:
        """Return the key or the channel of a name that belongs to no session."""
        return f"{self._begin}{name}"

    async def publish(self, channel: str, message: bytes) -> int:
        """Publish a message; return how many listen."""
        (heard,) = await self._send([("PUBLISH", channel, message)])
        return int(heard)

    # How they are sent

    def _kept(self, value: Any) -> bytes:
        return to_redis(self._clean(value) if isinstance(value, dict) else value)

    def _keys(self, session: str) -> tuple[str, str, str, str]:
        # What stands in braces decides the slot in a cluster; a brace in the name would end it.
        begin = f"{self._begin}{{{quote(session, safe=' /:;,@+=~')}}}:"
        return f"{begin}values", f"{begin}order", f"{begin}lists", f"{begin}items"

    def _evaluation(self, script: Script, session: str, *arguments: Any) -> Command:
        milliseconds = 0 if session.startswith(_LASTING) else self._milliseconds
        return ("EVALSHA", script.sha, 4, *self._keys(session), milliseconds, *arguments)

    async def _step(self, script: Script, session: str, *arguments: Any) -> Any:
        """Run a script that uses a session; return what it returns."""
        at = _FOREVER if session.startswith(_LASTING) else _now()
        used = ("ZADD", self._index, at, session), ("ZCARD", self._index)
        found, new, sessions = await self._send([self._evaluation(script, session, *arguments), *used], script)
        if new and sessions > self._bounds.sessions:
            (oldest,) = await self._send([("ZPOPMIN", self._index, sessions - self._bounds.sessions)])
            await self._forget([name for name, _ in oldest])
            self.dropped["sessions"] += len(oldest)
        return found

    async def _forget(self, sessions: Sequence[bytes]) -> None:
        for at in range(0, len(sessions), _AT_ONCE):
            await self._send([("UNLINK", *self._keys(one.decode())) for one in sessions[at : at + _AT_ONCE]])

    async def _send(self, commands: Sequence[Command], script: Script | None = None) -> Sequence[Any]:
        """Send commands in one round trip, and return what each returns.

        Raises:
            APIError: 503: Redis cannot do it now.
        """
        batches, begun = self._batches_of(), time.monotonic()
        try:
            try:
                found = await batches.send(commands)
            except exceptions.NoScriptError:
                if script is None:
                    raise
                # Redis does not know the script yet, or any more; from its text it learns it.
                (_, _, *arguments), *others = commands
                found = await batches.send([("EVAL", script.text, *arguments), *others])
        except FAILURES as failed:
            self.round_trips.failures += 1
            reason = reason_of(failed)
            if self._away is None:
                _log.error("state: %s: %s", self.connection.shown, reason)
            self._away = reason
            raise unavailable(reason) from failed
        self.round_trips.seconds.observe(time.monotonic() - begun)
        if self._away is not None:
            self._away = None
            _log.warning("state: %s: it is back", self.connection.shown)
        return found

    def _batches_of(self) -> Batches:
        """Return the running event loop's way to Redis."""
        loop = asyncio.get_running_loop()
        if (found := self._batches.get(loop)) is None:
            self._batches[loop] = found = Batches(self.connection.client, self.connection.patience)
        return found


def _now() -> int:
    """Return the time in milliseconds since 1970, which all processes have."""
    return time.time_ns() // 1_000_000
