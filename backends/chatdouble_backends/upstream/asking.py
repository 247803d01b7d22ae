"""What a call asks of recordings."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from chatdouble.backend import Call
from chatdouble.recording.recordings import Recordings
from chatdouble.recording.secrets import known_from
from chatdouble.script.kinds import is_object


@dataclass(frozen=True, slots=True)
class Asking:
    """A call whose request can be recorded.

    Attributes:
        call: The call.
        body: Its request, as it was sent; the model is there even where the path names it (Azure).
        asked: Its request, as recordings have it.
        secrets: Values that are known to be secret.
        started: When it came, by its steady clock.
    """

    call: Call
    body: dict[str, Any]
    asked: Any
    secrets: tuple[str, ...]
    started: float

    def elapsed(self) -> float:
        """Return the seconds since it came."""
        return self.call.services.clock.monotonic() - self.started


def asking(call: Call, recordings: Recordings, secrets: Iterable[str]) -> Asking | None:
    """Return what a call asks; None: its request is no JSON object, or one that is nested too deeply.

    Args:
        call: The call.
        recordings: The recordings.
        secrets: Values that are known to be secret besides those in the call's headers.
    """
    known = (*secrets, *known_from(call.headers.items()))
    try:
        body: Any = orjson.loads(call.raw)
        if not is_object(body):
            return None
        if call.deployment:
            body = {"model": call.deployment, **body}
        return Asking(call, body, recordings.asked(body, known), known, call.services.clock.monotonic())
    except ValueError:
        return None
