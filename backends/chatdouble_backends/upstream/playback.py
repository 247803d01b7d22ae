"""Recordings as answers: the one that a request names, else whatever rule of the folder matches."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import orjson

from chatdouble.backend import Backend, Call, Reply
from chatdouble.core.errors import APIError
from chatdouble.core.json import is_object
from chatdouble.recordings.recordings import Recordings
from chatdouble.recordings.redaction import known_from
from chatdouble.scripts.format.delivery import asked_pace
from chatdouble.scripts.reading.load import Script
from chatdouble_backends.scripted import Scripted


class Playback:
    """Answers from recordings, as scripts answer.

    Args:
        recordings: The recordings.
        other: Returns another backend by its name, for rules that name one.
        speed: How many times faster than recorded; 0: at once.
    """

    def __init__(self, recordings: Recordings, other: Callable[[str], Backend], speed: float) -> None:
        self._recordings = recordings
        self._other = other
        self._speed = speed
        self._whole = Scripted(recordings.all, other, noun="recording")

    async def reply(self, call: Call, asked: Any, named: Script | None) -> Reply:
        """Answer with a recording.

        Args:
            call: The call.
            asked: Its request as recordings have it.
            named: The rules in the file that the request names, if there is one; they go first.

        Raises:
            APIError: No rule matches (404, `no_rule_matched`), or the reply of the one that does is an error.
        """
        call = replace(call, body=asked)
        reply = await self._unless_missed(named, call) if named is not None else None
        if reply is None:
            await asyncio.to_thread(self._recordings.all)  # reading many files takes a while
            reply = await self._whole.reply(call)
        self._hurry(call)
        return reply

    async def _unless_missed(self, named: Script, call: Call) -> Reply | None:
        try:
            return await Scripted(lambda: named, self._other).reply(call)
        except APIError as error:
            if not is_miss(error):
                raise
            return None

    def _hurry(self, call: Call) -> None:
        """Let a recorded pace be at the speed that was set."""
        spec, facts = asked_pace(call.delivery), call.delivery.facts
        if spec is not None and spec.offsets is not None:
            del facts["pace"]
            if self._speed:
                facts["pace"] = spec.model_copy(update={"speed": self._speed})


def is_miss(error: APIError) -> bool:
    """Say whether an error is that of a call which no rule matches."""
    return error.code == "no_rule_matched"


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
