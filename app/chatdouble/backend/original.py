"""A request as it was sent, where backends see it in the terms of another API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

CHAT: Final = "chat"
"""The name of the chat completions API in scripts."""


@dataclass(slots=True, eq=False, repr=False)
class Original:
    """A request in the terms of its own API, where that is not chat completions.

    Attributes:
        api: The API's name in scripts.
        body: The body as it was sent, parsed.
        request: The body as the API reads it.
        items: The items of the whole conversation; empty until the session was asked for the earlier ones.
        before: How many of them are of earlier responses.
        size_before: The bytes of those, roughly.
        is_long: Whether the work on the items may keep others waiting.
        kept: The answer to keep where another one is sent: that of a response in the background.
        holds: The id of the conversation that no other request may use meanwhile.
    """

    api: str
    body: dict[str, Any]
    request: Any
    items: Sequence[dict[str, Any]] = ()
    before: int = 0
    size_before: int = 0
    is_long: bool = False
    kept: Mapping[str, Any] | None = None
    holds: str | None = None
