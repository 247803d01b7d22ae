"""Scripts that are read again when their files change."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from chatdouble.core.files import files
from chatdouble.scripts.reading.load import Script, ScriptError, load

log: Final = logging.getLogger("chatdouble.scripts")

Stamp = tuple[tuple[str, int, int], ...]


class Watched:
    """A script that follows its files.

    It looks at them when it is asked for and some time has gone by, so that a change is seen by the first request
    after it. Scripts that do not load are reported, and the rules before them stay.

    Args:
        paths: The script files and folders.
        monotonic: Seconds of a steady clock.
        every: Seconds between two looks at the files.

    Raises:
        ScriptError: The scripts do not load the first time.
    """

    def __init__(self, paths: Sequence[Path], monotonic: Callable[[], float], every: float = 0.5) -> None:
        self._paths = tuple(paths)
        self._monotonic = monotonic
        self._every = every
        self._looked = monotonic()
        self._stamp = self._stamped()
        self.script = load(self._paths)

    def current(self) -> Script:
        """Return the script as the files have it, or as they had it when they last loaded."""
        now = self._monotonic()
        if now - self._looked >= self._every:
            self._looked = now
            self._look()
        return self.script

    def _look(self) -> None:
        stamp = self._stamped()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self.script = load(self._paths)
        except ScriptError as wrong:
            log.error("scripts changed but do not load; the old rules stay:\n%s", wrong)  # noqa: TRY400 - the author's mistake: no traceback
        else:
            log.info("scripts changed; rules now: %d", len(self.script.rules))

    def _stamped(self) -> Stamp:
        return tuple(_stamp(file) for path in self._paths for file in files(path))


def _stamp(file: Path) -> tuple[str, int, int]:
    """Return what tells one version of a file from another; a file that is gone has none."""
    try:
        stat = file.stat()
    except OSError:
        return str(file), 0, 0
    return str(file), stat.st_mtime_ns, stat.st_size
