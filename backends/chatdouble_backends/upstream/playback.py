"""Recordings as answers: the one that a request names, else whatever rule of the folder matches."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from chatdouble.backend import Backend, Call, Reply
from chatdouble.errors import APIError
from chatdouble.recording.recordings import Recordings
from chatdouble.script.delivery_spec import asked_pace
from chatdouble.script.load import Script
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
        self._whole = Scripted(recordings.all, other)

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
