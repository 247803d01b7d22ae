"""What a session has of its own in place of the server's settings, for every model or for one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar

from chatdouble.backend import Call, Services
from chatdouble.catalogue.model import Model
from chatdouble.scripts.format.base import Spec
from chatdouble.state.store import Store

EVERY: Final = "*"
"""The model's name that stands for every model."""

T = TypeVar("T")


def of_model(named: Mapping[str, T], model: Model) -> T | None:
    """Return what is meant for a model, by its name or its dated name; None: nothing is."""
    found = named.get(model.id)
    return named.get(model.snapshot) if found is None else found


def own(call: Call, name: str) -> dict[str, Any] | None:
    """Return what a call's session has of its own under a name, for the call's model; None: nothing."""
    kept: dict[str, dict[str, Any]] | None = call.own.get(name)
    if kept is None:
        return None
    found = of_model(kept, call.model)
    return kept.get(EVERY) if found is None else found


async def set_own(store: Store, session: str, name: str, spec: Spec | None, model: str = EVERY) -> None:
    """Give a session something of its own under a name, for one model or for every one; None takes it away."""
    kept: dict[str, Any] = dict(await store.get(session, name) or {})
    kept.pop(model, None)
    if spec is not None:
        kept[model] = spec.model_dump(mode="json", exclude_unset=True)
    await store.put(session, name, kept or None)


_KEPT: Final = "clock"
"""The store's counter of the milliseconds by which a session's clock is ahead."""


async def advance(store: Store, session: str, seconds: float) -> float:
    """Move a session's clock on; return by how many seconds it is ahead of the server's now."""
    return await store.increment(session, _KEPT, round(seconds * 1000)) / 1000


def in_session(services: Services, own: Mapping[str, Any]) -> Services:
    """Return a server's services as a session has them, with its own clock.

    Args:
        services: The server's services.
        own: What the session has of its own.
    """
    ahead: int | None = own.get(_KEPT)
    return replace(services, clock=services.clock.ahead(ahead / 1000)) if ahead else services
