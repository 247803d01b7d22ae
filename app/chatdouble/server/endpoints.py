"""The endpoints of the APIs, each made when it is first asked for."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from chatdouble.apis.chat import CHAT
from chatdouble.apis.endpoint import Endpoint
from chatdouble.backend import Call
from chatdouble.backend.api import Api


def _responses() -> Api:
    from chatdouble.apis.responses.api import RESPONSES  # noqa: PLC0415 - its schema is a tenth of a start

    return RESPONSES


def _embeddings() -> Api:
    from chatdouble.apis.embeddings import EMBEDDINGS  # noqa: PLC0415 - for servers that embed

    return EMBEDDINGS


def _moderations() -> Api:
    from chatdouble.apis.moderations import MODERATIONS  # noqa: PLC0415 - for servers that moderate

    return MODERATIONS


APIS: Final[Mapping[str, Callable[[], Api]]] = {
    CHAT.path: lambda: CHAT,
    "/responses": _responses,
    "/embeddings": _embeddings,
    "/moderations": _moderations,
}
"""The APIs that the double speaks, by path; most servers are asked for one of them."""


class Endpoints(Mapping[str, Endpoint]):
    """The endpoints by path.

    Args:
        make: Makes an API's endpoint.
    """

    def __init__(self, make: Callable[[Api], Endpoint]) -> None:
        self._make = make
        self._made: dict[str, Endpoint] = {}

    def __getitem__(self, path: str) -> Endpoint:
        found = self._made.get(path)
        # Two threads may make one at the same time; the first stays.
        return found or self._made.setdefault(path, self._make(APIS[path]()))

    def __iter__(self) -> Iterator[str]:
        return iter(APIS)

    def __len__(self) -> int:
        return len(APIS)

    async def serve(self, call: Call[Any]) -> None:
        """Answer a call; an endpoint that is not there yet is made in a thread, since others want answers meanwhile.

        Raises:
            APIError: An error of the API, before anything was sent.
        """
        path = call.place.path
        endpoint = self._made.get(path)
        if endpoint is None:
            endpoint = await asyncio.to_thread(self.__getitem__, path)
        await endpoint(call)
