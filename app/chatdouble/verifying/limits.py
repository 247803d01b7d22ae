"""How fast and how much an upstream is asked."""

from collections.abc import Callable
from dataclasses import dataclass


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
