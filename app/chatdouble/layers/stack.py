"""The layers around every backend, in one ordered list."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from chatdouble.backend import Backend, Call, Reply
from chatdouble.layers.buckets import LimitSpec
from chatdouble.layers.faults.layer import Faulty
from chatdouble.layers.limits import Limits
from chatdouble.layers.pace import Paced
from chatdouble.layers.queue import Queued
from chatdouble.layers.rules import Ruled
from chatdouble.layers.turns import Conversing
from chatdouble.scripts.format.delivery import PaceSpec
from chatdouble.state.overrides import NO_OVERRIDES


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Defaults:
    """The server's own pace and limits, for sessions that set none.

    Attributes:
        pace: The pace of every model; None: everything at once.
        paces: The paces of single models.
        limits: The limits of every model.
        limits_by_model: The limits of single models.
        organization: The organization that errors name.
    """

    pace: PaceSpec | None = None
    paces: Mapping[str, PaceSpec] = field(default_factory=dict[str, PaceSpec])
    limits: LimitSpec = field(default_factory=LimitSpec)
    limits_by_model: Mapping[str, LimitSpec] = field(default_factory=dict[str, LimitSpec])
    organization: str = "org-chatdouble"


class Layered:
    """The layers inside the limits. A session that sets nothing, and has no rules added, needs only the reply's own.

    Args:
        backend: The backend.
        defaults: The server's own pace.
        other: Returns another backend by its name, for turns and queued replies that name one.
    """

    def __init__(self, backend: Backend, defaults: Defaults, other: Callable[[str], Backend]) -> None:
        # Added rules are part of any backend. Queued replies answer before it, and turns before those. Pace is nearest
        # to what it times. Faults that stand in place of an answer come before the backend is asked.
        self._backend = backend
        self._paced = Paced(Conversing(Queued(Ruled(backend, other), other), other), defaults.pace, defaults.paces)
        self._faulty = Faulty(self._paced)

    async def reply(self, call: Call) -> Reply:
        """Answer a call.

        Raises:
            APIError: A layer refuses it, or the backend does.
        """
        delivery = call.delivery
        if call.overrides is not NO_OVERRIDES or delivery.asked_faults or call.services.sessions.has_rules:
            return await self._faulty.reply(call)
        reply = await self._backend.reply(call)
        if self._paced.is_set or delivery.wanted_pace:
            self._paced.choose(call)
        return await self._faulty.disturbed(reply, call) if delivery.wanted_faults else reply


def wrap(backend: Backend, defaults: Defaults, other: Callable[[str], Backend]) -> Limits:
    """Return a backend with its layers around it, the limits outermost.

    Args:
        backend: The backend.
        defaults: The server's own pace and limits.
        other: Returns another backend by its name, for turns and queued replies that name one.
    """
    # What is over a limit reaches nothing, and an injected error still tells what is left.
    inner = Layered(backend, defaults, other)
    return Limits(inner, defaults.limits, defaults.organization, defaults.limits_by_model)
