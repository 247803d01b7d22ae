"""The backend interface: what answers calls, and what it may return."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from chatdouble.backend.call import Call

Answer = Mapping[str, Any]
"""A whole answer: the API's object, keys in the wire's order."""

Piece = Mapping[str, Any]
"""One piece of a streamed answer: the API's chunk or event."""


ROOM: Final = 64 * 1024
"""The bytes that a connection takes without waiting for its client."""


class Known(NamedTuple):
    """A body that exists already, and is no larger than `ROOM`.

    Attributes:
        pieces: Its pieces, one or several.
        answer: The answer in them as JSON, for the journal; None: there is none that can be read.
    """

    pieces: Sequence[bytes]
    answer: bytes | None


@dataclass(slots=True, eq=False, repr=False)
class Relay:
    """An upstream's answer, passed on untouched.

    Attributes:
        status: The HTTP status.
        headers: End-to-end headers in order, names in lower case, as bytes.
        body: The bytes as they arrive; closed (`aclose`) when the client leaves.
        paced: Whether its pieces leave at the delivery's pace, and not as they arrive.
        known: The body, if it exists already; None: it is still to come, or is large.
    """

    status: int
    headers: list[tuple[bytes, bytes]]
    body: AsyncIterator[bytes]
    paced: bool = False
    known: Known | None = None


Reply = Answer | AsyncIterator[Piece] | Relay


Relays = Callable[[Call[Any]], bool]
"""Tells whether a request is relayed, so that the API it is relayed to validates it."""


RelayOther = Callable[[Call[Any]], Awaitable[Relay | None]]
"""Answers a request to an endpoint that the server does not have itself; None: the server answers, as best it can."""


class Backend(Protocol):
    """Answers calls. Its factory takes no argument, or the `Options`.

    It may have more: `aclose()`, awaited when the server stops; `relays(call)`, a `Relays`, called before a request is
    validated; `relay_other(call)`, a `RelayOther`, awaited for requests that are not chat completions; `uses`, the
    names of the options it uses; `has_recordings()`, which tells whether it may give an upstream's answers, so that a
    request may refer to what only the upstream stored; `summary()`, a few words for the first line that the server
    prints; and `reload()`,
    called every second in a thread to read files that have changed. If it has rules, `rules()` returns them, so that
    the verdict can name those that never answered, and `near_misses(view, rule, changes)` returns why the nearest of
    them, save the one that answered, did not answer a request of the journal, with the changes that a test has made.
    """

    def reply(self, call: Call[Any], /) -> Awaitable[Reply]:
        """Answer a call: whole, in pieces, or with an upstream's bytes.

        A backend need not know whether the client asked for a stream: whole answers are sliced, and pieces
        are folded, as the client wants.

        Raises:
            APIError: An error of the API; also before the first piece of a stream.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Options:
    """The settings that a backend's factory may use.

    Attributes:
        scripts: Script files and folders.
        unmatched: What answers a request that no rule matches: error, echo or upstream.
        upstream: Base URL to relay to, if any.
        upstream_key: Key to send there instead of the client's, if any.
        upstream_timeout: Seconds without a byte after which the upstream is given up.
        mode: How recordings are used: replay, record, rerecord or passthrough.
        allow_mode_header: Whether a request's header may change the mode replay.
        recordings: Folder of recordings, if any.
        replay_speed: How many times faster than recorded recordings are replayed; 0: at once.
        other: Returns another backend by its name, for fallbacks.
    """

    scripts: tuple[Path, ...] = ()
    unmatched: str = "error"
    upstream: str | None = None
    upstream_key: str | None = None
    upstream_timeout: float = 600.0
    mode: str = "replay"
    allow_mode_header: bool = False
    recordings: Path | None = None
    replay_speed: float = 0.0
    other: Callable[[str], "Backend"]
