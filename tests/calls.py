"""Calls as the server would make them, for tests of everything behind the routes."""

from typing import Any, Final

import orjson

from chatdouble.backend import Call, Services
from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.catalogue.model import Model
from chatdouble.core.chance import Chance, request_id
from chatdouble.core.clock import fixed
from chatdouble.core.head import RequestHeaders, request_path
from chatdouble.schema.request import ChatCompletionRequest
from chatdouble.state.memory_store import MemoryStore
from chatdouble.state.overrides import NO_OVERRIDES, Overrides
from chatdouble.state.session import Session
from chatdouble.state.sessions import Sessions
from chatdouble.tokens.tokenizer import Tokenizers

NOW: Final = 1_753_000_000.0
TOKENIZERS: Final = Tokenizers()

CATALOGUE: Final = Catalogue.load("any")


def services() -> Services:
    """Return services that stand still in time, with an empty store."""
    return Services(clock=fixed(NOW), chance=Chance("0"), tokens=TOKENIZERS, sessions=Sessions(MemoryStore()))


def model(name: str) -> Model:
    """Return what the catalogue knows of a model."""
    return CATALOGUE.find(name)


def call(
    *,
    shared: Services | None = None,
    session: str = "sk-test",
    ordinal: int = 1,
    headers: dict[str, str] | None = None,
    **request: Any,
) -> Call:
    """Return a call as the route would make it of a request.

    Args:
        shared: The services of calls that share a server; None: new ones.
        session: The session's name.
        ordinal: Which call of its session it is.
        headers: The request's headers, names in lower case.
        **request: The request's fields; `model` and `messages` have defaults, and `messages` may be the
            user's text alone.
    """
    body: dict[str, Any] = {"model": "gpt-4o", "messages": "Hello", **request}
    if isinstance(body["messages"], str):
        body["messages"] = [{"role": "user", "content": body["messages"]}]
    used = shared or services()
    chance = used.chance.at(session, ordinal)
    made: Call[ChatCompletionRequest] = Call(
        method="POST",
        path="/v1/chat/completions",
        place=request_path("/v1/chat/completions"),
        headers=RequestHeaders([(name.encode(), value.encode()) for name, value in (headers or {}).items()]),
        services=used,
        ordinal=ordinal,
        id=request_id(chance),
        raw=orjson.dumps(body),
    )
    made.session, made.chance = used.sessions.named(session), chance
    made.request, made.body = ChatCompletionRequest.model_validate(body), body
    made.model = model(body["model"])
    made.follow(_overrides(made.session))
    return made


def _overrides(session: Session) -> Overrides:
    """Return what a session overrides now; nothing, if its store has to be waited for."""
    reading = session.overrides()
    try:
        reading.send(None)
    except StopIteration as read:
        found: Overrides = read.value
        return found
    reading.close()
    return NO_OVERRIDES
