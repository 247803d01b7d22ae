"""A folder of recordings: found by their requests, and written."""

import logging
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Lock
from typing import Any, Final, NamedTuple

from chatdouble.core.files import files, write_whole
from chatdouble.recordings.cleaning import Cleaner, configuration_of
from chatdouble.recordings.exchange import Exchanged
from chatdouble.recordings.to_yaml import fingerprint, name_of, written
from chatdouble.scripts.reading.load import Placed, Script, ScriptError, load

log: Final = logging.getLogger("chatdouble.recordings")


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


PASSING: Final = frozenset({408, 409, 429, *range(500, 600)})
"""Statuses that SDKs retry: such a recording gives way to what the retry brings."""


class Recordings:
    """Recordings in a folder, one file each, named after their requests.

    Args:
        folder: The folder; made when the first one is written.

    Raises:
        ValueError: Its configuration cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.configuration = configuration_of(folder)
        self._cleaner = Cleaner(self.configuration)
        self._library = Library(folder, time.monotonic)  # files change in real time, whatever the clock is

    def asked(self, body: Any, secrets: Iterable[str] = ()) -> Any:
        """Return a request as recordings have it: without secrets, and without what does not count.

        Args:
            body: The request's JSON value.
            secrets: Values in it that are known to be secret.

        Raises:
            ValueError: It is nested too deeply to be written.
        """
        try:
            found = self._cleaner.request(body, secrets)
            fingerprint(found)
        except (RecursionError, TypeError):
            raise ValueError("a request that is nested too deeply") from None
        return found

    def path(self, asked: Any) -> Path:
        """Return the file of a request's recording, there or not.

        Args:
            asked: The request as `asked` returns it.
        """
        return self.folder / f"{name_of(asked)}.yaml"

    def of(self, asked: Any) -> Script | None:
        """Return the rules in the file of a request's recording; None: there is no such file."""
        return self._library.of(self.path(asked))

    def all(self) -> Script:
        """Return the rules of all files in the folder."""
        return self._library.whole()

    def save(self, exchanged: Exchanged, secrets: Iterable[str] = ()) -> Path:
        """Write an exchange down without its secrets, in place of an earlier one with the same request.

        Args:
            exchanged: The exchange as it was.
            secrets: Values that are known to be secret, such as the key that was used.

        Returns:
            The file.

        Raises:
            OSError: It cannot be written.
        """
        cleaned = self._cleaner.exchange(exchanged, secrets)
        path = self.path(cleaned.request)
        write_whole(path, written(cleaned, self.configuration))
        return path


def is_passing(script: Script) -> bool:
    """Say whether all that a script answers is a recorded trouble that passes."""
    recorded = [reply.recorded for placed in script.rules for reply in placed.rule.replies()]
    return all(response is not None and response.status in PASSING for response in recorded)
