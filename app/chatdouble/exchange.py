"""One HTTP exchange: what the layers of the server tell each other and the journal about it."""

from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final

from chatdouble.errors import APIError

_KEY: Final = "chatdouble.exchange"


@dataclass(slots=True)
class Exchange:
    """A request and what came of it.

    Attributes:
        method: The HTTP method.
        path: The path as it was asked for, prefix and all.
        headers: The request's headers, names in lower case.
        started: When it came, by the steady clock, in seconds.
        session: The session it belongs to, once known.
        id: Its id, once its session is known.
        ordinal: Which request of its session it is, from 1.
        deployment: Azure's deployment, if the path names one.
        body: The request's body, parsed, once read.
        unknown_model: The model asked for, if the catalogue should know it and does not.
        status: The answer's status, once sent.
        answer: The answer as JSON, or an error's envelope.
        error: The message of an error, if it was one.
        ended: How the answer ended.
        notes: What layers and backends want the journal to say.
    """

    method: str
    path: str
    headers: dict[str, str]
    started: float
    session: str = ""
    id: str = ""
    ordinal: int = 0
    deployment: str | None = None
    body: Any = None
    unknown_model: str = ""
    status: int = 0
    answer: Any = None
    error: str = ""
    ended: str = ""
    notes: dict[str, Any] = field(default_factory=lambda: {})


def begin(scope: MutableMapping[str, Any], started: float) -> Exchange:
    """Open the exchange of an HTTP scope and keep it there."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    if len(headers) < len(scope["headers"]):
        headers = _joined(scope["headers"])
    exchange = Exchange(scope["method"], scope["path"], headers, started)
    scope[_KEY] = exchange
    return exchange


def _joined(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by name, those that came several times as one list (RFC 9110, 5.3)."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in pairs:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        between = "; " if name == "cookie" else ", "
        headers[name] = f"{headers[name]}{between}{value}" if name in headers else value
    return headers


def of(scope: MutableMapping[str, Any]) -> Exchange:
    """Return the exchange of a scope."""
    found: Exchange = scope[_KEY]
    return found


def invalid_url(exchange: Exchange) -> APIError:
    """Return the API's no to a path it does not have (reference 4)."""
    return APIError(f"Invalid URL ({exchange.method} {exchange.path})", status=404)
