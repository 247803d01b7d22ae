"""The upstream backend: answers from a real API, or from recordings of one."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeVar

from chatdouble.backend import Backend, Call, Options, Relay, Reply
from chatdouble.core.errors import APIError
from chatdouble.core.files import files, is_folder
from chatdouble.recordings.modes import Mode, mode_of
from chatdouble.recordings.recordings import Recordings
from chatdouble.scripts.reading.load import Placed, ScriptError
from chatdouble_backends.upstream.client import UpstreamBody, UpstreamClient
from chatdouble_backends.upstream.playback import Playback, RecordableCall, is_unmatched, recordable
from chatdouble_backends.upstream.recorder import PlaceInSequence, Recorder
from chatdouble_backends.upstream.target import end_to_end, target

log: Final = logging.getLogger("chatdouble.upstream")

NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "replay": ("recordings",),
    "record": ("upstream", "recordings"),
    "rerecord": ("upstream", "recordings"),
    "passthrough": ("upstream",),
}
"""The options that each mode requires."""

_FLAGS: Final = {"upstream": "--upstream URL", "recordings": "--recordings FOLDER"}

_T = TypeVar("_T")


def make(options: Options) -> Backend:
    """Make the upstream backend.

    Raises:
        ValueError: An option is invalid, or one that the mode requires is missing.
    """
    missing = [name for name in NEEDS[options.mode] if getattr(options, name) is None]
    if missing:
        hint = "; to relay without recordings, add --mode passthrough" if options.upstream else ""
        raise ValueError(f"mode: {options.mode} needs {' and '.join(_FLAGS[name] for name in missing)}{hint}")
    if options.mode == "replay" and options.recordings and not is_folder(options.recordings):
        raise ValueError(f"recordings: no such folder: {options.recordings}")
    return Upstream(options)


class Upstream:
    """A backend that relays to an upstream, records its answers, and replays them.

    Args:
        options: The server's options.

    Raises:
        ValueError: The base URL or the folder's configuration is invalid.
    """

    def __init__(self, options: Options) -> None:
        self._mode, self._header = options.mode, options.allow_mode_header
        self._secrets = (options.upstream_key,) if options.upstream_key else ()
        self._client: UpstreamClient | None = None
        self._recordings: Recordings | None = None
        if options.upstream is not None:
            api = target(options.upstream, options.upstream_key)
            self._client, self._origin = UpstreamClient(api, options.upstream_timeout), api.origin
        if options.recordings is not None:
            self._recordings = Recordings(options.recordings)
            self._playback = Playback(self._recordings, _without_upstream(options.other), options.replay_speed)

    async def reply(self, call: Call) -> Reply:
        """Answer a call in its mode.

        Raises:
            APIError: The upstream cannot be reached; the request's recording cannot be read (500, `script_error`); or,
                in replay, no recording matches (404, `no_rule_matched`).
        """
        mode = mode_of(call, self._mode, header=self._header)
        call.notes.mode = mode
        try:
            return await _MODES[mode](self, call)
        except ScriptError as wrong:
            error = APIError(
                f"The recording cannot be read:\n{wrong}", status=500, type="script_error", code="script_error"
            )
            raise error.with_headers({"x-should-retry": "false"}) from None

    def relays(self, call: Call) -> bool:
        """Tell whether the upstream may answer a request: in every mode but replay."""
        return mode_of(call, self._mode, header=self._header) != "replay"

    @staticmethod
    def has_recordings() -> bool:
        """Tell whether a request may refer to what an upstream stored: always."""
        return True

    @property
    def uses(self) -> frozenset[str]:
        """The options it uses: what belongs to an upstream or to recordings only with one."""
        upstream = {"upstream_key", "upstream_timeout"} if self._client else set[str]()
        recordings = {"replay_speed"} if self._recordings else set[str]()
        return frozenset({"mode", "allow_mode_header", "upstream", "recordings", *upstream, *recordings})

    @property
    def unwritten(self) -> int:
        """The number of recordings that could not be written, or were not yet written; of a stopped server, lost."""
        recordings = self._recordings
        return 0 if recordings is None else recordings.unwritten + recordings.unfinished

    def rules(self) -> Sequence[Placed]:
        """Return the recordings that are to be replayed; none in the other modes."""
        if self._mode != "replay" or self._recordings is None:
            return ()
        return self._recordings.all().rules

    def summary(self) -> str:
        """Return the mode, the upstream, and the folder of recordings with the number of its files."""
        parts = [f"mode: {self._mode}"]
        if self._client is not None:
            parts.append(f"upstream: {self._origin}")
        if self._recordings is not None:
            folder = self._recordings.folder
            parts.append(f"recordings: {folder}, {len([*files(folder)])} files")
        return "; ".join(parts)

    async def relay_other(self, call: Call) -> Relay | None:
        """Answer a call of another endpoint in its mode; None: replay has no recording of it.

        Raises:
            APIError: The upstream cannot be reached.
        """
        try:
            reply = await self.reply(call)
        except APIError as error:
            if not is_unmatched(error):
                raise
            return None
        return reply if isinstance(reply, Relay) else None

    async def aclose(self) -> None:
        """Close the connections to the upstream, and report the recordings that nobody waits for any more."""
        if self._client is not None:
            await self._client.aclose()
        if self._recordings is not None and self._recordings.unfinished:
            log.warning("recordings under way when the server stopped, and lost: %d", self._recordings.unfinished)

    async def replay(self, call: Call) -> Reply:
        """Answer from recordings; the upstream is never called.

        Raises:
            APIError: 404, `no_rule_matched`: no recording matches.
        """
        recordings = _required(self._recordings, "replay")
        asked = await call.apart(recordable, call, recordings, self._secrets)
        if asked is None:
            message = "No recording matched: the request is not a JSON object, or is nested too deeply."
            raise APIError(message, status=404, code="no_rule_matched")
        return await self._playback.reply(asked)

    async def record(self, call: Call) -> Reply:
        """Answer from recordings; call the upstream if there is none, or only an error that a retry may overcome.

        A session that repeats a request gets the recorded answers in order, and from then on the upstream's.

        Raises:
            APIError: The upstream cannot be reached.
            ScriptError: The request's recording cannot be read.
        """
        recordings = _required(self._recordings, "record")
        asked = await call.apart(recordable, call, recordings, self._secrets)
        if asked is None:
            return await self.rerecord(call)
        position = index = None
        await recordings.read(asked.path)
        if recordings.holds(asked.path):
            position = await asked.take_position("record")
            index = recordings.index_of(asked.path, position)
        if position is None or index is not None:
            reply = await self._playback.found(asked, index)
            if reply is not None:
                return reply
        if position is None:
            position = await asked.take_position("record")
        return await self._ask(asked, PlaceInSequence("record", position))

    async def rerecord(self, call: Call) -> Relay:
        """Answer from the upstream, and record the answer in place of an earlier one.

        Raises:
            APIError: The upstream cannot be reached.
        """
        recordings = _required(self._recordings, "rerecord")
        asked = await call.apart(recordable, call, recordings, self._secrets)
        if asked is None:
            call.notes.not_recorded = "its request is not a JSON object, or is nested too deeply"
            return await self.passthrough(call)
        await recordings.settled(asked.path)
        return await self._ask(asked, PlaceInSequence("rerecord", await asked.take_position("rerecord")))

    async def _ask(self, asked: RecordableCall, place: PlaceInSequence) -> Relay:
        """Answer from the upstream, and record the answer."""
        recordings, client = _required(self._recordings, "rerecord"), _required(self._client, "rerecord")
        try:
            response = await client.send(asked.call, readable=True)
        except BaseException:
            await asked.give_back_position(*place)
            raise
        pieces = Recorder(asked, place, response, recordings).listen(client.bytes(response))
        return Relay(response.status_code, [*end_to_end(response)], UpstreamBody(pieces, response))

    async def passthrough(self, call: Call) -> Relay:
        """Answer from the upstream; recordings are neither read nor written.

        Raises:
            APIError: The upstream cannot be reached.
        """
        client = _required(self._client, "passthrough")
        response = await client.send(call, readable=False)
        pieces = client.bytes(response)
        return Relay(response.status_code, [*end_to_end(response)], UpstreamBody(pieces, response))


_MODES: Final[Mapping[Mode, Callable[[Upstream, Call], Awaitable[Reply]]]] = {
    "replay": Upstream.replay,
    "record": Upstream.record,
    "rerecord": Upstream.rerecord,
    "passthrough": Upstream.passthrough,
}


def _required(part: _T | None, mode: str) -> _T:
    """Return a part that a mode requires.

    Raises:
        APIError: 400: the server was started without it.
    """
    if part is None:
        flags = " and ".join(_FLAGS[name] for name in NEEDS[mode])
        message = f"Mode {mode!r} is not available: start the server with {flags}."
        raise APIError(message, param="mode", code="mode_not_available")
    return part


def _without_upstream(other: Callable[[str], Backend]) -> Callable[[str], Backend]:
    """Return the function that finds other backends, without this one: a recording that named it would never end."""

    def named(name: str) -> Backend:
        return NoUpstream() if name == "upstream" else other(name)

    return named


class NoUpstream:
    """Stand-in for the upstream backend in recordings; refuses every call."""

    async def reply(self, call: Call) -> Reply:
        """Refuse the call.

        Raises:
            APIError: Always.
        """
        del call
        raise APIError("A recording cannot use `upstream: true`.", status=500, code="script_error")
