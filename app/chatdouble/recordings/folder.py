"""The rules of a folder of recordings, read once and again when files change."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Final, Literal, NamedTuple

from chatdouble.core.files import Stamp, Watcher, files, stamp_of
from chatdouble.scripts.format.rule import Rule
from chatdouble.scripts.reading.load import Script, ScriptError, load

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

    def current(self) -> Script:
        """Return the rules as they were when `whole` last looked at the files."""
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
        for placed in script.rules:
            placed.source.forget_value()
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
