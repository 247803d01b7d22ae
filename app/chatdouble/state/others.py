"""The other processes that share a store: they are asked for what is no state but belongs to a task, such as a wait."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Protocol

Document = dict[str, Any]
"""A JSON object."""

Answerer = Callable[[Document], Awaitable[Document]]
"""Answers what another process asks."""

Answerers = Mapping[str, Answerer]
"""Functions that answer each kind of question."""


class Others(Protocol):
    """All other processes that share the store."""

    @property
    def may_be(self) -> bool:
        """True if there may be any."""
        ...

    @property
    def me(self) -> str:
        """The name of this process among them."""
        ...

    async def ask(self, kind: str, body: Document) -> list[Document]:
        """Ask all of them something; return their answers, as far as they came in time."""
        ...

    async def tell(self, kind: str, body: Document) -> None:
        """Tell all of them something that has no answer."""
        ...


class _Nobody:
    """No other processes: the store is private."""

    may_be = False
    me = ""

    async def ask(self, kind: str, body: Document) -> list[Document]:  # noqa: ARG002 - as in the protocol
        """Return no answers."""
        return []

    async def tell(self, kind: str, body: Document) -> None:
        """Tell nobody."""


NOBODY: Final[Others] = _Nobody()
