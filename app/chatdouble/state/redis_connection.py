"""Connections to Redis: from a URL, for each event loop, with failures in words."""

# Redis-py's types are partial.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlencode, urlsplit, urlunsplit
from weakref import WeakKeyDictionary

from redis import exceptions
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff

from chatdouble.core.errors import APIError

PATIENCE: Final = 0.8
"""Seconds that Redis has for an answer, unless the URL says otherwise."""

OLDEST: Final = (6, 2)
"""The oldest version of Redis that has all commands."""

_CONNECTIONS: Final = 16
"""The most connections of a process to one Redis."""

_PORT: Final = 6379
_SENTINEL_PORT: Final = 26379

Client = Redis | RedisCluster
"""A client of one Redis, or of a cluster."""

Address = tuple[str, int]
"""Host and port."""

_REASONS: Final[Sequence[tuple[type[Exception], str]]] = (
    (exceptions.AuthenticationError, "it does not accept the user name and password of --state"),
    (exceptions.NoPermissionError, "its access rules forbid the user of --state a command or key"),
    (exceptions.ReadOnlyError, "it is a read-only replica: name the primary in --state"),
    (exceptions.OutOfMemoryError, "it is out of memory: raise its maxmemory, or lower --session-ttl"),
    (exceptions.BusyLoadingError, "it is still loading its data"),
    (exceptions.TimeoutError, "it did not answer in time"),
    (TimeoutError, "it did not answer in time"),
    (exceptions.ConnectionError, "it cannot be reached"),
    (OSError, "it cannot be reached"),
)
"""The meaning of each failure, the narrowest first."""

FAILURES: Final = (exceptions.RedisError, OSError, TimeoutError)
"""The errors that the client raises if Redis cannot do a step."""


def reason_of(failure: BaseException) -> str:
    """Return in words why Redis cannot be used."""
    told = str(failure)
    # Before a password is given the commands fail, and with a wrong one the connection does.
    if told.startswith(("NOAUTH", "WRONGPASS")) or "invalid username-password" in told.lower():
        return _REASONS[0][1]
    for kind, meaning in _REASONS:
        if isinstance(failure, kind):
            return meaning
    return f"it refused a command: {told.splitlines()[0] if told else type(failure).__name__}"


def unavailable(reason: str) -> APIError:
    """Return the API's error for a request that needs a state which cannot be reached."""
    message = f"The state of this double's sessions is in Redis, and {reason}."
    error = APIError(message, status=503, type="service_unavailable_error", code="state_unavailable")
    return error.with_headers({"x-should-retry": "true", "retry-after": "1"})


class Connection:
    """The connection to Redis that a URL names.

    Args:
        url: `redis://`, `rediss://` or `unix://` as redis-py reads it; `redis+sentinel://HOST:PORT,HOST:PORT/SERVICE/DB`;
            or `redis+cluster://HOST:PORT,HOST:PORT`. `?prefix=NAME` begins all keys, and is `chatdouble` by default;
            `?timeout=SECONDS` is the time that Redis has for an answer.

    Attributes:
        prefix: What all keys begin with.
        patience: Seconds that Redis has for an answer.
        shown: The URL without user and password.

    Raises:
        ValueError: It is not such a URL.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        query = parse_qs(parts.query)
        self.prefix = query.pop("prefix", ["chatdouble"])[0]
        self.patience = float(query.pop("timeout", [PATIENCE])[0])
        self._url = urlunsplit(parts._replace(query=urlencode(query, doseq=True)))
        self.shown = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=""))
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, Client] = WeakKeyDictionary()
        _checked(self._url)

    @property
    def client(self) -> Client:
        """The client of the running event loop, as a connection belongs to one."""
        loop = asyncio.get_running_loop()
        found = self._clients.get(loop)
        if found is None:
            self._clients[loop] = found = _client(self._url, self.patience)
        return found

    async def aclose(self) -> None:
        """Close the running event loop's connections."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()


def _checked(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "redis+sentinel":
        if not parts.path.strip("/"):
            raise ValueError("a sentinel URL names a service: redis+sentinel://HOST:26379/SERVICE")
    elif parts.scheme != "redis+cluster":
        BlockingConnectionPool.from_url(url)


def _client(url: str, patience: float) -> Client:
    limits = _limits(patience)
    parts = urlsplit(url)
    if parts.scheme == "redis+cluster":
        nodes = [ClusterNode(host, port) for host, port in _addresses(url, _PORT)]
        return RedisCluster(startup_nodes=nodes, max_connections=_CONNECTIONS, **_login(url), **limits)
    if parts.scheme == "redis+sentinel":
        service, _, database = parts.path.strip("/").partition("/")
        sentinel = Sentinel(_addresses(url, _SENTINEL_PORT), sentinel_kwargs=limits)  # type: ignore[no-untyped-call] # redis-py
        made: Redis = sentinel.master_for(service, db=int(database or 0), **_login(url), **limits)
        return made
    pool = BlockingConnectionPool.from_url(url, max_connections=_CONNECTIONS, timeout=patience, **limits)
    return Redis.from_pool(pool)


def _limits(patience: float) -> dict[str, Any]:
    # A step that may have been done is not repeated: a counter would count twice.
    return {
        "socket_timeout": patience,
        "socket_connect_timeout": patience,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
    }


def _login(url: str) -> Mapping[str, Any]:
    parts = urlsplit(url)
    given = {"username": parts.username, "password": parts.password}
    return {name: unquote(value) for name, value in given.items() if value}


def _addresses(url: str, port: int) -> list[Address]:
    named = urlsplit(url).netloc.rpartition("@")[2].split(",")
    pairs = [one.rpartition(":") if ":" in one else (one, ":", str(port)) for one in named]
    return [(host, int(number)) for host, _, number in pairs]
