"""The rules of a folder, read file by file as files appear and change."""

import logging
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

from chatdouble.script.files import files
from chatdouble.script.load import Placed, Script, ScriptError, load

log: Final = logging.getLogger("chatdouble.recording")


class _Read(NamedTuple):
    stamp: tuple[int, int]
    rules: tuple[Placed, ...]


class Library:
    """The script of a folder that others write to.

    Each file is read once, and again when it changes. One that does not load is reported, and has no rules until it
    does. It may be asked from several threads.

    Args:
        folder: The folder.
        monotonic: Seconds of a steady clock.
        every: Seconds between two looks at all files.
    """

    def __init__(self, folder: Path, monotonic: Callable[[], float], every: float = 0.5) -> None:
        self._folder = folder
        self._monotonic = monotonic
        self._every = every
        self._looked: float | None = None
        self._read: dict[Path, _Read] = {}
        self._script = Script(())
        self._lock = Lock()

    def whole(self) -> Script:
        """Return the rules of all files; the same object as long as nothing changes."""
        with self._lock:
            now = self._monotonic()
            if self._looked is None or now - self._looked >= self._every:
                self._looked = now
                self._look()
            return self._script

    def of(self, file: Path) -> Script | None:
        """Return the rules of one file as it is now; None: there is no such file."""
        with self._lock:
            read = self._load(file)
            return None if read is None else Script(read.rules)

    def _look(self) -> None:
        found = {file: read for file in files(self._folder) if (read := self._load(file)) is not None}
        rules = tuple(rule for read in found.values() for rule in read.rules)
        self._read = found
        if rules != self._script.rules:
            self._script = Script(rules)

    def _load(self, file: Path) -> _Read | None:
        try:
            stat = file.stat()
        except OSError:
            return None
        stamp = (stat.st_mtime_ns, stat.st_size)
        read = self._read.get(file)
        if read is None or read.stamp != stamp:
            read = self._read[file] = _Read(stamp, _rules(file))
        return read


def _rules(file: Path) -> tuple[Placed, ...]:
    try:
        return load([file]).rules
    except ScriptError as wrong:
        log.error("a recording does not load, and answers nothing:\n%s", wrong)  # noqa: TRY400 - its author's mistake
        return ()
