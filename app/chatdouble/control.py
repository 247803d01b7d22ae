"""Controlling the double from a test: what was asked, what to say next, begin anew."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from chatdouble.auth import given_key, session_of
from chatdouble.errors import APIError
from chatdouble.journal import Journal
from chatdouble.script import queue
from chatdouble.store import Store

ALL: Final = "*"
"""The name that stands for every session."""


@dataclass(frozen=True, slots=True)
class Control:
    """What a test may do to its own session, and who has the control key to any.

    Attributes:
        store: What sessions have.
        journal: What they asked.
        key: The key that opens other sessions; None: nothing does.
    """

    store: Store
    journal: Journal
    key: str | None = None

    def session(self, headers: Mapping[str, str], named: str | None) -> str:
        """Return the session a request may control: its own, or with the control key the one it names.

        Raises:
            APIError: 403: another session, without the control key.
        """
        own = session_of(headers)
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
        for reply in queue.read(replies):
            await queue.add(self.store, session, reply)
        return len(await queue.waiting(self.store, session))

    async def requests(self, session: str) -> list[dict[str, Any]]:
        """Return a session's journal, oldest first; of all sessions, ordered by time."""
        if session != ALL:
            return await self.journal.entries(session)
        entries = [entry for name in await self.store.sessions() for entry in await self.journal.entries(name)]
        return sorted(entries, key=lambda entry: entry["at"])

    async def reset(self, session: str) -> None:
        """Forget everything of a session: journal, queue, sequences, states, counts, stored completions."""
        await self.store.clear(None if session == ALL else session)
