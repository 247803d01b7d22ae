"""One event of a stream of a response."""

from typing import Any

Event = dict[str, Any]


def event(kind: str, **fields: Any) -> Event:
    """Return an event."""
    return {"type": f"response.{kind}", **fields}
