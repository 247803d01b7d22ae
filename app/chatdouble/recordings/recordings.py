"""A folder of recordings: found by their requests, and written."""

import asyncio
import logging
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any, Final, Literal, NamedTuple

from chatdouble.core.files import Stamp, Watcher, files, stamp_of, write_whole
from chatdouble.core.json import has_more_values, is_array
from chatdouble.recordings.cleaning import Cleaner, configuration_of
from chatdouble.recordings.recording import Recording
from chatdouble.recordings.to_yaml import name_of, recording_file, reply_of, rule_of
from chatdouble.scripts.format.rule import Rule
from chatdouble.scripts.matching.request_view import fingerprint
from chatdouble.scripts.reading.load import Placed, Script, ScriptError, load

log: Final = logging.getLogger("chatdouble.recordings")


_SHORT: Final = 4096
"""The bytes of a file that is read in a few milliseconds."""

End = Literal["stay", "loop", "unmatched"]
"""The behaviour after the last answer to a request."""


class _LoadedFile(NamedTuple):
    stamp: Stamp
    script: Script
    error: ScriptError | None = None


class Library:
    """The rules of a folder that other processes may write to.

    Each file is read once, and again when it changes. A file that does not load is logged and has no rules until it
    is corrected. Safe to use from several threads.

    Args:
        folder: The folder.
        monotonic: Returns the seconds of a steady clock.
        end: The behaviour after the last answer to a request, where a file has none of its own.
    """

    def __init__(self, folder: Path, monotonic: Callable[[], float], end: End = "stay") -> None:
        self._folder = folder
        self._end: End = end
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

    def is_read(self, file: Path) -> bool:
        """Tell whether the rules of a file are known as they are now, or are read in a few milliseconds."""
        stamp, loaded = stamp_of(file), self._loaded.get(file)
        return stamp is None or stamp[1] <= _SHORT or (loaded is not None and loaded.stamp == stamp)

    def of(self, file: Path) -> Script | None:
        """Return the rules of one file, the same object until it changes; None if there is no such file.

        Raises:
            ScriptError: The file does not load.
        """
        loaded = self._loaded.get(file)
        if loaded is None or loaded.stamp != stamp_of(file):
            with self._lock:
                loaded = self._load(file)
        if loaded is not None and loaded.error is not None:
            raise loaded.error
        return None if loaded is None else loaded.script

    def errors(self) -> list[ScriptError]:
        """Return the errors of the files that do not load."""
        self.whole()
        with self._lock:
            return [loaded.error for loaded in self._loaded.values() if loaded.error is not None]

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
            loaded = self._loaded[file] = self._read(file, stamp, loaded.script if loaded else None)
        return loaded

    def _read(self, file: Path, stamp: Stamp, before: Script | None) -> _LoadedFile:
        try:
            script = load([file], before=before, folder=self._folder)
        except ScriptError as wrong:
            # The author's mistake, so no traceback; the lines are the mistakes.
            log.error("ignored a recording that does not load:\n%s", wrong, extra={"multiline": True})  # noqa: TRY400
            return _LoadedFile(stamp, Script(()), wrong)
        if self._end == "stay":
            return _LoadedFile(stamp, script)
        rules = (replace(placed, rule=_ending(placed.rule, self._end)) for placed in script.rules)
        return _LoadedFile(stamp, Script(tuple(rules)))


def _ending(rule: Rule, end: End) -> Rule:
    """Return a recording's rule with an end of its sequence, unless it has one."""
    if "then" in rule.model_fields_set or not is_recorded(rule):
        return rule
    return rule.model_copy(update={"reply": None, "sequence": rule.replies(), "then": end})


def is_recorded(rule: Rule) -> bool:
    """Tell whether all replies of a rule are recorded."""
    return all(reply.recorded is not None for reply in rule.replies())


_MOST_VALUES: Final = 500_000
"""The values of a recording. With their keys they are the million that a file may have to be read."""

_MOST_PATHS: Final = 4096
"""The paths that are remembered by the fingerprints of their requests."""

RETRIED_STATUSES: Final = frozenset({408, 409, 429, *range(500, 600)})
"""Statuses that SDKs retry. A recording with one of them is replaced by the answer to the retry."""


class Recordings:
    """The recordings in a folder, one file each, named after their requests.

    Args:
        folder: The folder; created when the first recording is written.

    Attributes:
        folder: The folder.
        configuration: Its configuration.
        normalised: Returns a request as recordings store it, as `Cleaner.request` does.
        endpoint: Returns an endpoint as recordings store it, as `Cleaner.endpoint` does.
        at: Returns the rules in a file of the folder, as `Library.of` does.

    Raises:
        ValueError: The folder's configuration is invalid.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.configuration = configuration_of(folder)
        self._cleaner = Cleaner(self.configuration)
        self.normalised: Final = self._cleaner.request
        self.endpoint: Final = self._cleaner.endpoint
        # Files change in real time, whatever the server's clock.
        self._library = Library(folder, time.monotonic, self.configuration.then)
        self.at: Final = self._library.of
        self._paths: dict[tuple[str, bytes | None], Path] = {}
        self._positions: dict[Path, list[int]] = {}
        self._renewed: set[Path] = set()
        self._writing = Lock()

    def path(self, request: Any, endpoint: str = "") -> Path:
        """Return the file for a request's recording, whether or not it exists.

        Args:
            request: The request as `normalised` returns it.
            endpoint: The endpoint as `endpoint` returns it; empty for chat completions.
        """
        known = endpoint, fingerprint(request)
        path = self._paths.get(known)
        if path is None:
            if len(self._paths) > _MOST_PATHS:
                self._paths.clear()
            path = self._paths[known] = self.folder / f"{name_of(request, endpoint)}.yaml"
        return path

    def all(self) -> Script:
        """Return the rules of all files in the folder."""
        return self._library.whole()

    def errors(self) -> list[ScriptError]:
        """Return the errors of the files that do not load."""
        return self._library.errors()

    async def read(self, path: Path) -> None:
        """Have a thread read a file, unless it is short, so that the others of its methods take no time."""
        if not self._library.is_read(path):
            with suppress(ScriptError):  # they raise it
                await asyncio.to_thread(self.at, path)

    def holds(self, path: Path) -> bool:
        """Tell whether a file holds one rule with recorded answers, to which others can be added.

        Raises:
            ScriptError: The file does not load.
        """
        return self._recorded_rule(path) is not None

    def index_of(self, path: Path, position: int) -> int | None:
        """Return the index of the answer with a position in the order of requests.

        None: it is still to be recorded, or is an error that a retry may overcome.

        Raises:
            ScriptError: The file does not load.
        """
        placed = self._recorded_rule(path)
        replies = placed.rule.replies() if placed is not None else []
        positions = self._positions_in(path, len(replies))
        index = bisect_left(positions, position)
        if index == len(positions) or positions[index] != position:
            return None
        answer = replies[index].recorded
        return None if answer is None or answer.status in RETRIED_STATUSES else index

    def save(self, recording: Recording, secrets: Iterable[str] = (), position: int = 0, *, renew: bool = True) -> Path:
        """Write a recording without its secrets, and return its file.

        Args:
            recording: The request and its answer as they travelled.
            secrets: Values that are known to be secret, such as the API key.
            position: The position of the answer among those to the same request; it replaces one with the same.
            renew: Whether answers that were there before this server are dropped.

        Raises:
            OSError: The file cannot be written.
            ValueError: It has more values than a file may have.
        """
        cleaned = self._cleaner.recording(recording, secrets)
        path = self.path(cleaned.request, cleaned.endpoint)
        with self._writing:
            placed = None if renew and path not in self._renewed else self._readable_rule(path)
            if renew:
                self._renewed.add(path)
            rule, replies = (rule_of(cleaned, self.configuration), []) if placed is None else _written(placed)
            positions = self._positions_in(path, len(replies))
            index = bisect_left(positions, position)
            replaced = int(index < len(positions) and positions[index] == position)
            replies[index : index + replaced] = [reply_of(cleaned)]
            if has_more_values([rule, *replies], _MOST_VALUES):
                raise ValueError(f"it has more than {_MOST_VALUES:,} values")
            write_whole(path, recording_file(rule, replies))
            self._positions[path] = [*positions[:index], position, *positions[index + replaced :]]
        return path

    def _positions_in(self, path: Path, count: int) -> list[int]:
        """Return the positions of a file's answers; those of another process or an edited file count from 0."""
        positions = self._positions.get(path, [])
        return positions if len(positions) == count else [*range(count)]

    def _readable_rule(self, path: Path) -> Placed | None:
        try:
            return self._recorded_rule(path)
        except ScriptError:
            return None

    def _recorded_rule(self, path: Path) -> Placed | None:
        script = self.at(path)
        if script is None or len(script.rules) != 1 or not is_recorded(script.rules[0].rule):
            return None
        return script.rules[0]


def _written(placed: Placed) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return a recording's rule and its replies as its file has them, whatever was edited there."""
    rule = as_written(placed)
    return rule, [*rule["sequence"]] if "sequence" in rule else [rule["reply"]]


def as_written(placed: Placed) -> dict[str, Any]:
    """Return a rule as its file has it."""
    value: Any = placed.source.value
    rule: dict[str, Any] = (value if is_array(value) else value["rules"])[placed.index]
    return rule
