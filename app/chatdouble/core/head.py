"""Heads of requests and responses: the path that is asked for, headers, and durations as headers have them."""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import unquote

from chatdouble.core.clock import ALMOST
from chatdouble.core.legible import has_controls

_API: Final = r"(?P<api>/(?:chat/completions|embeddings|moderations|models|responses|conversations)(?:/.*[^/])?)"
_FORMS: Final = (
    # On Azure the deployment's name is the model's, unless the body names one.
    r"(?P<dated>(?:/.+)?/openai/deployments)/(?P<deployment>[^/]+)" + _API,
    # What names its model in the body, or none, has no deployment there.
    r"(?P<dated>(?:/.+)?/openai)(?P<api>/(?:models|responses|conversations)(?:/.*[^/])?)",
    r"(?P<azure>(?:/.+)?/openai/v1)" + _API,
    r"(?:/.+?)??(?:/v1)" + _API,
    _API,
)

_ANY_FORMS: Final = (
    r"(?:/.+)?/openai/deployments/(?P<deployment>[^/]+)(?P<api>/.*)",
    r"(?:/.+?)??/v1(?P<api>/.*)",
    r"(?:/.+?)??/openai(?P<api>/.*)",
    r"(?P<api>.*)",
)


INSPECTOR: Final = "/_double/"
"""The path of the inspector's page."""

INSPECTOR_FILES: Final = "/_double/assets/"
"""The prefix of the inspector's files."""

LANDING: Final = "/"
"""The path of a page for people; other clients that ask for it get the API's answer."""

_PAGES: Final = frozenset({"/docs", "/redoc"})
_GUARDED: Final = frozenset({*_PAGES, INSPECTOR.rstrip("/")})
"""The pages that other servers' pages may not open, with or without a slash at the end."""
OPEN: Final = frozenset({"/health", "/ready", "/metrics", "/openapi.json", *_PAGES, INSPECTOR, INSPECTOR.rstrip("/")})
"""Paths that need no key and are not in the journal: probes, documentation and pages."""

_OPEN_PREFIXES: Final = ("/static-offline-docs/", INSPECTOR_FILES)

CONTROL: Final = "/_double/"
"""The prefix of the control API, whose requests are not in the journal."""


class RequestPath(NamedTuple):
    """A path without its prefix.

    Attributes:
        path: The API's own path, such as /chat/completions. A path that is not the API's is unchanged.
        deployment: Azure's deployment, if the path names one.
        is_open: Whether the path needs no key and is not in the journal.
        is_control: Whether the path belongs to the control API.
        is_guarded: Whether only this server's own web pages may ask for the path: the control API, the documentation.
        azure: Whether the path is Azure's, and if so, whether requests there name the version of the API.
    """

    path: str
    deployment: str | None = None
    is_open: bool = False
    is_control: bool = False
    is_guarded: bool = False
    azure: Literal["dated", "v1"] | None = None


# A path may have the length of a whole head, so few are remembered.
@lru_cache(maxsize=128)
def request_path(path: str) -> RequestPath:
    """Find the API's path in `/v1/...`, `/...`, any prefix that ends in `/v1`, and Azure's form."""
    for form in _FORMS:
        if found := re.fullmatch(form, path):
            named = found.groupdict()
            azure: Literal["dated", "v1"] | None = "dated" if "dated" in named else "v1" if "azure" in named else None
            deployment = named.get("deployment")
            return RequestPath(found["api"], unquote(deployment) if deployment else None, azure=azure)
    is_control = path.startswith(CONTROL)
    is_open = path in OPEN or path.startswith(_OPEN_PREFIXES)
    return RequestPath(path, None, is_open, is_control, is_control or path.rstrip("/") in _GUARDED)


def behind_prefix(path: str) -> tuple[str, str | None]:
    """Return any path without the prefix of a base URL, and Azure's deployment, if the path has one."""
    for form in _ANY_FORMS:
        if found := re.fullmatch(form, path):
            return found["api"], found.groupdict().get("deployment")
    return path, None


Pairs = list[tuple[bytes, bytes]]
"""Headers in order, names in lower case."""


_CONTROL: Final = b"x-double-"
"""The beginning of the names of headers that control the server."""


class RequestHeaders(Mapping[str, str]):
    """A request's headers by their names in lower case, decoded when they are asked for.

    Repeated headers are one list, separated by commas (RFC 9110, 5.3); cookies by semicolons.

    Args:
        pairs: The headers as they came, names in lower case.

    Attributes:
        raw: Returns a header's bytes by its name's bytes, or None.
        lines: The headers as text, all names and then all values, each on a line.
        is_controlling: Whether a header of the request begins with `X-Double-`.
    """

    __slots__ = ("_held", "is_controlling", "lines", "raw")

    def __init__(self, pairs: Pairs) -> None:
        held = dict(pairs)
        self._held = held if len(held) == len(pairs) else _joined(pairs)
        self.raw = self._held.get
        # No value has a line break. In turns, names and values would take twice as long.
        self.lines: Final = b"\n".join([*self._held, *self._held.values()])
        # Not `in`, which takes ten times as long: it first tries whether the text is a number.
        self.is_controlling: Final = self.lines.find(_CONTROL) >= 0 and any(map(_controls, self._held))

    def __getitem__(self, name: str) -> str:
        return self._held[name.encode("latin-1", "replace")].decode("latin-1")

    def get(self, name: str, default: Any = None, /) -> Any:
        """Return a header's value, or a default."""
        held = self.raw(name.encode("latin-1", "replace"))
        return default if held is None else held.decode("latin-1")

    def items(self) -> ItemsView[str, str]:
        """Return the headers' names and values."""
        return {name.decode("latin-1"): value.decode("latin-1") for name, value in self._held.items()}.items()

    def __iter__(self) -> Iterator[str]:
        return (name.decode("latin-1") for name in self._held)

    def __len__(self) -> int:
        return len(self._held)


def _controls(name: bytes) -> bool:
    return name.startswith(_CONTROL)


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


def is_event_stream(content_type: str) -> bool:
    """Tell whether a content type is that of an event stream."""
    return content_type.partition(";")[0].strip().lower() == "text/event-stream"


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
        found = b64decode(value, validate=True).decode().partition(":")[2]
    except (NotBase64, UnicodeDecodeError):
        return ""
    # RFC 7617, 2. The name for what holds for all sessions begins with one, which no other header can send.
    return "" if has_controls(found) else found


_SCHEMES: Final[Mapping[str, Callable[[str], str]]] = {"bearer": str, "basic": _password}


_SECOND: Final = 1000
_MINUTE: Final = 60_000


def duration(seconds: float) -> bytes:
    """Return a duration as the API writes it, see `duration_of`; parts of a millisecond are dropped."""
    return duration_of(int(seconds * _SECOND + ALMOST))


def duration_of(milliseconds: int) -> bytes:
    """Return a duration as Go writes it: `0s`, `8.64s`, `21m36.001s` (limits#headers)."""
    if milliseconds < _SECOND:
        return b"%dms" % milliseconds if milliseconds else b"0s"
    if milliseconds < _MINUTE:
        return b"%gs" % (milliseconds / _SECOND)
    minutes, rest = divmod(milliseconds, _MINUTE)
    hours, minutes = divmod(minutes, 60)
    text = b"%dm%gs" % (minutes, rest / _SECOND)
    return b"%dh%b" % (hours, text) if hours else text
