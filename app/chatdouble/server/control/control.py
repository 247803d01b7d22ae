"""Control from a test: read the journal, queue replies, set faults, pace and limits, reset."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import Field

from chatdouble.backend import Services
from chatdouble.core.errors import APIError
from chatdouble.core.headers import given_key
from chatdouble.core.json import is_array
from chatdouble.http.connection import Shutdown
from chatdouble.layers.buckets import LimitSpec
from chatdouble.layers.faults.layer import set_faults
from chatdouble.layers.limits import set_limits
from chatdouble.layers.overrides import EVERY
from chatdouble.layers.pace import set_pace
from chatdouble.layers.queue import checked_replies
from chatdouble.recordings.modes import checked
from chatdouble.scripts.format.base import Spec
from chatdouble.scripts.format.delivery import PaceSpec
from chatdouble.scripts.format.faults import FaultSpec
from chatdouble.scripts.reading.mistakes import mistake_lines
from chatdouble.server.auth import identity_of, session_of
from chatdouble.server.journal import Journal
from chatdouble.state.session import Session

if TYPE_CHECKING:
    from chatdouble.server.control.requests import NearMisses, Requests

ALL: Final = "*"
"""The name that stands for every session."""

S = TypeVar("S", bound=Spec)


class ClockSpec(Spec):
    """A change of a session's clock.

    Attributes:
        advance: Seconds to move the clock forward, at most ten years.
    """

    advance: float = Field(ge=0, le=315_360_000)


@dataclass(frozen=True, slots=True)
class Control:
    """Controls sessions: one's own with its key, any session with the control key.

    The operations take a session's name or the key that its client uses.

    Attributes:
        services: The clock and the sessions.
        journal: The journal.
        key: The control key; None: there is none, and nobody controls other sessions.
        has_upstream: Whether the server has an upstream or recordings of one; else no queued reply may ask for it.
        shutdown: Ends waits when the server stops.
        near_misses: Returns the rules that nearly matched a request; None: the backend has no rules.
    """

    services: Services
    journal: Journal
    key: str | None = None
    has_upstream: bool = True
    shutdown: Shutdown = field(default_factory=lambda: Shutdown(0))
    near_misses: "NearMisses | None" = None

    def session(self, headers: Mapping[str, str], named: str | None) -> str:
        """Return the name of the session that a request controls: its own, or with the control key any.

        Raises:
            APIError: 403: it names another session without the control key.
        """
        own = identity_of(session_of(headers, given_key(headers)))
        if named is None or identity_of(named) == own:
            return own
        given = given_key(headers) or ""
        if self.key is None or not hmac.compare_digest(given.encode(), self.key.encode()):
            raise APIError(
                f"Session {named!r} is not yours: send its own key, or the server's --control-key.",
                status=403,
                param="session",
                code="control_key_required",
            )
        return named

    async def queue(self, session: str, replies: object) -> int:
        """Queue replies, which answer the next requests before any rule; return how many wait now.

        Args:
            session: The session.
            replies: A reply as scripts write it, or a list of replies.

        Raises:
            APIError: 400: an item is not a reply.
        """
        one = self.one(session)
        for reply in checked_replies(replies, has_upstream=self.has_upstream):
            await one.queue(reply)
        return len(await one.queued())

    async def pace(self, session: str, given: object, model: str = EVERY) -> None:
        """Set a session's pace.

        Args:
            session: The session.
            given: A pace as scripts write it; None clears it.
            model: A model's name or dated name; `*` sets it for every model, or clears that of each.

        Raises:
            APIError: 400: the value is not a pace.
        """
        await set_pace(self.one(session), read(PaceSpec, given, "pace"), model)

    async def faults(self, session: str, given: object) -> None:
        """Set the faults of all of a session's requests from now on.

        Args:
            session: The session.
            given: A fault as scripts write it, or a list of faults; None clears them.

        Raises:
            APIError: 400: an item is not a fault.
        """
        listed: list[Any] = given if is_array(given) else [given]
        specs = [read(FaultSpec, fault, "faults", at) for at, fault in enumerate(listed)]
        await set_faults(self.one(session), [spec for spec in specs if spec is not None])

    async def mode(self, session: str, given: object) -> None:
        """Set how a session uses recordings.

        Args:
            session: The session.
            given: `replay`, `record`, `rerecord` or `passthrough`; None clears it.

        Raises:
            APIError: 400: there is no such mode.
        """
        await self.one(session).override("mode", None if given is None else checked(given))

    async def limits(self, session: str, given: object, model: str = EVERY) -> None:
        """Set a session's rate limits, which count from now on.

        Args:
            session: The session.
            given: Limits by their settings' names; None clears them.
            model: A model's name or dated name; `*` sets them for every model, or clears those of each.

        Raises:
            APIError: 400: the value is not a set of limits.
        """
        await set_limits(self.one(session), read(LimitSpec, given, "limits"), model)

    async def overridden(self, session: str, name: str, model: str | None = None) -> Any:
        """Return what a session sets in place of the server's settings.

        Args:
            session: The session.
            name: `faults`, `mode`, `pace` or `limits`.
            model: For `pace` and `limits`: the only model to return; None returns all of them.

        Returns:
            A list of faults; a mode, or None; paces or limits by model, `*` for every model.
        """
        found = getattr(await self.one(session).overrides(), name)
        return {key: value for key, value in found.items() if key == model} if model is not None else found

    async def advance(self, session: str, given: object) -> dict[str, float]:
        """Move a session's clock forward: its limits refill and its answers are dated by it.

        Args:
            session: The session.
            given: `{"advance": seconds}`.

        Returns:
            `now`, in seconds since 1970, and `ahead`, the seconds the clock is ahead of the server's.

        Raises:
            APIError: 400: the seconds are missing or negative.
        """
        spec = read(ClockSpec, given or {}, "clock") or ClockSpec(advance=0)
        ahead = await self.one(session).advance_clock(round(spec.advance * 1000)) / 1000
        return {"now": self.services.clock.now() + ahead, "ahead": ahead}

    @property
    def requests(self) -> "Requests":
        """Reads the journals: `await control.requests("sk-test")` lists the requests of a session."""
        from chatdouble.server.control.requests import Requests  # noqa: PLC0415 - scripts, which only readers need

        return Requests(self.services, self.journal, self.shutdown, self.near_misses)

    async def reset(self, session: str) -> None:
        """Clear a session: journal, queue, counters, scenarios, and its faults, pace, limits, mode and clock."""
        if session == ALL:
            await self.services.sessions.reset_all()
        else:
            await self.one(session).reset()

    def one(self, name: str) -> Session:
        """Return the session of a name.

        Raises:
            APIError: 400: the name stands for every session.
        """
        if name == ALL:
            raise APIError(
                "This is for one session: name it, or send its key.", param="session", code="one_session_only"
            )
        return self.services.sessions.named(identity_of(name))


def read(model: type[S], given: object, *where: str | int) -> S | None:
    """Return a value as a model; None stays None.

    Raises:
        APIError: 400: it does not fit the model; the message lists all mistakes.
    """
    if given is None:
        return None
    mistakes = "\n".join(mistake_lines(model, given, *where))
    if mistakes:
        raise APIError(mistakes, param=str(where[0]), code=f"invalid_{where[0]}")
    return model.model_validate(given)
