"""Functions of a test that make replies, in a server of the test's own process."""

import asyncio
import inspect
from itertools import count
from typing import Any

from chatdouble.backend import Call
from chatdouble.server.application import Application
from chatdouble.testing.asked import Request
from chatdouble.testing.turns import Reply, ReplyFunction


class Functions:
    """The functions of one session.

    Args:
        app: The server; None: it runs elsewhere.
        url: The server's address, for messages.
    """

    def __init__(self, app: Application | None, url: str) -> None:
        self._app = app
        self._url = url
        self._names: list[str] = []

    def plain(self, reply: Reply | ReplyFunction) -> Reply:
        """Return a reply as the control takes it: a function is added to the server, and named.

        Raises:
            ValueError: The reply is a function, and the server runs elsewhere.
        """
        if not callable(reply):
            return reply
        if self._app is None:
            raise ValueError(
                f"a reply that is a function needs a server in the test's process, and this one is at {self._url}; "
                "give a text or an object, or run the tests without that address"
            )
        app, function = self._app, reply

        async def made(call: Call[Any]) -> Any:
            request = Request(dict(app.journal.begun(call)))
            # In a thread, so that the function may ask the server and wait.
            given = await asyncio.to_thread(function, request)
            return await given if inspect.isawaitable(given) else given

        name = self._free_name(app, getattr(reply, "__name__", type(reply).__name__))
        app.services.functions[name] = made
        self._names.append(name)
        return {"function": name}

    def _free_name(self, app: Application, name: str) -> str:
        """Return a name that no function of the server has: the function's own, with a number if need be."""
        numbered = (name if number == 1 else f"{name} {number}" for number in count(1))
        return next(free for free in numbered if free not in app.services.functions)

    def clear(self) -> None:
        """Remove the functions from the server."""
        for name in self._names:
            if self._app is not None:
                self._app.services.functions.pop(name, None)
        self._names.clear()
