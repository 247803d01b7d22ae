"""Calls as the server would make them, for tests of everything behind the routes."""

from typing import Any, Final

import orjson

from chatdouble.backend import Call, Services
from chatdouble.catalogue.model import Model
from chatdouble.chance import Chance
from chatdouble.clock import fixed
from chatdouble.schema.request import ChatCompletionRequest
from chatdouble.store import MemoryStore
from chatdouble.tokens import Tokenizers

NOW: Final = 1_753_000_000.0
TOKENIZERS: Final = Tokenizers()

_SNAPSHOTS: Final = {
    "gpt-4o": "gpt-4o-2024-08-06",
    "gpt-4o-mini": "gpt-4o-mini-2024-07-18",
    "gpt-4.1": "gpt-4.1-2025-04-14",
    "gpt-4.1-nano": "gpt-4.1-nano-2025-04-14",
    "gpt-4": "gpt-4-0613",
    "gpt-3.5-turbo": "gpt-3.5-turbo-0125",
    "gpt-5": "gpt-5-2025-08-07",
    "gpt-5-mini": "gpt-5-mini-2025-08-07",
    "gpt-5.1": "gpt-5.1-2025-11-13",
    "gpt-4o-audio-preview": "gpt-4o-audio-preview-2025-06-03",
    "gpt-4o-search-preview": "gpt-4o-search-preview-2025-03-11",
}


def services() -> Services:
    """Return services that stand still in time, with an empty store."""
    return Services(clock=fixed(NOW), chance=Chance("0"), tokens=TOKENIZERS, store=MemoryStore())


def model(name: str) -> Model:
    """Return what the catalogue would know of a model."""
    reasons = name.startswith(("gpt-5", "o1", "o3", "o4"))
    speaks = "audio" in name
    searches = "search" in name
    return Model(
        id=name,
        snapshot=_SNAPSHOTS.get(name, name),
        created=1_686_935_002,
        owned_by="system",
        known=name in _SNAPSHOTS,
        retired=False,
        endpoint="chat",
        encoding="cl100k_base" if name in ("gpt-4", "gpt-3.5-turbo") else "o200k_base",
        context_window=128_000,
        max_output_tokens=16_384,
        max_n=128,
        efforts=("none", "minimal", "low", "medium", "high") if reasons else (),
        default_effort="medium" if reasons else None,
        unsupported=frozenset(),
        unknown=frozenset(),
        refused_roles=frozenset(),
        strict_names=True,
        reads_images=True,
        reads_audio=speaks,
        reads_files=True,
        speaks=speaks,
        searches=searches,
        json_schema=True,
        has_logprobs_key=not (reasons or speaks or searches),
        has_fingerprint=not (reasons or name in ("gpt-4", "gpt-3.5-turbo")),
        has_cache_write_tokens=name.startswith("gpt-5.6"),
        usage_details="audio" if speaks else "search" if searches else "full",
    )


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
        id=f"req_{chance.at('request').hex(32)}",
        ordinal=ordinal,
        chance=chance,
        services=used,
    )
