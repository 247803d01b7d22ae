"""Calls as the server would make them, for tests of everything behind the routes."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from chatdouble.backend import Call, Services
from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.catalogue.model import Model
from chatdouble.core.chance import Chance
from chatdouble.core.clock import fixed
from chatdouble.core.ids import request_id
from chatdouble.schema.request import ChatCompletionRequest
from chatdouble.state.store import MemoryStore, Store
from chatdouble.tokens.tokenizer import Tokenizers

NOW: Final = 1_753_000_000.0
TOKENIZERS: Final = Tokenizers()

CATALOGUE: Final = Catalogue.load("any")


def services() -> Services:
    """Return services that stand still in time, with an empty store."""
    return Services(clock=fixed(NOW), chance=Chance("0"), tokens=TOKENIZERS, store=MemoryStore())


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
    return Call(
        request=ChatCompletionRequest.model_validate(body),
        body=body,
        raw=orjson.dumps(body),
        headers=headers or {},
        model=model(body["model"]),
        session=session,
        id=request_id(chance.at("request")),
        ordinal=ordinal,
        chance=chance,
        services=used,
        own=_own(used.store, session),
    )


def _own(store: Store, session: str) -> Mapping[str, Any]:
    """Return what a session has, now and later; of a store that is not in memory, as if it had nothing yet."""
    reading = store.enter(session, "requests")
    try:
        reading.send(None)
    except StopIteration as answered:
        held: Mapping[str, Any] = answered.value
        return held
    reading.close()
    return {}
