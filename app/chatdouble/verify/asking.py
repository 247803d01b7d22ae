"""Asking the upstream what it answers now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx2

from chatdouble.core.json import as_object
from chatdouble.verify.comparing import Answer

LONGEST_WAIT: Final = 60.0
"""The most seconds waited for an upstream that asks for time."""

PASSING: Final = frozenset({408, 409, 429})
"""Statuses below 500 that say nothing of the request; every one from 500 on does not either."""
LOCKED_OUT: Final = frozenset({401, 403})
"""Statuses that say the key is at fault."""


class UnansweredError(Exception):
    """The upstream did not answer, or was in trouble; the message says how."""


class LockedOutError(UnansweredError):
    """The upstream does not take the key: nothing more can be asked."""


def is_circumstance(status: int) -> bool:
    """Say whether a status tells of the circumstances (keys, limits, trouble) and not of the request."""
    return status in PASSING or status in LOCKED_OUT or status >= 500  # noqa: PLR2004 - HTTP's own border


def endpoint(base: str) -> httpx2.URL:
    """Return where an API takes chat completions.

    Args:
        base: Its base URL, such as `https://api.openai.com/v1`; a query stays (Azure's `api-version`).

    Raises:
        ValueError: It is no base URL.
    """
    try:
        url = httpx2.URL(base.strip())
    except httpx2.InvalidURL:
        url = httpx2.URL("")
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("--upstream: not a base URL; give one such as https://api.openai.com/v1")
    return url.copy_with(path=f"{url.path.rstrip('/')}/chat/completions")


@dataclass(frozen=True, slots=True)
class Upstream:
    """A real API.

    Attributes:
        client: What sends, with its timeouts.
        url: Where chat completions are asked for, as `endpoint` returns it.
        key: The key.
    """

    client: httpx2.Client
    url: httpx2.URL
    key: str

    def ask(self, request: Mapping[str, Any]) -> Answer:
        """Send a chat completion's request and return the answer, whatever its status.

        Raises:
            UnansweredError: There was none.
        """
        try:
            response = self.client.post(
                self.url,
                json=request,
                # Azure reads the one, everybody else the other.
                headers={"authorization": f"Bearer {self.key}", "api-key": self.key},
            )
        except (httpx2.HTTPError, UnicodeError) as failed:
            raise UnansweredError(f"no answer: {failed or type(failed).__name__}") from None
        return Answer(response.status_code, dict(response.headers), response.content)


def told(answer: Answer) -> str:
    """Return an answer's status and what its error says."""
    message = as_object((answer.json() or {}).get("error")).get("message")
    return f"{answer.status}: {message}" if message else str(answer.status)


def pause(answer: Answer, attempt: int) -> float:
    """Return how many seconds to wait after so many attempts: what the upstream asks for, else one, then two."""
    try:
        asked = float(answer.headers.get("retry-after-ms", "")) / 1000
    except ValueError:
        try:
            asked = float(answer.headers.get("retry-after", ""))
        except ValueError:
            asked = 2.0 ** (attempt - 1)
    return min(max(asked, 0.0), LONGEST_WAIT)


@dataclass(slots=True)
class Rate:
    """Lets so many requests pass a minute, evenly.

    Attributes:
        per_minute: How many; None: as fast as they come.
        monotonic: Seconds of a steady clock.
        sleep: Waits for some seconds.
    """

    per_minute: float | None
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    _next: float = float("-inf")

    def wait(self) -> None:
        """Wait until the next request may go."""
        if self.per_minute is None:
            return
        now = self.monotonic()
        if now < self._next:
            self.sleep(self._next - now)
        self._next = max(now, self._next) + 60 / self.per_minute


@dataclass(slots=True)
class Budget:
    """What may be spent on an upstream.

    Attributes:
        max_requests: Requests that may be sent; None: any number.
        max_tokens: Tokens that may be used, of prompts and completions; None: any number.
        requests: Requests that were sent.
        tokens: Tokens that the upstream says were used.
    """

    max_requests: int | None = None
    max_tokens: int | None = None
    requests: int = 0
    tokens: int = 0

    def exceeded(self, tokens: int) -> str | None:
        """Return why a request that will likely use so many tokens may not be sent, or None if it may."""
        if self.max_requests is not None and self.requests >= self.max_requests:
            return f"the budget of {self.max_requests} requests is used up"
        if self.max_tokens is not None and self.tokens + tokens > self.max_tokens:
            return f"the budget of {self.max_tokens} tokens: {self.tokens} are used, and this takes {tokens}"
        return None
