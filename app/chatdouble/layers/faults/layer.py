"""The layer that chooses the faults of an answer: by rule or session, with a probability, a number of times."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from chatdouble.backend import Backend, Call, Relay, Reply
from chatdouble.core.errors import APIError
from chatdouble.state.session import Session

if TYPE_CHECKING:
    from chatdouble.layers.faults.base import Disturbance
    from chatdouble.scripts.format.faults import FaultSpec

SESSION: Final = "session"
"""The owner of the faults that a session sets for all its requests."""


class Faulty:
    """A layer that adds the faults of the session and of the reply to an answer.

    A session's faults are chosen before the backend is asked, so that an error in place of an answer consumes no
    reply; a rule's faults come with the reply.

    Args:
        inner: The backend.
    """

    def __init__(self, inner: Backend) -> None:
        self._inner = inner

    async def reply(self, call: Call) -> Reply:
        """Answer a call, with its faults in its delivery.

        Raises:
            APIError: The fault is an error in place of the answer.
        """
        around: list[Disturbance[Any]] = []
        if call.overrides.faults or call.delivery.asked_faults:
            around = await _around(call)
            for fault in around:
                fault.before(call)
            call.delivery.faults += (*around,)
        return await self.disturbed(await self._inner.reply(call), call, around)

    async def disturbed(self, reply: Reply, call: Call, around: "Sequence[Disturbance[Any]]" = ()) -> Reply:
        """Return a reply with the faults that it asks for itself, and with those around it.

        Raises:
            APIError: The fault is an error in place of the answer.
        """
        wanted = call.delivery.wanted_faults
        within = await chosen(call, wanted, call.delivery.wanted_by) if wanted else []
        try:
            for fault in within:
                fault.before(call)
        except APIError:
            await _close(reply)
            raise
        call.delivery.faults = (*within, *call.delivery.faults)
        for fault in (*within, *around):
            reply = await fault.on_reply(reply, call)
        return reply


async def _around(call: Call) -> "list[Disturbance[Any]]":
    """Return the faults of the session that happen to this answer, and those that its request asks for."""
    from chatdouble.scripts.format.faults import FaultSpec  # noqa: PLC0415 - for who wants some

    specs = [FaultSpec.model_validate(fault) for fault in call.overrides.faults]
    around = await chosen(call, specs, SESSION) if specs else []
    if call.delivery.asked_faults:
        around += await chosen(call, call.delivery.asked_faults, call.delivery.asked_by)
    return around


async def chosen(call: Call, specs: "Iterable[FaultSpec]", occasion: str) -> "list[Disturbance[Any]]":
    """Return the faults that happen to this answer, and note their names."""
    from chatdouble.layers.faults.registry import FAULTS  # noqa: PLC0415 - as above

    found = [
        FAULTS[spec.name](spec, call.chance.at("fault", occasion, at))
        for at, spec in enumerate(specs)
        if await _happens(call, spec, occasion, at)
    ]
    if found:
        call.notes.faults += tuple(fault.name for fault in found)
    return found


async def _happens(call: Call, spec: "FaultSpec", occasion: str, at: int) -> bool:
    """Draw the probability, then count the occurrences per session and owner."""
    if spec.probability is not None and call.chance.at("share", occasion, at).share() >= spec.probability:
        return False
    if spec.times is None:
        return True
    return await call.session.count_fault(occasion, at) <= spec.times


async def set_faults(session: Session, specs: "Iterable[FaultSpec]") -> None:
    """Set the faults of all of a session's requests, counted from now on; none clears them."""
    await session.clear_fault_counts(SESSION)
    await session.override("faults", [spec.model_dump(mode="json", exclude_unset=True) for spec in specs])


async def _close(reply: Reply) -> None:
    """Close an answer that will not be sent."""
    source: Any = reply.body if isinstance(reply, Relay) else reply
    close = getattr(source, "aclose", None)
    if close is not None:
        await close()
