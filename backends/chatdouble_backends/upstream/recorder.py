"""The recorder: listens to an answer on its way to the client, and saves it once it is complete."""

import asyncio
import logging
import re
import zlib
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import httpx2

from chatdouble.core.head import is_event_stream
from chatdouble.core.sse import DONE
from chatdouble.recordings.modes import Mode
from chatdouble.recordings.recording import Piece, Recording
from chatdouble.recordings.recordings import RETRIED_STATUSES, Recordings
from chatdouble.scripts.reading.load import ScriptError
from chatdouble_backends.upstream.playback import RecordableCall

log: Final = logging.getLogger("chatdouble.upstream")

LARGEST: Final = 64 * 1024 * 1024
"""The most bytes of an answer that are kept for its recording; longer answers are not recorded."""

REFUSED_STATUSES: Final = frozenset({401, 403})
"""Statuses that depend on the key and not on the request; such answers are never recorded."""

_HIGHEST_STATUS: Final = 599
_RESET_CONTENT: Final = 205
"""A status whose answers have no body."""

_PATIENCE: Final = 0.02
"""The share of a stream's time for which its end may wait for the recording."""
_LEAST_PATIENCE: Final = 0.01
"""The seconds in which few recordings are written: for fewer, a stream's end does not wait at all."""
_LINGERING: Final = 0.1
"""The seconds for which a recording waits for the end to be sent: its thread would delay that by some milliseconds."""

_LAST_FRAME: Final = re.compile(rb"(?:(?<=[\r\n])|\A)data: ?%b(?>\r\n|\n|\r){2}\Z" % re.escape(DONE))
_LONGEST_END: Final = 64
"""The bytes at the end of a stream in which its last frame is looked for."""

_CUT: Final = "its content encoding breaks off"
_UNKNOWN_ENCODING: Final = "its content encoding cannot be undone"


class Decoder(Protocol):
    """Undoes a content encoding, piece by piece."""

    @property
    def eof(self) -> bool:
        """True once the encoded data has reached its end."""
        ...

    @property
    def unused_data(self) -> bytes:
        """The bytes after that end."""
        ...

    def decompress(self, data: bytes, /) -> bytes:
        """Return the decoded bytes that these bytes add."""
        ...


class _Identity:
    """Decoder for bytes without a content encoding."""

    eof = True
    unused_data = b""

    def decompress(self, data: bytes, /) -> bytes:
        """Return the bytes."""
        return data


def decoder(encoding: str) -> Decoder | None:
    """Return a decoder for a content encoding; None if it is not supported.

    Args:
        encoding: The value of `content-encoding`; empty if there is none.
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return _Identity()
    # 32: zlib tells gzip from deflate by the header.
    return zlib.decompressobj(32 + zlib.MAX_WBITS) if name in ("gzip", "x-gzip", "deflate") else None


def _length_of(response: httpx2.Response) -> int:
    """Return the length that a response has declared; -1 if there is none."""
    declared: str = response.headers.get("content-length", "")
    return int(declared) if declared.isdecimal() else -1


class PlaceInSequence(NamedTuple):
    """The place of an answer among those to the same request.

    Attributes:
        mode: The mode in which it is recorded; `rerecord` drops what was recorded before this server.
        position: Its position in the order of the session's requests.
    """

    mode: Mode
    position: int


class Recorder:
    """Records one answer.

    Args:
        asked: The call that it answers.
        place: The place of its recording.
        response: The upstream's response.
        recordings: Where the recording is saved.
    """

    def __init__(
        self, asked: RecordableCall, place: PlaceInSequence, response: httpx2.Response, recordings: Recordings
    ) -> None:
        self._asked = asked
        self._place = place
        self._notes = asked.call.notes
        self._response = response
        self._recordings = recordings
        self._decoder: Decoder | None = decoder(response.headers.get("content-encoding", ""))
        self._pieces: list[Piece] = []
        self._streamed = is_event_stream(response.headers.get("content-type", ""))
        self._tail = self._end = b""
        self._received = 0
        self._length = _length_of(response)
        self._kept = 0
        self._kept_for_good = False
        self._saved_at = -1
        self._over = asyncio.Event()

    async def listen(self, body: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
        """Pass an answer's bytes on; begin to save a complete answer before its last bytes leave.

        A client that hangs up at the last byte, as SDKs do at `[DONE]`, therefore loses no recording. The last bytes
        wait for the recording; those of a stream only for a small share of the time that it took.
        """
        try:
            async for data in body:
                self._receive(data)
                at_once, end = self._parted(data) if self._is_complete() else (data, b"")
                if at_once:
                    yield at_once
                if end:  # only the end waits for the recording
                    await self._save()
                    yield end
            await self._save()
        finally:
            self._over.set()
            if self._asked.call.recording is None:
                await self._asked.give_back_position(*self._place)
            await body.aclose()

    def _receive(self, data: bytes) -> None:
        self._received += len(data)
        if self._decoder is None:
            return
        try:
            decoded = self._decoder.decompress(data)
        except zlib.error:
            self._give_up(_UNKNOWN_ENCODING)
            return
        if self._decoder.unused_data:
            self._give_up(_UNKNOWN_ENCODING)
            return
        self._kept += len(decoded)
        self._pieces.append(Piece(self._asked.elapsed(), decoded))
        if self._kept > LARGEST:
            self._give_up(f"it has more than {LARGEST} bytes")
        elif self._streamed:
            # All else waits for the thread that saves: thousands of frames would take longer than to relay them.
            self._tail = (self._tail + decoded)[-_LONGEST_END:]
            end = _LAST_FRAME.search(self._tail) if DONE in self._tail else None
            self._end = end[0] if end else b""

    def _give_up(self, reason: str) -> None:
        self._decoder = None
        self._pieces.clear()
        self._not_recorded(reason)

    def _is_complete(self) -> bool:
        """Tell whether the answer is complete, as far as can be known before it ends."""
        return bool(self._end) or self._received == self._length

    def _parted(self, data: bytes) -> tuple[bytes, bytes]:
        """Return the bytes before the frame that ends a stream, and that frame; none and all if it is not plain."""
        return (data[: -len(self._end)], self._end) if self._end and data.endswith(self._end) else (b"", data)

    def _is_cut(self) -> bool:
        """Tell whether the encoded data breaks off before the end of the answer."""
        return bool(self._received) and not self._end and self._decoder is not None and not self._decoder.eof

    async def _save(self) -> None:
        """Begin to save what was received, unless that is under way, and wait for it as long as the client may."""
        if self._saved_at == self._received:
            return
        self._saved_at = self._received
        call = self._asked.call
        # By the event loop's clock: the server's may stand still.
        patience = _PATIENCE * call.elapsed() if self._streamed else None
        waits = patience is None or patience >= _LEAST_PATIENCE
        call.recording = self._recordings.begin(self._asked.path, self._saved(self._recording(), at_once=waits))
        if waits:
            await asyncio.wait((call.recording,), timeout=patience)

    async def _saved(self, recording: Recording | None, *, at_once: bool) -> None:
        """Save a recording, and free the position of one that is not to be kept."""
        if not at_once:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), _LINGERING)
            await asyncio.sleep(0)  # in which the end leaves
        try:
            if recording is not None:
                await self._write(recording)
        finally:
            if not self._kept_for_good:
                await self._asked.give_back_position(*self._place)

    def _recording(self) -> Recording | None:
        """Return what was received as a recording; None: it is not to be recorded, which is noted."""
        status = self._response.status_code
        if status in REFUSED_STATUSES:
            self._not_recorded(f"the upstream refused the key ({status})")
            return None
        if status > _HIGHEST_STATUS or (status == _RESET_CONTENT and self._kept):
            self._not_recorded(f"no answer of status {status} can be replayed as it is")
            return None
        if self._decoder is None:
            if self._notes.not_recorded is None:
                self._not_recorded(_UNKNOWN_ENCODING)
            return None
        if self._is_cut():
            self._not_recorded(_CUT)
            return None
        headers = tuple((name.lower(), value) for name, value in self._response.headers.multi_items())
        return Recording(self._asked.body, status, headers, tuple(self._pieces), self._asked.endpoint)

    async def _write(self, recording: Recording) -> None:
        """Have a thread write a recording; note its file, or why there is none."""
        try:
            path = await asyncio.to_thread(self._save_and_read, recording)
        except OSError as wrong:
            self._not_recorded(": ".join(filter(None, (wrong.strerror, wrong.filename))))
        except RecursionError:
            self._not_recorded("it is nested too deeply")
        except ValueError as wrong:
            self._not_recorded(str(wrong))
        else:
            self._notes.recorded = str(path)
            self._kept_for_good = recording.status not in RETRIED_STATUSES

    def _save_and_read(self, recording: Recording) -> Path:
        """Write a recording; read a long one, too, as the next request would have to."""
        mode, position = self._place
        path = self._recordings.save(recording, self._asked.secrets, position, renew=mode == "rerecord")
        if self._streamed:
            with suppress(ScriptError):  # the request raises it
                self._recordings.at(path)
        return path

    def _not_recorded(self, reason: str) -> None:
        self._notes.not_recorded = reason
        log.warning("passed an answer on without recording it: %s", reason)
