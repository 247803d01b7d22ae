"""Recordings as answers: the recording of the same request, else any rule of the folder that matches."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from chatdouble.backend import Backend, Call, Relay, Reply
from chatdouble.core.errors import APIError
from chatdouble.core.head import behind_prefix
from chatdouble.core.json import is_object, loads
from chatdouble.recordings.modes import Mode
from chatdouble.recordings.recordings import Recordings
from chatdouble.recordings.redaction import header_secrets, query_secrets
from chatdouble.scripts.matching.compiled_rule import CompiledRule
from chatdouble.scripts.matching.index import Index
from chatdouble.scripts.matching.near_misses import UNMATCHED
from chatdouble.scripts.matching.request_view import ENDPOINTS, RequestView, any_body
from chatdouble.scripts.reading.load import Script
from chatdouble.scripts.replying.by_rule import TakeHit, first_answer, take_hit
from chatdouble_backends.scripted import Scripted, index_of

_CHAT: Final = "/chat/completions"
_MOST_INDEXES: Final = 1024
"""The files whose compiled rules are kept."""


class Playback:
    """Answers from recordings, as scripts answer.

    Args:
        recordings: The recordings.
        other: Returns another backend by its name, for rules that name one.
        speed: The replay speed: 1 as recorded, 2 twice as fast, 0 without any waiting.
    """

    def __init__(self, recordings: Recordings, other: Callable[[str], Backend], speed: float) -> None:
        self._recordings = recordings
        self._other = lru_cache(maxsize=None)(other)
        self._speed = speed
        recordings.all()
        self._folder = Scripted(recordings.current, other, noun="recording")
        self._indexes: dict[Path, tuple[Script, Index]] = {}

    async def reply(self, asked: "RecordableCall") -> Reply:
        """Answer with a recording.

        Args:
            asked: The call.

        Raises:
            APIError: No rule matches (404, `no_rule_matched`), or the rule that matches replies with an error.
            ScriptError: The request's file does not load.
        """
        reply = await self._own_reply(asked)
        if reply is None:
            await asyncio.to_thread(self._reload)
            reply = await self._reply_of_folder(asked)
        return self._at_speed(asked.call, reply)

    async def found(self, asked: "RecordableCall", index: int | None = None) -> Reply | None:
        """Answer with a recording, those in the file named after the request first; None: no rule matches.

        Args:
            asked: The call.
            index: The answer to give of those in the request's file; None: the session's next one.

        Raises:
            APIError: The rule that matches replies with an error.
            ScriptError: The request's file does not load.
        """
        reply = await self._own_reply(asked, index)
        if reply is None:
            await asyncio.to_thread(self._reload)
            reply = _fitting(asked, await self._folder.found(asked.call, asked.endpoint))
        return None if reply is None else self._at_speed(asked.call, reply)

    async def _own_reply(self, asked: "RecordableCall", index: int | None = None) -> Reply | None:
        """Answer with the rules in the file named after the request; None: none matches."""
        call = asked.call
        call.normalise(asked.request)
        await self._recordings.read(asked.path)
        script = self._recordings.at(asked.path)
        if script is None:
            return None
        view, take = RequestView(call, asked.endpoint), take_hit if index is None else _always(index)
        candidates = (await call.apart(self._index, asked.path, script)).candidates(view)
        return _fitting(asked, await first_answer(candidates, view, self._other, {}, take))

    def _reload(self) -> None:
        """Look at all files, which takes long if there are many, and compile the rules of those that changed."""
        self._recordings.all()
        self._folder.reload()

    def _at_speed(self, call: Call, reply: Reply) -> Reply:
        """Return a reply after its recorded pace was changed to the replay speed."""
        pace = call.delivery.wanted_pace
        if pace is not None and pace.offsets is not None:
            call.delivery.wanted_pace = pace.model_copy(update={"speed": self._speed}) if self._speed else None
        return reply

    def _index(self, file: Path, script: Script) -> Index:
        """Return the rules of a file as they are now, compiled once."""
        held = self._indexes.get(file)
        if held is None or held[0] is not script:
            if len(self._indexes) > _MOST_INDEXES:
                self._indexes.clear()
            held = self._indexes[file] = script, index_of(script)
        return held[1]

    async def _reply_of_folder(self, asked: "RecordableCall") -> Reply:
        """Answer with any rule of the folder.

        Raises:
            APIError: No rule matches, with the reasons, or the rule that matches replies with an error.
        """
        if asked.endpoint:
            reply = _fitting(asked, await self._folder.found(asked.call, asked.endpoint))
            if reply is None:
                raise APIError("No recording matched this request.", status=404, code=UNMATCHED)
            return reply
        try:
            return await self._folder.reply(asked.call)
        except APIError as error:
            unread = [str(wrong) for wrong in self._recordings.errors()]
            if not is_unmatched(error) or not unread:
                raise
            lines = [error.message, "Recordings that cannot be read:", *unread]
            raise APIError("\n".join(lines), status=error.status, code=error.code).with_headers(error.headers) from None


def _fitting(asked: "RecordableCall", reply: Reply | None) -> Reply | None:
    """Return a reply that may answer a call; that to another endpoint is a response, and no completion."""
    return reply if isinstance(reply, Relay) or not asked.endpoint else None


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
    known = (*secrets, *header_secrets(call.headers.items()), *query_secrets(call.query.decode("latin-1")))
    path, deployment = call.place.path, call.place.deployment
    if path != _CHAT:
        path, deployment = behind_prefix(call.raw_path)
        deployment = unquote(deployment) if deployment else None
    elsewhere = (call.method, path) != ("POST", _CHAT)
    # Azure's version in the query is no part of a request to a model.
    asked = f"{call.method} {path}"
    endpoint = recordings.endpoint(asked if asked in ENDPOINTS.values() else call.endpoint, known) if elsewhere else ""
    try:
        body = any_body(call) if elsewhere else loads(call.raw)
        if not is_object(body):
            return None
        if deployment:
            body = {"model": deployment, **body}
        request = recordings.normalised(body, known, is_large=call.is_large)
    except ValueError:
        return None
    started = call.services.clock.monotonic()
    return RecordableCall(call, body, request, recordings.path(request, endpoint), known, started, endpoint)
