"""The response headers of every answer and every error."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from chatdouble.chance import Chance
from chatdouble.clock import Clock
from chatdouble.delivery import Pairs
from chatdouble.errors import APIError
from chatdouble.exchange import Exchange
from chatdouble.wire.bodies import from_edge

_ALWAYS: Final = (
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains; preload"),
    (b"x-content-type-options", b"nosniff"),
    (b"access-control-expose-headers", b"X-Request-ID"),
)
_ANY_ORIGIN: Final = (b"access-control-allow-origin", b"*")
WARNING: Final = b"x-double-warning"
"""The header of what lenient validation let pass."""
_LONGEST_WARNING: Final = 2000
"""Clients bear no more than some thousand bytes of headers; the journal has every warning whole."""


class Headers:
    """Makes the headers of one server's responses, content type and length aside (reference 5.1, wire 6).

    `openai-organization` and `openai-project` repeat the request's, or name the server's own.

    Args:
        organization: The organization that answers name; its project is named after it.
    """

    def __init__(self, organization: str) -> None:
        self._organization = _value(organization)
        self._project = f"proj_{Chance(organization).at('project').text(24)}".encode()

    def of(self, exchange: Exchange, clock: Clock) -> Pairs:
        """Return the headers of an answer to an exchange, in the wire's order."""
        given = exchange.headers.raw
        headers: Pairs = [
            *_ALWAYS,
            (b"openai-organization", given(b"openai-organization") or self._organization),
            (b"openai-processing-ms", b"%d" % round((clock.monotonic() - exchange.started) * 1000)),
            (b"openai-project", given(b"openai-project") or self._project),
            (b"openai-version", b"2020-10-01"),
            (b"x-openai-proxy-wasm", b"v0.1"),
            (b"x-request-id", exchange.id.encode()),
        ]
        if given(b"origin"):
            headers.append(_ANY_ORIGIN)
        if warnings := exchange.notes.get("warnings"):
            headers.append((WARNING, _value("; ".join(warnings))[:_LONGEST_WARNING]))
        return headers

    def of_error(self, error: APIError, exchange: Exchange, clock: Clock) -> Pairs:
        """Return the headers of an error: without `openai-*` and with `vary: Origin` from the edge (wire 7)."""
        headers = self.of(exchange, clock)
        if from_edge(error):
            headers = [held for held in headers if not held[0].startswith(b"openai-")]
            headers.append((b"vary", b"Origin"))
        return merged(headers, error.headers)


def merged(headers: Pairs, more: Mapping[str, str]) -> Pairs:
    """Return headers with others, which replace those of the same name; values are made safe to send."""
    if not more:
        return headers
    added = {_name(name): _value(value) for name, value in more.items()}
    return [held for held in headers if held[0] not in added] + [*added.items()]


def as_texts(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by name, as errors carry them."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}


@lru_cache(maxsize=256)
def _name(text: str) -> bytes:
    return _value(text.lower())


def _value(text: str) -> bytes:
    """Return a header's name or value as bytes, without line breaks or other control characters."""
    if not text.isprintable():
        text = "".join(character for character in text if character.isprintable())
    return text.encode("latin-1", "replace")
