"""Scripts that follow changes of their files."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from chatdouble.core.files import files
from chatdouble.scripts.reading.load import Script, ScriptError, load

log: Final = logging.getLogger("chatdouble.scripts")

Stamp = tuple[tuple[str, int, int], ...]


class Watched:
    """A script that follows changes of its files.

    `current` checks the files if the last check is some time ago, so the first request after a change sees it. If the
    files no longer load, the mistakes are logged and the previous rules stay active.

    Args:
        paths: The script files and folders.
        monotonic: A monotonic clock, in seconds.
        every: The seconds between two checks.

    Raises:
        ScriptError: The scripts do not load.
    """

    def __init__(self, paths: Sequence[Path], monotonic: Callable[[], float], every: float = 0.5) -> None:
        self._paths = tuple(paths)
        self._monotonic = monotonic
        self._every = every
        self._looked = monotonic()
        self._stamp = self._stamped()
        self.script = load(self._paths)

    def current(self) -> Script:
        """Return the script as of the last check at which its files loaded."""
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
            log.error("The scripts changed but do not load; the previous rules stay active:\n%s", wrong)  # noqa: TRY400 - a mistake in a script needs no traceback
        else:
            log.info("The scripts changed; rules now: %d", len(self.script.rules))

    def _stamped(self) -> Stamp:
        return tuple(_stamp(file) for path in self._paths for file in files(path))


def _stamp(file: Path) -> tuple[str, int, int]:
    """Return a file's name, modification time and size; zeros if the file is gone."""
    try:
        stat = file.stat()
    except OSError:
        return str(file), 0, 0
    return str(file), stat.st_mtime_ns, stat.st_size
