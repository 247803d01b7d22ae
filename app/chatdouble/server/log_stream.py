"""A log handler that never waits for its reader."""

import asyncio
import logging
import os
import select
from contextlib import nullcontext, suppress
from typing import Final, TextIO

_AT_ONCE: Final = 4096
"""Bytes that a pipe takes without blocking once it is ready (PIPE_BUF)."""
_KEPT: Final = 1024 * 1024
"""Bytes that wait for a reader; further lines are dropped."""
_LAST_WAIT: Final = 1000
"""Milliseconds that a process which ends waits for its reader."""
_AGAIN: Final = 0.1
"""Seconds until what waits is tried again."""


class UnblockedHandler(logging.Handler):
    """Writes lines to a stream; a pipe that nobody reads drops lines instead of stopping the server.

    Args:
        stream: The stream, such as standard error.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._waiting = bytearray()
        self._dropped = 0
        self._timer: asyncio.TimerHandle | None = None
        file = _file_of(stream)
        self._file = -1 if file is None else file
        self._poll = None if file is None else select.poll()
        if self._poll is not None:
            self._poll.register(self._file, select.POLLOUT)

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, or keep it until the stream can be written to."""
        line = self.format(record) + "\n"
        if self._poll is None:
            self._stream.write(line)
            self._stream.flush()
            return
        if len(self._waiting) < _KEPT:
            self._waiting += line.encode("utf-8", "backslashreplace")
        else:
            self._dropped += 1
        self._drain()

    def flush(self) -> None:
        """Write what the stream takes now."""
        with self.lock or nullcontext():
            self._timer = None
            self._drain()

    def close(self) -> None:
        """Write what is left, as long as somebody reads it."""
        with self.lock or nullcontext():
            while self._waiting and self._poll is not None and self._poll.poll(_LAST_WAIT):
                self._drain()
        super().close()

    def _drain(self) -> None:
        while self._waiting and self._is_ready():
            try:
                del self._waiting[: os.write(self._file, self._waiting[:_AT_ONCE])]
            except OSError:  # its reader is gone
                self._waiting.clear()
                return
            if self._dropped and not self._waiting:
                self._waiting += b"chatdouble: %d log lines were dropped, because nobody read them\n" % self._dropped
                self._dropped = 0
        if self._waiting and self._timer is None:
            with suppress(RuntimeError):  # a thread without a loop
                self._timer = asyncio.get_running_loop().call_later(_AGAIN, self.flush)

    def _is_ready(self) -> bool:
        return self._poll is not None and bool(self._poll.poll(0))


def _file_of(stream: TextIO) -> int | None:
    """Return a stream's file descriptor if its readiness can be asked for; None: it has none, as in tests."""
    try:
        return stream.fileno() if hasattr(select, "poll") else None
    except (OSError, ValueError):
        return None
