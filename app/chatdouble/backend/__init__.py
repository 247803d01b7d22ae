"""The backend interface: what a backend is given, and what it may give back."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

import anyio

from chatdouble.backend.delivery import Delivery
from chatdouble.catalogue.model import Model
from chatdouble.core.chance import Chance
from chatdouble.core.clock import Clock
from chatdouble.core.errors import APIError
from chatdouble.schema.chunk import Chunk
from chatdouble.schema.completion import Completion
from chatdouble.schema.request import ChatCompletionRequest
from chatdouble.state.store import Store
from chatdouble.tokens.tokenizer import Tokenizers


@dataclass(frozen=True, slots=True)
class Services:
    """What every call may use; one of each per server.

    Attributes:
        clock: The source of time.
        chance: The source of chance, named by the server's seed.
        tokens: The tokenizers, loaded when first used.
        store: What outlives a request.
    """

    clock: Clock
    chance: Chance
    tokens: Tokenizers
    store: Store


async def never() -> None:
    """Return never: what a call says of a client that does not leave."""
    await anyio.sleep_forever()


@dataclass(slots=True)
class Call:
    """One request, on its way to an answer.

    Attributes:
        request: The request as the API reads it.
        body: The request as it was sent, parsed JSON.
        raw: The request's bytes, for a backend that relays them.
        headers: The request's headers, names in lower case.
        model: What the catalogue knows of the model asked for.
        session: The session's name.
        id: The request's id, `req_` and 32 hexadecimal digits.
        ordinal: Which call of its session it is, from 1.
        chance: Chance for this call alone (seed, session, ordinal).
        services: What every call may use.
        own: What its session has of its own, by name, such as a pace; read when the request came.
        plain: Whether its messages are known to be plain texts: no parts, names, calls or results.
        query: The query of the request's URL, as it was sent.
        deployment: Azure's deployment, if the path names one.
        validation: How strict the server is with this request: `strict`, `lenient` or `off`.
        client_gone: Returns when the client has left; for a backend that has to wait long.
        delivery: How the answer is to travel; backends and layers set it.
        notes: What backends and layers want the journal to say.
    """

    request: ChatCompletionRequest
    body: dict[str, Any]
    raw: bytes
    headers: Mapping[str, str]
    model: Model
    session: str
    id: str
    ordinal: int
    chance: Chance
    services: Services
    own: Mapping[str, Any] = field(default_factory=dict)
    plain: bool = False
    query: bytes = b""
    deployment: str | None = None
    validation: Literal["strict", "lenient", "off"] = "strict"
    client_gone: Callable[[], Awaitable[object]] = never
    delivery: Delivery = field(default_factory=Delivery)
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The request's messages as they were sent, of the published shape."""
        found: list[dict[str, Any]] = self.body["messages"]
        return found

    def report(self, error: APIError) -> None:
        """Say what is wrong with the request where only its session tells, as far as the validation wants to hear it.

        Args:
            error: What the API says. It is a warning where validation is lenient.

        Raises:
            APIError: The error, where validation is strict.
        """
        if self.validation == "strict":
            raise error
        if self.validation == "lenient":
            self.delivery.warnings.append(error.message)
            self.notes["warnings"] = [*self.notes.get("warnings", ()), error.message]


@dataclass(slots=True)
class Relay:
    """An upstream's answer, passed on untouched.

    Attributes:
        status: The HTTP status.
        headers: End-to-end headers in order, names in lower case, as bytes.
        body: The bytes as they arrive; closed (`aclose`) when the client leaves.
        paced: Whether its pieces leave as the delivery's pace has it, and not as they arrive.
    """

    status: int
    headers: list[tuple[bytes, bytes]]
    body: AsyncIterator[bytes]
    paced: bool = False


Reply = Completion | AsyncIterator[Chunk] | Relay


Relays = Callable[[Services, str, Mapping[str, str]], Awaitable[bool]]
"""Tells, by the session and the headers of a request, whether it is relayed and so validated elsewhere."""


class Backend(Protocol):
    """Answers calls. What makes one takes nothing, or the `Options`.

    It may have two more methods. `aclose()` is awaited when the server stops. `relays(services, session, headers)`, a
    `Relays`, is awaited before a request is validated: True leaves validation to the API that the backend relays to.
    """

    def reply(self, call: Call, /) -> Awaitable[Reply]:
        """Answer a call: whole, in chunks, or with an upstream's bytes.

        Whether the client asked for a stream is not the backend's business: the wire slices whole
        answers and folds chunks as the client wants.

        Raises:
            APIError: The API says no; also before the first chunk of a stream.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a backend is told when it is made, if what makes it takes an argument.

    Attributes:
        scripts: Script files and folders.
        unmatched: What answers a request that no rule matches: error, echo or upstream.
        upstream: Base URL to relay to, if any.
        upstream_key: Key to send there instead of the client's, if any.
        upstream_timeout: Seconds without a byte after which the upstream is given up.
        mode: How recordings are used: replay, record, refresh or pass.
        recordings: Folder of recordings, if any.
        replay_speed: How many times faster than recorded recordings are replayed; 0: at once.
        other: Makes another backend by its name, for fallbacks.
    """

    scripts: tuple[Path, ...] = ()
    unmatched: str = "error"
    upstream: str | None = None
    upstream_key: str | None = None
    upstream_timeout: float = 600.0
    mode: str = "replay"
    recordings: Path | None = None
    replay_speed: float = 0.0
    other: Callable[[str], "Backend"]
