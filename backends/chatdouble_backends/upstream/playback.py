"""Recordings as answers: the recording of the same request, else any rule of the folder that matches."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import orjson

from chatdouble.backend import Backend, Call, Reply
from chatdouble.core.errors import APIError
from chatdouble.core.head import behind_prefix
from chatdouble.core.json import is_object
from chatdouble.recordings.modes import Mode
from chatdouble.recordings.recordings import Recordings
from chatdouble.recordings.redaction import header_secrets
from chatdouble.scripts.matching.compiled_rule import CompiledRule
from chatdouble.scripts.matching.hits import TakeHit, take_hit
from chatdouble.scripts.matching.near_misses import UNMATCHED
from chatdouble.scripts.matching.request_view import ENDPOINTS, any_body
from chatdouble.scripts.reading.load import Script
from chatdouble_backends.scripted import Scripted


class Playback:
    """Answers from recordings, as scripts answer.

    Args:
        recordings: The recordings.
        other: Returns another backend by its name, for rules that name one.
        speed: The replay speed: 1 as recorded, 2 twice as fast, 0 without any waiting.
    """

    def __init__(self, recordings: Recordings, other: Callable[[str], Backend], speed: float) -> None:
        self._recordings = recordings
        self._other = other
        self._speed = speed
        self._folder = Scripted(recordings.all, other, noun="recording")
        self._file = lru_cache(maxsize=1024)(self._scripted)  # so that the rules of a file are compiled once

    async def reply(self, asked: "RecordableCall", index: int | None = None) -> Reply:
        """Answer with a recording; the rules in the file named after the request are tried first.

        Args:
            asked: The call.
            index: The answer to give of those in the request's file; None: the session's next one.

        Raises:
            APIError: No rule matches (404, `no_rule_matched`), or the rule that matches replies with an error.
            ScriptError: The request's file does not load.
        """
        call = asked.call
        call.normalise(asked.request)
        if asked.endpoint:
            return await self._reply_elsewhere(asked, take_hit if index is None else _always(index))
        reply = None
        if self._recordings.at(asked.path) is not None:
            reply = await self._reply_of(asked.path, call, take_hit if index is None else _always(index))
        if reply is None:
            reply = await self._reply_of_folder(call)
        self._set_speed(call)
        return reply

    async def _reply_elsewhere(self, asked: "RecordableCall", take: TakeHit) -> Reply:
        file = self._file(asked.path) if self._recordings.at(asked.path) is not None else None
        reply = await file.reply_other(asked.call, asked.endpoint, take) if file is not None else None
        if reply is None:
            await asyncio.to_thread(self._recordings.all)
            reply = await self._folder.reply_other(asked.call, asked.endpoint)
        if reply is None:
            raise APIError("No recording matched this request.", status=404, code=UNMATCHED)
        self._set_speed(asked.call)
        return reply

    async def _reply_of_folder(self, call: Call) -> Reply:
        await asyncio.to_thread(self._recordings.all)  # reading many files would block the event loop
        try:
            return await self._folder.reply(call)
        except APIError as error:
            unread = [str(wrong) for wrong in self._recordings.errors()]
            if not is_unmatched(error) or not unread:
                raise
            lines = [error.message, "Recordings that cannot be read:", *unread]
            raise APIError("\n".join(lines), status=error.status, code=error.code).with_headers(error.headers) from None

    async def _reply_of(self, file: Path, call: Call, take: TakeHit) -> Reply | None:
        try:
            return await self._file(file).reply(call, take)
        except APIError as error:
            if not is_unmatched(error):
                raise
            return None

    def _scripted(self, file: Path) -> Scripted:
        return Scripted(lambda: self._recordings.at(file) or Script(()), self._other)

    def _set_speed(self, call: Call) -> None:
        """Apply the replay speed to the recorded pace."""
        spec = call.delivery.wanted_pace
        if spec is not None and spec.offsets is not None:
            call.delivery.wanted_pace = spec.model_copy(update={"speed": self._speed}) if self._speed else None


def _always(index: int) -> TakeHit:
    """Return a function that counts nothing, so that a rule gives the reply with this index."""

    async def take(_call: Call, _rule: CompiledRule) -> int:
        return index

    return take


def is_unmatched(error: APIError) -> bool:
    """Tell whether an error means that no rule matched."""
    return error.code == UNMATCHED


@dataclass(frozen=True, slots=True)
class RecordableCall:
    """A call whose request can be recorded.

    Attributes:
        call: The call.
        body: The request's body as it was sent; with the model even if only the path names it (Azure).
        request: The request as recordings store it.
        path: The file of its recording, whether or not it exists.
        secrets: Values that are known to be secret.
        started: When the call arrived, by its steady clock.
        endpoint: The endpoint as recordings store it; empty for chat completions.
    """

    call: Call
    body: dict[str, Any]
    request: Any
    path: Path
    secrets: tuple[str, ...]
    started: float
    endpoint: str = ""

    async def take_position(self, mode: Mode) -> int:
        """Take the request's position among the session's requests that are the same and have the same mode."""
        return await self.call.session.take_position(f"{mode} {self.path.name}")

    async def give_back_position(self, mode: Mode, position: int) -> None:
        """Free a position whose answer was not recorded, or is an error that a retry may overcome."""
        await self.call.session.give_back_position(f"{mode} {self.path.name}", position)

    def elapsed(self) -> float:
        """Return the seconds since the call arrived."""
        return self.call.services.clock.monotonic() - self.started


def recordable(call: Call, recordings: Recordings, secrets: Iterable[str]) -> RecordableCall | None:
    """Return a call as it can be recorded; None if its request is not a JSON object, or is nested too deeply.

    A request to another endpoint than chat completions may have any body, or none.

    Args:
        call: The call.
        recordings: The recordings.
        secrets: Values that are known to be secret, besides those in the call's headers.
    """
    known = (*secrets, *header_secrets(call.headers.items()))
    path, deployment = behind_prefix(call.raw_path)
    elsewhere = (call.method, path) != ("POST", "/chat/completions")
    # Azure's version in the query is no part of a request to a model.
    asked = f"{call.method} {path}"
    endpoint = recordings.endpoint(asked if asked in ENDPOINTS.values() else call.endpoint, known) if elsewhere else ""
    try:
        body = any_body(call) if elsewhere else orjson.loads(call.raw)
        if not is_object(body):
            return None
        if deployment:
            body = {"model": unquote(deployment), **body}
        request = recordings.normalised(body, known)
    except ValueError:
        return None
    started = call.services.clock.monotonic()
    return RecordableCall(call, body, request, recordings.path(request, endpoint), known, started, endpoint)
