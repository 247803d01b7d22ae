"""A gate at which a test holds an answer."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self

from chatdouble.client.connection import Connection, ControlError


class Gate:
    """A gate. As a context it exists while the block runs, and opens at its end.

    Args:
        connection: The session's control.
        name: The gate's name.
        definition: Its definition, as the control takes it.
    """

    def __init__(self, connection: Connection, name: str, definition: Mapping[str, Any]) -> None:
        self._connection = connection
        self._path = f"gates/{name}"
        self._definition = definition
        self.name = name

    def __enter__(self) -> Self:
        """Set the gate."""
        self._connection.ask("PUT", self._path, dict(self._definition))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Remove the gate; what it holds goes on."""
        self._connection.ask("DELETE", self._path)

    def wait(self, timeout: float = 5.0) -> None:
        """Wait until an answer has arrived.

        Args:
            timeout: Seconds to wait.

        Raises:
            ControlError: None has arrived in time.
        """
        self._connection.ask("POST", f"{self._path}/wait", {"timeout": timeout}, wait=timeout)

    def release(self, chunks: int | None = None) -> None:
        """Let what waits go on: for good, or by a number of chunks."""
        self._connection.ask("POST", f"{self._path}/release", {} if chunks is None else {"chunks": chunks})

    def abort(self, how: str = "disconnect") -> None:
        """End what waits.

        Args:
            how: `disconnect`, `reset` or `error`.
        """
        self._connection.ask("POST", f"{self._path}/abort", {"how": how})

    @property
    def waiting(self) -> Sequence[Mapping[str, Any]]:
        """The answers that wait, or whose client has left: `request`, `since`, `client_left`."""
        found: list[dict[str, Any]] = self._connection.ask("GET", self._path)["waiting"]
        return found

    @property
    def client_left(self) -> bool:
        """True if a client has left while its answer waited; the server gets a second to notice it."""
        try:
            self._connection.ask("POST", f"{self._path}/wait", {"client_left": True, "timeout": _NOTICED})
        except ControlError as failed:
            if failed.status != _TOO_LATE:
                raise
            return False
        return True


_NOTICED: Final = 1.0
"""Seconds in which a server notices that a client has left."""

_TOO_LATE: Final = 408
