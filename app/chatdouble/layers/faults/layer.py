"""Which faults happen to an answer: by rule or session, by share, the first so many times."""

from collections.abc import Iterable
from typing import Any, Final

from chatdouble.backend import Backend, Call, Relay, Reply
from chatdouble.core.errors import APIError
from chatdouble.layers.faults.base import Disturbance
from chatdouble.scripts.format.delivery import asked_faults, asked_occasion
from chatdouble.scripts.format.faults import FaultSpec
from chatdouble.state.store import Store

_KEPT: Final = "faults"
_COUNTED: Final = "fault "
SESSION: Final = "session"
"""The occasion of the faults that a session has for all its requests."""


class Faulty:
    """A layer that lets answers go wrong as their session and their rule say.

    A session's faults are chosen before the backend is asked, so that an error in place of an answer uses up no
    reply; a rule's faults come with the reply.

    Args:
        inner: What answers.
    """

    def __init__(self, inner: Backend) -> None:
        self._inner = inner

    async def reply(self, call: Call) -> Reply:
        """Answer a call, with what is to go wrong in its delivery.

        Raises:
            APIError: The fault is an error in place of the answer.
        """
        around: list[Disturbance[Any]] = []
        if _KEPT in call.own:
            around = await chosen(call, session_faults(call), SESSION)
            for fault in around:
                fault.before(call)
            call.delivery.faults += around
        reply = await self._inner.reply(call)
        asked = asked_faults(call.delivery) if call.delivery.facts else ()
        if not asked:
            return reply
        within = await chosen(call, asked, asked_occasion(call.delivery))
        try:
            for fault in within:
                fault.before(call)
        except APIError:
            await _close(reply)
            raise
        call.delivery.faults[:0] = within
        return reply


async def chosen(call: Call, specs: Iterable[FaultSpec], occasion: str) -> list[Disturbance[Any]]:
    """Return the faults that happen to this answer, made, and note their names for the journal."""
    from chatdouble.layers.faults.registry import FAULTS  # noqa: PLC0415 - all of them, for who wants some

    found = [
        FAULTS[spec.name](spec, call.chance.at("fault", occasion, at))
        for at, spec in enumerate(specs)
        if await _happens(call, spec, occasion, at)
    ]
    if found:
        call.notes["faults"] = [*call.notes.get("faults", ()), *(fault.name for fault in found)]
    return found


async def _happens(call: Call, spec: FaultSpec, occasion: str, at: int) -> bool:
    """Draw the share; of what is drawn, count the first so many per session and occasion."""
    if spec.probability is not None and call.chance.at("share", occasion, at).share() >= spec.probability:
        return False
    if spec.times is None:
        return True
    return await call.services.store.increment(call.session, f"{_COUNTED}{occasion} {at}") <= spec.times


def session_faults(call: Call) -> list[FaultSpec]:
    """Return the faults that a call's session has for all its requests."""
    kept: list[dict[str, Any]] | None = call.own.get(_KEPT)
    return [FaultSpec.model_validate(fault) for fault in kept] if kept else []


async def set_faults(store: Store, session: str, specs: Iterable[FaultSpec]) -> None:
    """Give a session faults for all its requests from now on, counting from the start; none takes them away."""
    for counted in await store.names(session, f"{_COUNTED}{SESSION} "):
        await store.put(session, counted, None)
    dumped = [spec.model_dump(mode="json", exclude_unset=True) for spec in specs]
    await store.put(session, _KEPT, dumped or None)


async def _close(reply: Reply) -> None:
    """Let go of an answer that will not be sent."""
    source: Any = reply.body if isinstance(reply, Relay) else reply
    close = getattr(source, "aclose", None)
    if close is not None:
        await close()
