"""Answers from an upstream, or from recordings of one."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeVar

from chatdouble.backend import Backend, Call, Options, Relay, Reply, Services
from chatdouble.core.errors import APIError
from chatdouble.recordings.modes import Mode, mode_of
from chatdouble.recordings.recordings import Recordings, is_passing
from chatdouble_backends.upstream.connection import Connection, Passage
from chatdouble_backends.upstream.playback import Playback, asking, is_miss
from chatdouble_backends.upstream.recorder import Recorder
from chatdouble_backends.upstream.target import end_to_end, target

NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "replay": ("recordings",),
    "record": ("upstream", "recordings"),
    "refresh": ("upstream", "recordings"),
    "pass": ("upstream",),
}
"""What each mode cannot be without."""

_T = TypeVar("_T")

_GIVE: Final = {"upstream": "--upstream URL", "recordings": "--recordings FOLDER"}


def make(options: Options) -> Backend:
    """Make the backend that the server's settings ask for.

    Raises:
        ValueError: A setting cannot be used, or the mode needs one that is not given.
    """
    missing = [name for name in NEEDS[options.mode] if getattr(options, name) is None]
    if missing:
        hint = "; to relay without recordings give --mode pass" if options.upstream else ""
        raise ValueError(f"mode: {options.mode} needs {' and '.join(_GIVE[name] for name in missing)}{hint}")
    if options.mode == "replay" and options.recordings and not options.recordings.is_dir():
        raise ValueError(f"recordings: no such folder: {options.recordings}")
    return Upstream(options)


class Upstream:
    """Relays to an upstream, records what it answers, and replays that.

    Args:
        options: What the server was told.

    Raises:
        ValueError: The base URL or the folder's configuration cannot be used.
    """

    def __init__(self, options: Options) -> None:
        self._mode = options.mode
        self._secrets = (options.upstream_key,) if options.upstream_key else ()
        self._connection: Connection | None = None
        self._recordings: Recordings | None = None
        if options.upstream is not None:
            self._connection = Connection(target(options.upstream, options.upstream_key), options.upstream_timeout)
        if options.recordings is not None:
            self._recordings = Recordings(options.recordings)
            self._playback = Playback(self._recordings, _other_than_this(options.other), options.replay_speed)

    async def reply(self, call: Call) -> Reply:
        """Answer a call as its mode has it.

        Raises:
            APIError: The upstream cannot be reached; or, in replay, no recording matches (404, `no_rule_matched`).
        """
        mode = await mode_of(call.services.store, call.session, call.headers, self._mode)
        call.notes["mode"] = mode
        return await _WAYS[mode](self, call)

    async def relays(self, services: Services, session: str, headers: Mapping[str, str]) -> bool:
        """Tell whether the upstream may answer a request: in every mode but replay."""
        return await mode_of(services.store, session, headers, self._mode) != "replay"

    async def aclose(self) -> None:
        """Close the connections to the upstream."""
        if self._connection is not None:
            await self._connection.aclose()

    async def replay(self, call: Call) -> Reply:
        """Answer from recordings, and never from anywhere else.

        Raises:
            APIError: 404, `no_rule_matched`: no recording matches.
        """
        recordings = _given(self._recordings, "replay")
        asked = asking(call, recordings, self._secrets)
        if asked is None:
            raise APIError("No recording has a request that is no JSON object.", status=404, code="no_rule_matched")
        return await self._playback.reply(call, asked.asked, recordings.of(asked.asked))

    async def record(self, call: Call) -> Reply:
        """Answer from recordings; what they do not have, or have as a passing trouble, is asked for and recorded.

        Raises:
            APIError: The upstream cannot be reached.
        """
        recordings = _given(self._recordings, "record")
        asked = asking(call, recordings, self._secrets)
        if asked is None:
            return await self.refresh(call)
        named = recordings.of(asked.asked)
        if named is not None and is_passing(named):
            return await self.refresh(call)
        try:
            return await self._playback.reply(call, asked.asked, named)
        except APIError as error:
            if not is_miss(error):
                raise
        call.notes.pop("near_misses", None)
        return await self.refresh(call)

    async def refresh(self, call: Call) -> Relay:
        """Answer from the upstream, and record it in place of what was recorded.

        Raises:
            APIError: The upstream cannot be reached.
        """
        recordings, connection = _given(self._recordings, "refresh"), _given(self._connection, "refresh")
        asked = asking(call, recordings, self._secrets)
        if asked is None:
            call.notes["not_recorded"] = "its request is no JSON object"
            return await self.relay(call)
        response = await connection.ask(call, readable=True)
        pieces = Recorder(asked, response, recordings).listen(connection.bytes(response))
        return Relay(response.status_code, [*end_to_end(response.headers.raw)], Passage(pieces, response))

    async def relay(self, call: Call) -> Relay:
        """Answer from the upstream, and leave recordings alone.

        Raises:
            APIError: The upstream cannot be reached.
        """
        connection = _given(self._connection, "pass")
        response = await connection.ask(call, readable=False)
        pieces = connection.bytes(response)
        return Relay(response.status_code, [*end_to_end(response.headers.raw)], Passage(pieces, response))


_WAYS: Final[Mapping[Mode, Callable[[Upstream, Call], Awaitable[Reply]]]] = {
    "replay": Upstream.replay,
    "record": Upstream.record,
    "refresh": Upstream.refresh,
    "pass": Upstream.relay,
}


def _given(part: _T | None, mode: str) -> _T:
    """Return what a mode needs.

    Raises:
        APIError: 400: the server was started without it.
    """
    if part is None:
        needs = " and ".join(_GIVE[name] for name in NEEDS[mode])
        raise APIError(f"The mode {mode!r} needs a server with {needs}.", param="mode", code="mode_not_available")
    return part


def _other_than_this(other: Callable[[str], Backend]) -> Callable[[str], Backend]:
    """Return the other backends without this one: a recording that named it would ask for itself."""

    def named(name: str) -> Backend:
        return _Nobody() if name == "upstream" else other(name)

    return named


class _Nobody:
    """What a recording gets that would ask the upstream."""

    async def reply(self, call: Call) -> Reply:
        """Refuse.

        Raises:
            APIError: Always.
        """
        del call
        raise APIError("A recording cannot be answered by the upstream.", status=500, code="script_error")
