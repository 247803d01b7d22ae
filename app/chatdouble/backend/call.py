"""A call: one request, from its head to its journal entry."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final, Generic, Literal
from urllib.parse import quote

from starlette.types import Message, Receive, Scope, Send
from typing_extensions import ParamSpec, TypeVar

from chatdouble.backend.delivery import Connection, Delivery
from chatdouble.backend.notes import Notes, Writes
from chatdouble.backend.original import CHAT, Original
from chatdouble.catalogue.model import Model
from chatdouble.core.chance import Chance
from chatdouble.core.clock import Clock
from chatdouble.core.errors import APIError
from chatdouble.core.head import RequestHeaders, RequestPath, behind_prefix
from chatdouble.core.histogram import DELAY_SECONDS, Histogram
from chatdouble.state.bounds import Room
from chatdouble.state.gates import Gates
from chatdouble.state.overrides import NO_OVERRIDES, Overrides
from chatdouble.state.session import Session
from chatdouble.state.sessions import Sessions
from chatdouble.tokens.tokenizer import Tokenizers

CALL: Final = "chatdouble.call"
"""The key of a call in its ASGI scope, for routes that are reached through one."""

MALFORMED: Final = "chatdouble.malformed"
"""The key of the error in the scope of a request that is not HTTP, or whose head is too large or incomplete."""

LARGE: Final = 256 * 1024
"""The size in bytes from which work on a request takes longer than a thread costs."""

_LARGE_SCHEMA: Final = 12 * 1024
"""The size in bytes from which a request is large that may have what takes much longer than its bytes."""
_LONG: Final = (b'"properties"', b'"file_data"', b'"image_url"', b'"input_audio"')
"""The keys of what does: schemas, and media, which are unpacked and read."""

R = TypeVar("R", default=Any)
"""The API's request type."""
P = ParamSpec("P")
T = TypeVar("T")

ReplyFunction = Callable[["Call[Any]"], Awaitable[Any]]
"""Makes the reply to a call, as script files have replies."""

Ended = Literal["", "completed", "client left", "cut", "refused"]
"""Outcome of a call; empty until it ends."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Services:
    """Services shared by all calls; one of each per server.

    Attributes:
        clock: The source of time.
        chance: The source of randomness, named by the server's seed.
        tokens: The tokenizers, loaded when first used.
        sessions: What outlives a request.
        gates: Who waits at the sessions' gates.
        workers: The threads for what takes long: few, so that the event loop gets its turn soon.
        functions: The functions of this process that make replies, by name; a test adds them.
        busy: The conversations that requests are using, each with its session's name.
        lateness: How late the pieces of paced answers were written.
        bodies: The room for long bodies.
    """

    clock: Clock
    chance: Chance
    tokens: Tokenizers
    sessions: Sessions
    gates: Gates = field(default_factory=Gates)
    workers: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2))
    functions: dict[str, ReplyFunction] = field(default_factory=dict[str, ReplyFunction])
    busy: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    lateness: Histogram = field(default_factory=lambda: Histogram(DELAY_SECONDS))
    bodies: Room = field(default_factory=Room)


async def _never_leaves() -> Message:
    """Wait forever: the client of a call that did not come over HTTP."""
    await asyncio.get_running_loop().create_future()
    return {"type": "http.disconnect"}


async def _to_nobody(_message: Message) -> None:
    """Drop what is sent to the client of a call that did not come over HTTP."""


@dataclass(slots=True, eq=False, repr=False)
class Call(Generic[R]):
    """One request and what becomes of it. Fields are set as the request travels, and never copied.

    Attributes:
        method: The HTTP method.
        path: The path as it was asked for, prefix included.
        place: The API's own path, and Azure's deployment if the path names one.
        headers: The request's headers, names in lower case.
        services: What every call may use; the clock is the session's once the session is known.
        scope: The ASGI scope.
        receive: Receives from the client.
        send: Sends to the client.
        connection: The connection of the request; None: the server does not offer it.
        arrived: When the head arrived, in seconds of the server's steady clock.
        started: When the head arrived, in seconds of the event loop's clock, which paces count from.
        session: The session.
        ordinal: Its number among the session's requests, from 1.
        admitted: Whether it was let in; else it belongs to no session, and its number is among those turned away.
        overrides: What the session set in place of the server's settings when the request arrived.
        chance: Randomness for this call alone (seed, session, ordinal).
        id: Its id, `req_` and 32 hexadecimal digits.
        raw: The bytes of the body, for relaying and the journal.
        room: The bytes of the room that its body takes.
        body: The body as it was sent, parsed, without what lenient validation dropped; that of another API in the terms
            of chat completions. Not to be modified, as requests with the same tools share it.
        request: The body as the API reads it, likewise.
        original: The request in the terms of its own API; None: that is chat completions.
        model: The catalogue's entry of the model asked for.
        prompt_tokens: The tokens of the input, which rate limits count; None: they estimate them from the messages.
        text_only: Whether its messages are known to be plain texts: no parts, names, calls or results.
        streams: Whether the answer is sent as a stream.
        validation: How strictly the server judges this request.
        judged: Whether the server judges it at all; else its upstream does.
        has_recordings: Tells whether a recording may answer it, and know what the session does not; None: none may.
        delivery: How the answer travels; set by backends and layers.
        notes: What else the journal says.
        status: The answer's status; 0 until it is sent.
        answer: The answer, parsed or as JSON text, an error's too; None: there is none, or it was relayed.
        result: The answer as an object, as far as it came; None: there is none, or it was relayed.
        error: The message of an error.
        error_code: Its code; None: it has none.
        ended: How the answer ended.
        is_journalled: Whether the journal will have it.
        on_body: Called once its body has come; None: nobody waits for it.
        recording: What still writes the answer's recording, for the pipeline to await; None: nothing does.
        sending: What sends an answer slowly, for the pipeline to await, so that few coroutines wait; None: it was sent.
        writes: The writes of an answer that takes time; None: it was written at once.
        first_written: The seconds after the request at which such an answer began; 0: others begin when they end.
    """

    method: str
    path: str
    place: RequestPath
    headers: RequestHeaders
    services: Services
    scope: Scope = field(default_factory=dict[str, Any])
    receive: Receive = _never_leaves
    send: Send = _to_nobody
    connection: Connection | None = None
    arrived: float = 0.0
    # The loop's clock is the steady one; to ask for the running loop costs a system call (Python 3.11).
    started: float = field(default_factory=time.monotonic)
    session: Session = field(init=False)
    ordinal: int = 0
    admitted: bool = True
    overrides: Overrides = NO_OVERRIDES
    chance: Chance = field(init=False)
    id: str = ""
    raw: bytes = b""
    room: int = 0
    body: dict[str, Any] = field(init=False)
    request: R = field(init=False)
    original: Original | None = None
    model: Model = field(init=False)
    prompt_tokens: int | None = None
    text_only: bool = False
    streams: bool = False
    validation: Literal["strict", "lenient", "off"] = "strict"
    judged: bool = True
    has_recordings: Callable[[], bool] | None = None
    delivery: Delivery = field(default_factory=Delivery)
    notes: Notes = field(default_factory=Notes)
    status: int = 0
    answer: Any = None
    result: Mapping[str, Any] | None = None
    error: str = ""
    error_code: str | None = None
    ended: Ended = ""
    is_journalled: bool = False
    on_body: "Callable[[Call[Any]], None] | None" = None
    recording: asyncio.Task[None] | None = None
    sending: Awaitable[Any] | None = None
    writes: Writes | None = None
    first_written: float = 0.0

    @property
    def api(self) -> str:
        """The name of the request's API in scripts."""
        return CHAT if self.original is None else self.original.api

    @property
    def sent(self) -> dict[str, Any]:
        """The body in the terms of its own API, as it was sent."""
        return self.body if self.original is None else self.original.body

    def normalise(self, body: dict[str, Any]) -> None:
        """Replace the body as it was sent with the form in which recordings compare it."""
        self.body = body
        if self.original is not None:
            self.original = replace(self.original, body=body)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The request's messages as they were sent, of the published shape."""
        found: list[dict[str, Any]] = self.body["messages"]
        return found

    async def client_gone(self) -> None:
        """Return when the client has left. Only one task may wait, and only once the body has been read."""
        while (await self.receive())["type"] != "http.disconnect":
            pass

    @property
    def rules_changed(self) -> bool:
        """True if a test has added or disabled rules, or the request names the one that must answer."""
        overrides = self.overrides
        return overrides.has_rules or overrides.rule is not None or self.services.sessions.has_rules

    @property
    def query(self) -> bytes:
        """The query of the request's URL, as it was sent."""
        return bytes(self.scope.get("query_string", b""))

    @property
    def raw_path(self) -> str:
        """The path as it was sent, escapes included."""
        return bytes(self.scope.get("raw_path") or quote(self.path).encode()).decode("latin-1")

    @property
    def endpoint(self) -> str:
        """The method, and the path behind the base URL with its query, such as `GET /models`."""
        query = self.query.decode("latin-1")
        return f"{self.method} {behind_prefix(self.raw_path)[0]}{f'?{query}' if query else ''}"

    @property
    def deployment(self) -> str | None:
        """Azure's deployment, if the path names one."""
        return self.place.deployment

    @property
    def is_large(self) -> bool:
        """True if the work on the request may keep others waiting."""
        raw = self.raw
        return (
            len(raw) > LARGE
            or (self.original is not None and self.original.is_long)
            or (len(raw) > _LARGE_SCHEMA and any(raw.find(key) >= 0 for key in _LONG))
        )

    async def apart(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what a function returns: at once, or if the request is large from a thread.

        Python lets threads take turns, so others are answered meanwhile. The function must not touch what they share.
        """
        original = self.original
        if (len(self.raw) <= _LARGE_SCHEMA and (original is None or not original.is_long)) or not self.is_large:
            return function(*args, **kwargs)
        return await self.in_thread(function, *args, **kwargs)

    def in_thread(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        """Have one of the few threads for long work call a function; see `apart`."""
        # Not with anyio, whose first thread keeps everybody waiting until all that it needs is imported.
        return asyncio.get_running_loop().run_in_executor(self.services.workers, partial(function, *args, **kwargs))

    def elapsed(self) -> float:
        """Return the seconds since the request arrived, by the event loop's clock."""
        return asyncio.get_running_loop().time() - self.started

    def seconds(self) -> float:
        """Return the seconds since the request arrived, by the server's clock, which may stand still."""
        return self.services.clock.monotonic() - self.arrived

    def follow(self, overrides: Overrides) -> None:
        """Apply the session's overrides, its clock included."""
        self.overrides = overrides
        if overrides.clock_ahead:
            self.services = replace(self.services, clock=self.services.clock.ahead(overrides.clock_ahead / 1000))

    def report(self, error: APIError) -> None:
        """Raise (strict), warn of (lenient) or ignore (off) an error that depends on session state.

        Raises:
            APIError: The error, where validation is strict.
        """
        if self.validation == "strict":
            raise error
        if self.validation == "lenient":
            self.notes.ignore(error.message)


def call_of(scope: MutableMapping[str, Any]) -> Call[Any]:
    """Return the call of an ASGI scope."""
    found: Call[Any] = scope[CALL]
    return found
