"""HTTP headers: as a request brings them, and as a response carries them."""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

Pairs = list[tuple[bytes, bytes]]
"""Headers in order, names in lower case."""


class RequestHeaders(Mapping[str, str]):
    """A request's headers by their names in lower case, decoded when they are asked for.

    Repeated headers are one list, separated by commas (RFC 9110, 5.3); cookies by semicolons.

    Args:
        pairs: The headers as they came, names in lower case.

    Attributes:
        raw: Returns a header's bytes by its name's bytes, or None.
        lines: The headers as text, `name: value` on each line.
        is_controlling: Whether a header of the request begins with `X-Double-`.
    """

    __slots__ = ("_held", "is_controlling", "lines", "raw")

    def __init__(self, pairs: Pairs) -> None:
        held = dict(pairs)
        self._held = held if len(held) == len(pairs) else _joined(pairs)
        self.raw = self._held.get
        self.lines: Final = b"\n".join(map(b": ".join, self._held.items()))
        # No value has a line break.
        self.is_controlling: Final = b"\nx-double-" in self.lines or self.lines.startswith(b"x-double-")

    def __getitem__(self, name: str) -> str:
        return self._held[name.encode("latin-1", "replace")].decode("latin-1")

    def get(self, name: str, default: Any = None, /) -> Any:
        """Return a header's value, or a default."""
        held = self.raw(name.encode("latin-1", "replace"))
        return default if held is None else held.decode("latin-1")

    def __iter__(self) -> Iterator[str]:
        return (name.decode("latin-1") for name in self._held)

    def __len__(self) -> int:
        return len(self._held)


def _joined(pairs: Pairs) -> dict[bytes, bytes]:
    headers: dict[bytes, bytes] = {}
    for name, value in pairs:
        between = b"; " if name == b"cookie" else b", "
        headers[name] = headers[name] + between + value if name in headers else value
    return headers


def merged(headers: Pairs, more: Mapping[str, str]) -> Pairs:
    """Return headers with others added, which replace those of the same name; control characters are dropped."""
    if not more:
        return headers
    added = {_name(name): safe_value(value) for name, value in more.items()}
    return [held for held in headers if held[0] not in added] + [*added.items()]


def as_texts(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by name, as errors carry them."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}


@lru_cache(maxsize=256)
def _name(text: str) -> bytes:
    return safe_value(text.lower())


def safe_value(text: str) -> bytes:
    """Return a header's name or value as bytes, without line breaks and other control characters."""
    if not text.isprintable():
        text = "".join(character for character in text if character.isprintable())
    return text.encode("latin-1", "replace")


def seconds_of(retry_after: str | None) -> float | None:
    """Return the seconds that a `retry-after` names; None: it names none."""
    try:
        return None if retry_after is None else float(retry_after)
    except ValueError:
        return None


def given_key(headers: Mapping[str, str]) -> str | None:
    """Return the key of a request: a Bearer token, a Basic password, or Azure's `api-key`; None: it has none."""
    scheme, _, value = headers.get("authorization", "").strip().partition(" ")
    read = _SCHEMES.get(scheme.lower())
    return (read(value.strip()) if read else None) or headers.get("api-key") or None


def _password(value: str) -> str:
    try:
        return b64decode(value, validate=True).decode().partition(":")[2]
    except (NotBase64, UnicodeDecodeError):
        return ""


_SCHEMES: Final[Mapping[str, Callable[[str], str]]] = {"bearer": str, "basic": _password}
