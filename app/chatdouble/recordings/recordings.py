"""A folder of recordings: found by their requests, and written."""

import logging
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Lock
from typing import Any, Final, NamedTuple

from chatdouble.core.files import Stamp, Watcher, files, stamp_of, write_whole
from chatdouble.recordings.cleaning import Cleaner, configuration_of
from chatdouble.recordings.recording import Recording
from chatdouble.recordings.to_yaml import name_of, request_digest, to_yaml
from chatdouble.scripts.reading.load import Script, ScriptError, load

log: Final = logging.getLogger("chatdouble.recordings")


class _LoadedFile(NamedTuple):
    stamp: Stamp
    script: Script


class Library:
    """The rules of a folder that other processes may write to.

    Each file is read once, and again when it changes. A file that does not load is logged and has no rules until it
    is corrected. Safe to use from several threads.

    Args:
        folder: The folder.
        monotonic: Returns the seconds of a steady clock.
    """

    def __init__(self, folder: Path, monotonic: Callable[[], float]) -> None:
        self._folder = folder
        self._watcher = Watcher([folder], monotonic)
        self._loaded: dict[Path, _LoadedFile] = {}
        self._script = Script(())
        self._lock = Lock()

    def whole(self) -> Script:
        """Return the rules of all files; the same object as long as nothing changes."""
        with self._lock:
            if self._watcher.changed():
                self._reload()
            return self._script

    def of(self, file: Path) -> Script | None:
        """Return the rules of one file, the same object until it changes; None if there is no such file."""
        with self._lock:
            loaded = self._load(file)
            return None if loaded is None else loaded.script

    def _reload(self) -> None:
        self._loaded = {file: loaded for file in files(self._folder) if (loaded := self._load(file)) is not None}
        rules = tuple(rule for loaded in self._loaded.values() for rule in loaded.script.rules)
        if rules != self._script.rules:
            self._script = Script(rules)

    def _load(self, file: Path) -> _LoadedFile | None:
        stamp = stamp_of(file)
        if stamp is None:
            return None
        loaded = self._loaded.get(file)
        if loaded is None or loaded.stamp != stamp:
            loaded = self._loaded[file] = _LoadedFile(stamp, _script(file))
        return loaded


def _script(file: Path) -> Script:
    try:
        return load([file])
    except ScriptError as wrong:
        # The author's mistake, so no traceback; the lines are the mistakes.
        log.error("ignored a recording that does not load:\n%s", wrong, extra={"multiline": True})  # noqa: TRY400
        return Script(())


RETRIED_STATUSES: Final = frozenset({408, 409, 429, *range(500, 600)})
"""Statuses that SDKs retry. A recording with one of them is replaced by the answer to the retry."""


class Recordings:
    """The recordings in a folder, one file each, named after their requests.

    Args:
        folder: The folder; created when the first recording is written.

    Raises:
        ValueError: The folder's configuration is invalid.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.configuration = configuration_of(folder)
        self._cleaner = Cleaner(self.configuration)
        self._library = Library(folder, time.monotonic)  # files change in real time, whatever the server's clock

    def normalised(self, body: Any, secrets: Iterable[str] = ()) -> Any:
        """Return a request as recordings store it: without secrets and without the parts that are not compared.

        Args:
            body: The request's JSON value.
            secrets: Values in it that are known to be secret.

        Raises:
            ValueError: The request is nested too deeply to be written.
        """
        try:
            request = self._cleaner.request(body, secrets)
            request_digest(request)
        except (RecursionError, TypeError):
            raise ValueError("a request that is nested too deeply") from None
        return request

    def path(self, request: Any) -> Path:
        """Return the file for a request's recording, whether or not it exists.

        Args:
            request: The request as `normalised` returns it.
        """
        return self.folder / f"{name_of(request)}.yaml"

    def at(self, path: Path) -> Script | None:
        """Return the rules in a file of the folder, the same object until it changes; None if there is none."""
        return self._library.of(path)

    def all(self) -> Script:
        """Return the rules of all files in the folder."""
        return self._library.whole()

    def save(self, recording: Recording, secrets: Iterable[str] = ()) -> Path:
        """Write a recording without its secrets, and return its file; it replaces one with the same request.

        Args:
            recording: The request and its answer as they travelled.
            secrets: Values that are known to be secret, such as the API key.

        Raises:
            OSError: The file cannot be written.
        """
        cleaned = self._cleaner.recording(recording, secrets)
        path = self.path(cleaned.request)
        write_whole(path, to_yaml(cleaned, self.configuration))
        return path


def is_transient(script: Script) -> bool:
    """Tell whether all replies of a script are recorded errors that a retry may overcome."""
    responses = [reply.recorded for placed in script.rules for reply in placed.rule.replies()]
    return all(response is not None and response.status in RETRIED_STATUSES for response in responses)
