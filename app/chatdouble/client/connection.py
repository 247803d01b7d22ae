"""A connection to the control API of a running server."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx2

from chatdouble.core.json import is_object

_LONGEST_ANSWER: Final = 60.0
"""Seconds to wait for an answer, beyond those that the server was asked to wait."""
_FAILED: Final = (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError)
"""The errors of requests without an answer; the last is of a host with a label that no name has."""

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
        client: The HTTP client to ask with, for many requests; None: one for each request.
    """

    url: str
    key: str
    session: str | None = None
    client: httpx2.Client | None = None

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
            body: The body, if there is one; bytes are sent as they are.
            query: The query; parameters that are None are left out.
            wait: Seconds that the server may wait before it answers.

        Raises:
            ControlError: The server refused the request, or did not answer.
        """
        response = self._sent(method, path, *body, query=query, wait=wait)
        answer = _object_in(response)
        if answer is None or response.is_error:
            raise self._refused(response)
        return answer

    def text(self, path: str, query: Query) -> str:
        """Ask for a text and return it.

        Args:
            path: The path behind `/_double/`.
            query: The query; parameters that are None are left out.

        Raises:
            ControlError: The server refused the request, or did not answer.
        """
        response = self._sent("GET", path, query=query)
        if not response.is_success:
            raise self._refused(response)
        return response.text

    @contextmanager
    def events(self, path: str) -> Generator[Iterator[str]]:
        """Listen to a stream of events for as long as a `with` lasts; yield the kind of each.

        Args:
            path: The path behind `/_double/`.

        Raises:
            ControlError: The server refused the request, or did not answer.
        """
        field = "event: "
        try:
            with (self.client or httpx2).stream("GET", self._url(path), **self._options({}, None)) as response:
                if not response.is_success:
                    response.read()
                    raise self._refused(response)
                lines = response.iter_lines()
                yield (line.removeprefix(field) for line in lines if line.startswith(field))
        except UnicodeEncodeError as wrong:
            raise (self._no_answer(wrong) if wrong.encoding == "idna" else _not_sent(wrong)) from None
        except _FAILED as failed:
            raise self._no_answer(failed) from None

    def _sent(self, method: str, path: str, *body: Any, query: Query | None, wait: float = 0.0) -> httpx2.Response:
        options = self._options(query or {}, _LONGEST_ANSWER + wait)
        if body:
            options["content" if isinstance(body[0], bytes) else "json"] = body[0]
        try:
            return (self.client or httpx2).request(method, self._url(path), **options)
        except UnicodeEncodeError as wrong:
            raise (self._no_answer(wrong) if wrong.encoding == "idna" else _not_sent(wrong)) from None
        except _FAILED as failed:
            raise self._no_answer(failed) from None

    def _url(self, path: str) -> str:
        return f"{self.url.rstrip('/')}/_double/{path}"

    def _options(self, query: Query, seconds: float | None) -> dict[str, Any]:
        asked = {"session": self.session, **query}
        return {
            "params": {name: value for name, value in asked.items() if value is not None},
            "headers": {"Authorization": f"Bearer {self.key}"},
            "timeout": seconds,
        }

    def _refused(self, response: httpx2.Response) -> ControlError:
        """Return the error of a refusal; of an answer that no control API gives, what it is."""
        error = (_object_in(response) or {}).get("error")
        if response.is_error and is_object(error) and isinstance(error.get("message"), str):
            return ControlError(error["message"], response.status_code)
        kind = response.headers.get("content-type", "no content type")
        why = f"a {response.status_code} with {kind} is not of a chatdouble server"
        return self._no_answer(why, response.status_code)

    def _no_answer(self, why: object, status: int | None = None) -> ControlError:
        return ControlError(f"no answer from {self.url}: {why}", status)


def _object_in(response: httpx2.Response) -> dict[str, Any] | None:
    """Return the JSON object that an answer is; None if it is none."""
    try:
        value: Any = response.json()
    except (ValueError, RecursionError):
        return None
    return value if is_object(value) else None


def _not_sent(wrong: UnicodeEncodeError) -> ControlError:
    character = wrong.object[wrong.start]
    return ControlError(
        f"not sent: the character {character!r} has no place in a request; a key may have ASCII only, and anything "
        "else what UTF-8 can write"
    )
