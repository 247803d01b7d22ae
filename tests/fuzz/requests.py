"""Strategies for requests to every route: valid ones, mutated ones, and bytes that are no JSON."""

import json
import re
from collections.abc import Callable
from copy import deepcopy
from http.client import HTTPException
from typing import Any, NamedTuple
from urllib.parse import quote

from hypothesis import strategies as st

from chatdouble.core.json import is_array, is_object
from fuzz.seeds import BODIES, CONTROL_BODIES, INPUT_BODIES, RAW, TEXTS
from raw import Answer, ask

INPUTS = ("/v1/responses", "/v1/conversations", "/v1/embeddings", "/v1/moderations")
"""The paths of the APIs whose requests have an input or items."""
METHODS = ("GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS")
UNKNOWN = (
    "/",
    "/v1",
    "/v1/",
    "/v1/embeddings",
    "/v1/responses",
    "/v1/files/a",
    "/openai/deployments/{deployment}/chat/completions",
    "/_double/nothing/{text}",
    "/static-offline-docs/{text}",
    "/{text}",
    "/health",
    "/ready",
    "/metrics",
    "/docs",
    "/redoc",
    "/openapi.json",
)
"""Paths that the contract does not list, or that have no key."""


class Route(NamedTuple):
    """A method and a path, which may have parameters in braces."""

    method: str
    path: str
    query: tuple[str, ...] = ()


class Request(NamedTuple):
    """A request as it is sent."""

    method: str
    path: str
    body: bytes
    headers: dict[str, str]

    @property
    def is_control(self) -> bool:
        """True if it may change how later requests of its session are answered."""
        return self.path.startswith("/_double/")


def sent(origin: str, request: Request, key: str) -> Answer | None:
    """Send a request and return the answer; None if there is none, as a fault has it."""
    named = {**request.headers, "Authorization": f"Bearer {key}"}
    try:
        return ask(origin, request.method, request.path, request.body or None, named, cut_after=20)
    except (HTTPException, ConnectionError, TimeoutError):
        return None


def routes_of(contract: dict[str, Any]) -> list[Route]:
    """Return the routes of a contract, below the URL of its server where it has no other."""
    found: list[Route] = []
    for path, operations in contract["paths"].items():
        base = "" if path.startswith("/_double/") else "/v1"
        for method, operation in operations.items():
            # The stream of events has no end; tests/server/test_events.py reads it.
            if method.upper() in METHODS and operation.get("operationId") != "listenToRequests":
                named = operation.get("parameters", ())
                query = tuple(parameter["name"] for parameter in named if parameter["in"] == "query")
                found.append(Route(method.upper(), base + path, query))
    return found


SCALARS: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([0, -1, 2**63, 10**400, 1e308, -0.0, 5e-324]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(TEXTS),
    st.sampled_from(
        ["\ud800", "user", "json_schema", "function", "data:image/png;base64,AA", "auto", "ft:gpt-4o:a::b"]
    ),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | st.sampled_from(TEXTS), inner, max_size=4)
    ),
    max_leaves=8,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return each place in a JSON value: the object or array, and the key or index."""
    pairs: list[tuple[Any, Any]] = []
    if is_object(value):
        pairs = [(value, key) for key in value]
    elif is_array(value):
        pairs = [(value, index) for index in range(len(value))]
    return pairs + [place for holder, key in pairs for place in places(holder[key])]


def _replace(holder: Any, key: Any, value: Any) -> None:
    holder[key] = value


def _remove(holder: Any, key: Any, _value: Any) -> None:
    del holder[key]


def _add(holder: Any, key: Any, value: Any) -> None:
    if is_object(holder):
        holder[f"{key}x"] = value
    else:
        holder.insert(key, value)


def _nest(holder: Any, key: Any, value: Any) -> None:
    holder[key] = [holder[key], value]


MUTATIONS: tuple[Callable[[Any, Any, Any], None], ...] = (_replace, _replace, _remove, _add, _nest)


@st.composite
def mutated(draw: st.DrawFn, bodies: tuple[Any, ...]) -> bytes:
    """Return one of some bodies with up to three changes."""
    body = deepcopy(draw(st.sampled_from(bodies)))
    for _ in range(draw(st.integers(0, 3))):
        if found := places(body):
            holder, key = draw(st.sampled_from(found))
            draw(st.sampled_from(MUTATIONS))(holder, key, draw(VALUES))
    return json.dumps(body).encode()


@st.composite
def cut(draw: st.DrawFn) -> bytes:
    """Return a body that breaks off."""
    body = json.dumps(draw(st.sampled_from(BODIES))).encode()
    return body[: draw(st.integers(0, len(body)))]


CHAT = Route("POST", "/v1/chat/completions")


@st.composite
def requests(draw: st.DrawFn, routes: list[Route]) -> Request:
    """Return a request, half of the time to the chat completions endpoint."""
    route = draw(
        st.just(CHAT)
        | st.sampled_from(routes)
        | st.builds(Route, st.sampled_from(METHODS), st.sampled_from(UNKNOWN), st.just(()))
    )
    bodies = CONTROL_BODIES if route.path.startswith("/_double/") else BODIES
    if route.path.startswith(INPUTS):
        bodies = INPUT_BODIES
    body = draw(mutated(bodies) | mutated(bodies) | st.sampled_from(RAW) | cut() | st.binary(max_size=40))
    path = re.sub(r"\{\w+\}", lambda _: quote(draw(st.sampled_from(TEXTS)), safe=""), route.path)
    given = [name for name in route.query if draw(st.booleans())]
    query = "&".join(
        f"{quote(name)}={quote(draw(st.sampled_from(TEXTS) | st.text(max_size=5).filter(str.isascii)))}"
        for name in given
    )
    sends = route.method not in ("GET", "HEAD") or draw(st.integers(0, 9)) == 0
    return Request(route.method, f"{path}?{query}" if query else path, body if sends else b"", draw(headers()))


@st.composite
def headers(draw: st.DrawFn) -> dict[str, str]:
    """Return the headers of a request, most of them ordinary."""
    made = {
        "Content-Type": draw(st.sampled_from(["application/json"] * 5 + ["text/plain", "multipart/form-data", "\xe9"]))
    }
    odd = {
        "X-Double-Mode": st.sampled_from(["replay", "record", "nonsense", "\xff"]),
        "X-Double-Session": st.sampled_from(["a", "*", "\xe9", "a" * 300]),
        "Content-Encoding": st.sampled_from(["gzip", "br", "identity"]),
        "Accept-Encoding": st.just("gzip"),
        "Accept": st.sampled_from(["text/event-stream", "*/*", "image/png"]),
        "OpenAI-Organization": st.sampled_from(["org-a", "\xe9"]),
        "Idempotency-Key": st.text("ab-", max_size=5),
        "Origin": st.sampled_from(["https://example.com", "null"]),
    }
    for name in draw(st.lists(st.sampled_from(sorted(odd)), max_size=2, unique=True)):
        made[name] = draw(odd[name])
    return made
