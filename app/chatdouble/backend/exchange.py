"""One HTTP exchange: what the layers of the server tell each other and the journal about it."""

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final

from chatdouble.core.chance import Chance
from chatdouble.core.errors import APIError
from chatdouble.core.paths import RequestPath

_KEY: Final = "chatdouble.call"


class RequestHeaders(Mapping[str, str]):
    """A request's headers by their names in lower case; text is made only of those that are asked for.

    Those that came several times are one list (RFC 9110, 5.3).

    Args:
        pairs: The headers as they came, names in lower case.

    Attributes:
        raw: Returns a header's bytes by its name's, or None.
    """

    __slots__ = ("_held", "raw")

    def __init__(self, pairs: list[tuple[bytes, bytes]]) -> None:
        held = dict(pairs)
        self._held = held if len(held) == len(pairs) else _joined(pairs)
        self.raw = self._held.get

    def __getitem__(self, name: str) -> str:
        return self._held[name.encode("latin-1", "replace")].decode("latin-1")

    def get(self, name: str, default: Any = None, /) -> Any:
        """Return a header's value, or a default."""
        held = self.raw(name.encode("latin-1", "replace"))
        return default if held is None else held.decode("latin-1")

    @property
    def names(self) -> tuple[bytes, ...]:
        """Return the headers' names, each once."""
        return tuple(self._held)

    def __iter__(self) -> Iterator[str]:
        return (name.decode("latin-1") for name in self._held)

    def __len__(self) -> int:
        return len(self._held)


def _joined(pairs: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    headers: dict[bytes, bytes] = {}
    for name, value in pairs:
        between = b"; " if name == b"cookie" else b", "
        headers[name] = headers[name] + between + value if name in headers else value
    return headers


@dataclass(slots=True)
class Exchange:
    """A request and what came of it.

    Attributes:
        method: The HTTP method.
        path: The path as it was asked for, prefix and all.
        place: The API's own path, and Azure's deployment, if the path names one.
        headers: The request's headers, names in lower case.
        started: When it came, by the steady clock, in seconds.
        session: The session it belongs to, once known.
        id: Its id, once its session is known.
        ordinal: Which request of its session it is, from 1.
        own: What its session has of its own, by name, once its session is known.
        chance: Chance for it alone, once its session is known.
        body: The request's body, parsed, or its JSON as bytes, once read.
        unknown_model: The model asked for, if the catalogue should know it and does not.
        status: The answer's status, once sent.
        answer: The answer as JSON, parsed or as bytes, or an error's envelope.
        error: The message of an error, if it was one.
        ended: How the answer ended.
        notes: What layers and backends want the journal to say.
    """

    method: str
    path: str
    place: RequestPath
    headers: RequestHeaders
    started: float
    session: str = ""
    id: str = ""
    ordinal: int = 0
    own: Mapping[str, Any] = field(default_factory=dict)
    chance: Chance = field(default=Chance(""))
    body: Any = None
    unknown_model: str = ""
    status: int = 0
    answer: Any = None
    error: str = ""
    ended: str = ""
    notes: dict[str, Any] = field(default_factory=dict)


def begin(scope: MutableMapping[str, Any], place: RequestPath, started: float) -> Exchange:
    """Open the exchange of an HTTP scope and keep it there."""
    exchange = Exchange(scope["method"], scope["path"], place, RequestHeaders(scope["headers"]), started)
    scope[_KEY] = exchange
    return exchange


def of(scope: MutableMapping[str, Any]) -> Exchange:
    """Return the exchange of a scope."""
    found: Exchange = scope[_KEY]
    return found


def invalid_url(exchange: Exchange) -> APIError:
    """Return the API's no to a path it does not have (endpoints#unknown-paths)."""
    return APIError(f"Invalid URL ({exchange.method} {exchange.path})", status=404)
