"""Controlling the double from a test: what was asked, what to say next, begin anew."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pydantic import Field

from chatdouble.backend import Services
from chatdouble.core.errors import APIError
from chatdouble.core.json import is_array
from chatdouble.layers import queue
from chatdouble.layers.buckets import LimitSpec
from chatdouble.layers.faults.layer import set_faults
from chatdouble.layers.limits import set_limits
from chatdouble.layers.overrides import EVERY, advance
from chatdouble.layers.pace import set_pace
from chatdouble.recordings.modes import set_mode
from chatdouble.scripts.format.base import Spec
from chatdouble.scripts.format.delivery import PaceSpec
from chatdouble.scripts.format.faults import FaultSpec
from chatdouble.scripts.reading.mistakes import mistake_lines
from chatdouble.server.auth import given_key, session_of
from chatdouble.server.journal import Journal

ALL: Final = "*"
"""The name that stands for every session."""

S = TypeVar("S", bound=Spec)


class ClockSpec(Spec):
    """How a session's clock is moved.

    Attributes:
        advance: By how many seconds it goes on, at most ten years.
    """

    advance: float = Field(ge=0, le=315_360_000)


@dataclass(frozen=True, slots=True)
class Control:
    """What a test may do to its own session, and who has the control key to any.

    Attributes:
        services: The server's clock, and what sessions have.
        journal: What they asked.
        key: The key that opens other sessions; None: nothing does.
    """

    services: Services
    journal: Journal
    key: str | None = None

    def session(self, headers: Mapping[str, str], named: str | None) -> str:
        """Return the session a request may control: its own, or with the control key the one it names.

        Raises:
            APIError: 403: another session, without the control key.
        """
        own = session_of(headers, given_key(headers))
        if named is None or named == own:
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

    async def say(self, session: str, replies: object) -> int:
        """Queue replies, used in order before anything else answers; return how many now wait.

        Args:
            session: Whose next requests they answer.
            replies: A reply as scripts have them, or a list of such.

        Raises:
            APIError: 400: one is not a reply.
        """
        store, session = self.services.store, _one(session)
        for reply in queue.read(replies):
            await queue.add(store, session, reply)
        return len(await queue.waiting(store, session))

    async def pace(self, session: str, given: object, model: str = EVERY) -> None:
        """Give a session a pace of its own, for one model or for every one.

        Args:
            session: Whose answers it times.
            given: A pace as scripts have it; None takes the session's own away.
            model: A model's name or dated name.

        Raises:
            APIError: 400: it is not a pace.
        """
        await set_pace(self.services.store, _one(session), _read(PaceSpec, given, "pace"), model)

    async def faults(self, session: str, given: object) -> None:
        """Give a session faults for all its requests from now on.

        Args:
            session: Whose answers go wrong.
            given: A fault as scripts have it, or a list of such; None takes the session's own away.

        Raises:
            APIError: 400: one is not a fault.
        """
        listed: list[Any] = given if is_array(given) else [given]
        specs = [_read(FaultSpec, fault, "faults", at) for at, fault in enumerate(listed)]
        await set_faults(self.services.store, _one(session), [spec for spec in specs if spec is not None])

    async def mode(self, session: str, given: object) -> None:
        """Give a session a mode of its own, in which recordings are used.

        Args:
            session: Whose requests it holds for.
            given: `replay`, `record`, `refresh` or `pass`; None takes the session's own away.

        Raises:
            APIError: 400: there is no such mode.
        """
        await set_mode(self.services.store, _one(session), given)

    async def limits(self, session: str, given: object, model: str = EVERY) -> None:
        """Give a session rate limits of its own, for one model or for every one; they count from now on.

        Args:
            session: Whose requests are counted.
            given: Limits as settings have them, by name; None takes the session's own away.
            model: A model's name or dated name.

        Raises:
            APIError: 400: these are not limits.
        """
        await set_limits(self.services.store, _one(session), _read(LimitSpec, given, "limits"), model)

    async def advance(self, session: str, given: object) -> dict[str, float]:
        """Move a session's clock on, by which its limits refill and its answers are dated.

        Args:
            session: Whose clock it is.
            given: `{"advance": seconds}`.

        Returns:
            `now`, in seconds since 1970, and `ahead`, how far that is ahead of the server's clock.

        Raises:
            APIError: 400: there are no seconds, or they go back.
        """
        spec = _read(ClockSpec, given or {}, "clock") or ClockSpec(advance=0)
        ahead = await advance(self.services.store, _one(session), spec.advance)
        return {"now": self.services.clock.now() + ahead, "ahead": ahead}

    async def requests(self, session: str) -> list[dict[str, Any]]:
        """Return a session's journal, oldest first; of all sessions, ordered by time."""
        if session != ALL:
            return await self.journal.entries(session)
        entries = [entry for name in await self.services.store.sessions() for entry in await self.journal.entries(name)]
        return sorted(entries, key=lambda entry: entry["at"])

    async def reset(self, session: str) -> None:
        """Forget everything of a session: journal, queue, sequences, states, counts, what it has of its own."""
        await self.services.store.clear(None if session == ALL else session)


def _one(session: str) -> str:
    """Return a session's name, which must not stand for every one.

    Raises:
        APIError: 400: it does.
    """
    if session == ALL:
        raise APIError("This is for one session: name it, or send its key.", param="session", code="one_session_only")
    return session


def _read(model: type[S], given: object, *where: str | int) -> S | None:
    """Return what was given as a model; None: nothing was given.

    Raises:
        APIError: 400: it cannot be read; the message names all mistakes.
    """
    if given is None:
        return None
    mistakes = "\n".join(mistake_lines(model, given, *where))
    if mistakes:
        raise APIError(mistakes, param=str(where[0]), code=f"invalid_{where[0]}")
    return model.model_validate(given)
