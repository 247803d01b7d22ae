"""Listens to an answer on its way to the client, and has it written down when it is whole."""

import asyncio
import logging
import zlib
from collections.abc import AsyncGenerator
from typing import Final, Protocol

import httpx2

from chatdouble.recordings.exchange import Exchanged, Piece
from chatdouble.recordings.recordings import Recordings
from chatdouble.scripts.format.raw_reply import FRAME
from chatdouble_backends.upstream.playback import Asking


class Decoder(Protocol):
    """Unpacks bytes piece by piece."""

    def decompress(self, data: bytes, /) -> bytes:
        """Return what these bytes add to what is unpacked."""
        ...


class _Plain:
    """Bytes that were not packed."""

    def decompress(self, data: bytes, /) -> bytes:
        """Return the bytes."""
        return data


def decoder(encoding: str) -> Decoder | None:
    """Return what undoes a content encoding; None: it cannot be undone here.

    Args:
        encoding: The value of `content-encoding`; empty: none.
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return _Plain()
    # 32: the header tells gzip from zlib.
    return zlib.decompressobj(32 + zlib.MAX_WBITS) if name in ("gzip", "x-gzip", "deflate") else None


log: Final = logging.getLogger("chatdouble.upstream")

_DONE: Final = b"[DONE]".join(FRAME)

LARGEST: Final = 64 * 1024 * 1024
"""The most bytes of an answer that are kept to be written; a longer one is passed on and not recorded."""


class Recorder:
    """One answer, listened to.

    Args:
        asking: What was asked.
        response: The upstream's answer.
        recordings: Where it is written.
    """

    def __init__(self, asking: Asking, response: httpx2.Response, recordings: Recordings) -> None:
        self._asking = asking
        self._notes = asking.call.notes
        self._response = response
        self._recordings = recordings
        self._decoder: Decoder | None = decoder(response.headers.get("content-encoding", ""))
        self._pieces: list[Piece] = []
        self._tail = b""
        self._came = 0
        self._kept = 0
        self._saved = -1

    async def listen(self, body: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
        """Pass an answer's bytes on; once it is whole it is on disk before its last bytes leave.

        A client that hangs up at the last byte, as SDKs do at `[DONE]`, therefore misses nothing and loses nothing.
        """
        try:
            async for data in body:
                self._hear(data)
                if self._is_whole():
                    await self._save()
                yield data
            await self._save()
        finally:
            await body.aclose()

    def _hear(self, data: bytes) -> None:
        self._came += len(data)
        if self._decoder is None:
            return
        try:
            plain = self._decoder.decompress(data)
        except zlib.error:
            self._give_up("its encoding cannot be undone")
            return
        self._kept += len(plain)
        self._tail = (self._tail + plain)[-len(_DONE) :]
        self._pieces.append(Piece(self._asking.elapsed(), plain))
        if self._kept > LARGEST:
            self._give_up(f"it has more than {LARGEST} bytes")

    def _give_up(self, why: str) -> None:
        self._decoder = None
        self._pieces.clear()
        self._not_recorded(why)

    def _is_whole(self) -> bool:
        """Say whether nothing is missing, as far as can be told before the end."""
        return self._tail == _DONE or self._response.headers.get("content-length") == str(self._came)

    async def _save(self) -> None:
        if self._saved == self._came:
            return
        self._saved = self._came
        if self._decoder is None:
            if self._notes.not_recorded is None:
                self._not_recorded("its encoding cannot be undone")
            return
        headers = tuple((name.lower(), value) for name, value in self._response.headers.multi_items())
        exchanged = Exchanged(self._asking.body, self._response.status_code, headers, tuple(self._pieces))
        try:
            path = await asyncio.to_thread(self._recordings.save, exchanged, self._asking.secrets)
        except OSError as wrong:
            self._not_recorded(f"{wrong.strerror}: {wrong.filename}")
        except RecursionError:
            self._not_recorded("it is nested too deeply")
        else:
            self._notes.recorded = str(path)

    def _not_recorded(self, why: str) -> None:
        self._notes.not_recorded = why
        log.warning("an answer is passed on but not recorded: %s", why)
