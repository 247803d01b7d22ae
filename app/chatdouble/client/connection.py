"""A connection to the control API of a running server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx2

_LONGEST_ANSWER: Final = 30.0
"""Seconds to wait for an answer, beyond those that the server was asked to wait."""


Query = Mapping[str, str | Sequence[str] | None]
"""The parameters of a query; a list is sent once for each value."""


class ControlError(Exception):
    """The server refused a control request, or did not answer it.

    Attributes:
        status: The HTTP status; None: there was no answer.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Connection:
    """The server to ask, and for whom.

    Attributes:
        url: The server's address, such as `http://127.0.0.1:8000`.
        key: The API key of the session, or the control key.
        session: Another session, which needs the control key; None: that of the key.
    """

    url: str
    key: str
    session: str | None = None

    def ask(
        self,
        method: str,
        path: str,
        *body: Any,
        query: Query | None = None,
        wait: float = 0.0,
    ) -> dict[str, Any]:
        """Send a control request and return its JSON.

        Args:
            method: The HTTP method.
            path: The path behind `/_double/`.
            body: The body, if there is one.
            query: The query; parameters that are None are left out.
            wait: Seconds that the server may wait before it answers.

        Raises:
            ControlError: The server refused the request, or did not answer.
        """
        asked: Query = {"session": self.session, **(query or {})}
        try:
            response = httpx2.request(
                method,
                f"{self.url.rstrip('/')}/_double/{path}",
                params={name: value for name, value in asked.items() if value is not None},
                headers={"Authorization": f"Bearer {self.key}"},
                timeout=_LONGEST_ANSWER + wait,
                **({"json": body[0]} if body else {}),
            )
            answer: dict[str, Any] = response.json()
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as failed:
            raise ControlError(f"no answer from {self.url}: {failed}") from None
        if response.is_error:
            raise ControlError(answer["error"]["message"], response.status_code)
        return answer
