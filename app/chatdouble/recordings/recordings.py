"""A folder of recordings: found by their requests, and written."""

import asyncio
import time
from bisect import bisect_left
from collections.abc import Coroutine, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, Final

from chatdouble.core.files import write_whole
from chatdouble.core.json import has_more_values, is_array
from chatdouble.recordings.cleaning import Cleaner, configuration_of
from chatdouble.recordings.folder import Library, is_recorded
from chatdouble.recordings.recording import Recording
from chatdouble.recordings.to_yaml import name_of, recording_file, reply_of, rule_of
from chatdouble.scripts.matching.request_view import fingerprint
from chatdouble.scripts.reading.load import Placed, ScriptError

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
        sync: Whether to wait until the disk has each recording.

    Attributes:
        folder: The folder.
        configuration: Its configuration.
        normalised: Returns a request as recordings store it, as `Cleaner.request` does.
        endpoint: Returns an endpoint as recordings store it, as `Cleaner.endpoint` does.
        all: Returns the rules of all files in the folder, as `Library.whole` does.
        current: Returns them as they were when `all` was last called, as `Library.current` does.
        at: Returns the rules in a file of the folder, as `Library.of` does.
        unwritten: The number of recordings that could not be written.
        unfinished: The number of recordings under way, and of those whose writing was given up.

    Raises:
        ValueError: The folder's configuration is invalid.
    """

    def __init__(self, folder: Path, *, sync: bool = True) -> None:
        self.folder = folder
        self._sync = sync
        self.configuration = configuration_of(folder)
        self._cleaner = Cleaner(self.configuration)
        self.normalised: Final = self._cleaner.request
        self.endpoint: Final = self._cleaner.endpoint
        # Files change in real time, whatever the server's clock.
        self._library = Library(folder, time.monotonic, self.configuration.then)
        self.all: Final = self._library.whole
        self.current: Final = self._library.current
        self.at: Final = self._library.of
        self._paths: dict[tuple[str, bytes | None], Path] = {}
        self._positions: dict[Path, list[int]] = {}
        self._renewed: set[Path] = set()
        self._writing = Lock()
        self._under_way: dict[Path, asyncio.Task[None]] = {}
        self.unwritten = self.unfinished = 0

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

    def errors(self) -> list[ScriptError]:
        """Return the errors of the files that do not load."""
        return self._library.errors()

    def begin(self, path: Path, saving: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Begin to save a recording, after those that are under way for the same file."""
        task = asyncio.ensure_future(_after(self._under_way.get(path), saving))
        self._under_way[path] = task
        self.unfinished += 1
        task.add_done_callback(partial(self._ended, path))
        return task

    def _ended(self, path: Path, task: asyncio.Task[None]) -> None:
        if self._under_way.get(path) is task:
            del self._under_way[path]
        self.unfinished -= not task.cancelled()

    async def settled(self, path: Path) -> None:
        """Wait for recordings under way whose file this is."""
        while path in self._under_way:
            await asyncio.wait((self._under_way[path],))

    async def read(self, path: Path) -> None:
        """Have a thread read a file, unless it is short, so that the others of its methods take no time."""
        if path in self._under_way:
            await self.settled(path)
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
        if _least_frames(recording) > _MOST_VALUES:  # before the frames of a stream of blank lines are made
            raise _too_many_values()
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
                raise _too_many_values()
            self._write(path, recording_file(rule, replies))
            self._positions[path] = [*positions[:index], position, *positions[index + replaced :]]
        return path

    def _write(self, path: Path, text: str) -> None:
        try:
            write_whole(path, text, sync=self._sync)
        except OSError:
            self.unwritten += 1
            raise

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


def _least_frames(recording: Recording) -> int:
    """Return how many frames an answer has at least."""
    if not recording.streamed:
        return 0
    ends = (b"\n\n", b"\r\n\r\n", b"\r\r")
    return sum(data.count(end) for _, data in recording.pieces for end in ends)


def _too_many_values() -> ValueError:
    return ValueError(f"it has more than {_MOST_VALUES:,} values")


async def _after(before: asyncio.Task[None] | None, saving: Coroutine[Any, Any, None]) -> None:
    """Await the end of a task, however it ends, and then another."""
    if before is not None:
        await asyncio.wait((before,))
    await saving


def _written(placed: Placed) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return a recording's rule and its replies as its file has them, whatever was edited there."""
    rule = as_written(placed)
    return rule, [*rule["sequence"]] if "sequence" in rule else [rule["reply"]]


def as_written(placed: Placed) -> dict[str, Any]:
    """Return a rule as its file has it."""
    value: Any = placed.source.value
    rule: dict[str, Any] = (value if is_array(value) else value["rules"])[placed.index]
    return rule
