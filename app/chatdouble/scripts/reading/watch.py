"""Scripts that are read again when their files change."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import Final

from chatdouble.core.files import Watcher
from chatdouble.scripts.reading.load import Script, ScriptError, load

log: Final = logging.getLogger("chatdouble.scripts")


class Watched:
    """A script that follows its files.

    A change is seen by the first request after it, once some time has passed since the last look. If the changed
    files do not load, the mistakes are logged and the rules stay as they were.

    Args:
        paths: The script files and folders.
        monotonic: Returns the seconds of a steady clock.
        has_upstream: Whether the server has an upstream or recordings of one; else no reply may ask for it.

    Raises:
        ScriptError: The scripts do not load the first time.
    """

    def __init__(self, paths: Sequence[Path], monotonic: Callable[[], float], *, has_upstream: bool = True) -> None:
        self._paths = tuple(paths)
        self._has_upstream = has_upstream
        self._watcher = Watcher(paths, monotonic)
        self._watcher.changed()
        self._is_short = self._watcher.is_short
        self._looking = Lock()
        self.script = self._load()

    def current(self) -> Script:
        """Return the script as its files are now, or as they were when they last loaded.

        Long files, or many, are as they were at the last `look`.
        """
        if self._is_short:
            self.look()
        return self.script

    @property
    def is_late(self) -> bool:
        """True if it is time to look at files that are long, or many, which a thread has to do."""
        return not self._is_short and self._watcher.is_due

    def look(self) -> None:
        """Read the files again if they have changed."""
        with self._looking:
            if self._watcher.changed():
                self._is_short = self._watcher.is_short
                self._reload()

    def _load(self) -> Script:
        script = load(self._paths, before=getattr(self, "script", None))
        mistakes = [] if self._has_upstream else script.without_upstream()
        if mistakes:
            raise ScriptError(mistakes)
        return script

    def _reload(self) -> None:
        try:
            self.script = self._load()
        except ScriptError as wrong:
            # The author's mistake, so no traceback; the lines are the mistakes.
            message = "scripts changed but do not load; the old rules stay:\n%s"
            log.error(message, wrong, extra={"multiline": True})  # noqa: TRY400
        else:
            log.info("scripts changed; rules now: %d", len(self.script.rules))
