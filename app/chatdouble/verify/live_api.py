"""The real API that recordings are verified against, and the limits on calling it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx2

from chatdouble.core.json import as_object
from chatdouble.verify.comparison import Answer

LONGEST_DELAY: Final = 60.0
"""The longest wait before a retry, in seconds, whatever the API asks for."""

LONGEST_ANSWER: Final = 600.0
"""The longest time until an answer ends, in seconds; the official clients wait no longer."""
LARGEST_ANSWER: Final = 64 * 1024 * 1024
"""The largest answer, in bytes; larger ones are not recorded either."""

TRANSIENT: Final = frozenset({408, 409, 429})
"""Statuses below 500 that depend on the moment rather than on the request, as all from 500 on do."""
REJECTED_KEY: Final = frozenset({401, 403})
"""Statuses that depend on the key."""


class NoAnswerError(Exception):
    """The API did not answer, or only with errors that depend on the moment; the message gives the reason."""


class RejectedKeyError(NoAnswerError):
    """The API does not accept the key, so that further calls are pointless."""


def is_circumstance(status: int) -> bool:
    """Tell whether a status depends on key, limits or outages rather than on the request."""
    return status in TRANSIENT or status in REJECTED_KEY or status >= 500  # noqa: PLR2004 - HTTP's own border


def base_url(base: str) -> httpx2.URL:
    """Return the base URL of an API.

    Args:
        base: A URL such as `https://api.openai.com/v1`; a query stays (Azure's `api-version`).

    Raises:
        ValueError: The base URL is invalid.
    """
    try:
        url = httpx2.URL(base.strip())
    except httpx2.InvalidURL:
        url = httpx2.URL("")
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("--upstream: not a base URL; give one such as https://api.openai.com/v1")
    return url.copy_with(path=url.path.rstrip("/"))


@dataclass(frozen=True, slots=True)
class LiveAPI:
    """A real API.

    Attributes:
        client: The HTTP client, with its timeouts.
        url: Its base URL, as `base_url` returns it.
        key: The API key.
        monotonic: Returns the seconds of a steady clock.
    """

    client: httpx2.Client
    url: httpx2.URL
    key: str
    monotonic: Callable[[], float] = time.monotonic

    def send(self, path: str, request: Mapping[str, Any]) -> Answer:
        """Send a request and return the answer, whatever its status.

        Args:
            path: The path behind the base URL.
            request: The body.

        Raises:
            NoAnswerError: No answer arrived.
        """
        url = self.url.copy_with(path=f"{self.url.path.rstrip('/')}{path}")
        # Azure reads `api-key`, everybody else `authorization`.
        headers = {"authorization": f"Bearer {self.key}", "api-key": self.key}
        try:
            with self.client.stream("POST", url, json=request, headers=headers) as response:
                body = self._body(response)
        except (httpx2.HTTPError, UnicodeError) as failed:
            raise NoAnswerError(f"no answer: {failed or type(failed).__name__}") from None
        return Answer(response.status_code, dict(response.headers), body)

    def _body(self, response: httpx2.Response) -> bytes:
        """Read a body that has an end.

        Raises:
            NoAnswerError: It is longer, or takes longer, than any answer.
        """
        deadline = self.monotonic() + LONGEST_ANSWER
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > LARGEST_ANSWER:
                raise NoAnswerError(f"no answer: it has more than {LARGEST_ANSWER:,} bytes")
            if self.monotonic() > deadline:
                raise NoAnswerError(f"no answer: it has not ended after {LONGEST_ANSWER:g} seconds")
        return bytes(body)


def summary(answer: Answer) -> str:
    """Return an answer's status and its error message, if it has one."""
    message = as_object((answer.json() or {}).get("error")).get("message")
    return f"{answer.status}: {message}" if message else str(answer.status)


def retry_delay(answer: Answer, attempt: int) -> float:
    """Return the seconds to wait before a retry: as the answer's headers ask, else 1, then 2.

    Args:
        answer: The answer to the last attempt.
        attempt: The number of the last attempt, from 1.
    """
    try:
        seconds = float(answer.headers.get("retry-after-ms", "")) / 1000
    except ValueError:
        try:
            seconds = float(answer.headers.get("retry-after", ""))
        except ValueError:
            seconds = 2.0 ** (attempt - 1)
    return min(max(0.0, seconds), LONGEST_DELAY)  # in this order no number is 0


@dataclass(slots=True)
class Throttle:
    """Spaces requests evenly.

    Attributes:
        per_minute: Requests a minute; None: as fast as they come.
        monotonic: Returns the seconds of a steady clock.
        sleep: Waits for some seconds.
    """

    per_minute: float | None
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    _next: float = float("-inf")

    def wait(self) -> None:
        """Wait until the next request may be sent."""
        if self.per_minute is None:
            return
        now = self.monotonic()
        if now < self._next:
            self.sleep(self._next - now)
        self._next = max(now, self._next) + 60 / self.per_minute


@dataclass(slots=True)
class Budget:
    """Limits on the requests and tokens of one run.

    Attributes:
        max_requests: Requests that may be sent; None: any number.
        max_tokens: Tokens of prompts and completions that may be used; None: any number.
        requests: Requests sent so far.
        tokens: Tokens used so far, as the API reports them.
    """

    max_requests: int | None = None
    max_tokens: int | None = None
    requests: int = 0
    tokens: int = 0

    def refusal(self, tokens: int) -> str | None:
        """Return the reason why a request that will use this many tokens must not be sent; None if it may."""
        if self.max_requests is not None and self.requests >= self.max_requests:
            return f"the budget of {self.max_requests} requests is used up"
        if self.max_tokens is not None and self.tokens + tokens > self.max_tokens:
            return (
                f"over the budget of {self.max_tokens} tokens: {self.tokens} are used, and this request needs {tokens}"
            )
        return None
