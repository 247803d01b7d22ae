"""The importer: reads files of other tools and writes script files into a folder."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from chatdouble.core.files import bytes_of, files_below, is_folder, sync_folder, write_whole
from chatdouble.core.legible import escaped
from chatdouble.importers import aimock, har, llmock, vcr
from chatdouble.importers.items import (
    WRONG_TYPE,
    ImportedRule,
    Interaction,
    Item,
    Reader,
    Skipped,
    recording_of,
)
from chatdouble.recordings.recording import Recording
from chatdouble.recordings.recordings import Recordings
from chatdouble.recordings.redaction import header_secrets
from chatdouble.recordings.to_yaml import script_file
from chatdouble.scripts.format.rule import Rule
from chatdouble.scripts.reading.mistakes import dotted, mistakes


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file to import.

    Attributes:
        read: Reads one file.
        suffixes: The suffixes of such files; other files in a folder are ignored.
    """

    read: Reader
    suffixes: tuple[str, ...]


KINDS: Final = {
    "vcr": FileKind(vcr.read, (".yaml", ".yml", ".json", ".gz")),
    "aimock": FileKind(aimock.read, (".json",)),
    "llmock": FileKind(llmock.read, (".yaml", ".yml", ".json")),
    "har": FileKind(har.read, (".har", ".json")),
}
"""Kinds of files by name."""


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that an import wrote.

    Attributes:
        source: The imported file.
        path: The written file.
        rules: The number of rules that were added to it.
    """

    source: Path
    path: Path
    rules: int


@dataclass(frozen=True, slots=True)
class SkippedPart:
    """A part of a file that was not imported.

    Attributes:
        source: The file.
        skipped: The part and the reason.
    """

    source: Path
    skipped: Skipped

    def __str__(self) -> str:
        """Return one line: the file, the part, the reason."""
        return escaped(": ".join(filter(None, (str(self.source), self.skipped.where, self.skipped.reason))))


def import_files(kind: FileKind, paths: Iterable[Path], folder: Path) -> Iterator[WrittenFile | SkippedPart]:
    """Convert files of another tool into script files in a folder, without their secrets.

    HTTP interactions become recordings, those with the same request one with its answers in order; the rules of one
    file become a script file of the same name.

    Args:
        kind: The kind of the files.
        paths: Files, and folders to search for files with the kind's suffixes.
        folder: The folder to write to.

    Raises:
        ValueError: The folder's configuration is invalid.
        OSError: A file cannot be written.
    """
    # Of many files the disk takes a hundred a second. An import that the system interrupts can be repeated.
    importer = _Importer(Recordings(folder, sync=False))
    for path in paths:
        found = files_below(path, kind.suffixes) if is_folder(path) else [path]
        if not found:
            suffixes = ", ".join(f"*{suffix}" for suffix in kind.suffixes)
            yield SkippedPart(path, Skipped("", f"no files ({suffixes}) in this folder"))
        for file in found:
            yield from importer.file(kind.read, file)
    sync_folder(folder)


_Gathered = defaultdict[Path, list[tuple[Recording, list[str]]]]
"""The recordings of one imported file and their secrets, in order, by the files to write."""


class _Importer:
    """One import; it remembers what it wrote, so that it never overwrites its own files."""

    def __init__(self, recordings: Recordings) -> None:
        self._recordings = recordings
        self._scrubber = recordings.configuration.scrubber()
        self._saved: defaultdict[Path, list[tuple[int, bytes]]] = defaultdict(list)
        self._names: Counter[str] = Counter()

    def file(self, read: Reader, file: Path) -> Iterator[WrittenFile | SkippedPart]:
        rules: list[dict[str, Any]] = []
        gathered: _Gathered = defaultdict(list)
        for item in _items(read, file):
            if isinstance(item, Interaction):
                if skipped := self._gather(item, gathered):
                    yield SkippedPart(file, skipped)
            elif isinstance(item, Skipped):
                yield SkippedPart(file, item)
            elif error := _rule_error(rule := self._rule(file, item)):
                yield SkippedPart(file, Skipped(item.where, error))
            else:
                rules.append(rule)
        for path, answers in gathered.items():
            yield self._save(file, path, answers)
        if rules:
            yield self._write_script(file, rules)

    def _gather(self, interaction: Interaction, gathered: _Gathered) -> Skipped | None:
        """Add an interaction to the answers to its request, or return the reason to skip it."""
        recording = recording_of(interaction)
        if isinstance(recording, Skipped):
            return recording
        secrets = [*header_secrets(interaction.request_headers)]
        path = self._recordings.path(self._recordings.normalised(recording.request, secrets), recording.endpoint)
        gathered[path].append((recording, secrets))
        return None

    def _save(self, file: Path, path: Path, answers: list[tuple[Recording, list[str]]]) -> WrittenFile:
        """Add a file's answers to one request, in their order, to those of the files before."""
        new = path not in self._saved
        before = self._saved[path]
        found = [(recording.status, recording.body) for recording, _ in answers]
        if before[: len(found)] == found:  # another file recorded the same
            return WrittenFile(file, path, 0)
        start = len(before) if found[: len(before)] == before else 0
        for position, (recording, secrets) in enumerate(answers[start:], len(before)):
            self._recordings.save(recording, secrets, position)
        before += found[start:]
        return WrittenFile(file, path, int(new))

    def _rule(self, file: Path, item: ImportedRule) -> dict[str, Any]:
        return {"name": f"{file.stem}: {item.where}", **self._scrubber.value(item.rule)}

    def _write_script(self, file: Path, rules: list[dict[str, Any]]) -> WrittenFile | SkippedPart:
        self._names[file.stem] += 1
        count = self._names[file.stem]
        path = self._recordings.folder / f"{file.stem}{f'-{count}' if count > 1 else ''}.yaml"
        if path.exists() and not path.read_text("utf-8-sig", "replace").startswith(_HEADER):
            return SkippedPart(file, Skipped("", f"{path} exists and was not written by an import"))
        write_whole(
            path, f"{_HEADER} {file.name}. The next import of that file overwrites this one.\n{script_file(rules)}"
        )
        return WrittenFile(file, path, len(rules))


_HEADER: Final = "# Imported by chatdouble from"


def _rule_error(rule: dict[str, Any]) -> str | None:
    """Return the first mistake in a rule; None if it is valid."""
    try:
        Rule.model_validate(rule)
    except ValidationError as invalid:
        loc, message = next(iter(mistakes(Rule, invalid)))
        return f"not a valid rule: {dotted(loc)}: {message}"
    return None


def _items(read: Reader, file: Path) -> Iterator[Item]:
    """Return the items in a file; if it cannot be read, the reason."""
    empty = True
    try:
        for item in read(file.stem, bytes_of(file)):
            empty = False
            yield item
        if empty:
            yield Skipped("", "the file is empty")
    except OSError as unread:
        yield Skipped("", f"cannot be read: {unread.strerror}")
    except RecursionError:
        yield Skipped("", "nested too deeply")
    except TypeError:
        yield Skipped("", WRONG_TYPE)
    except ValueError as wrong:
        yield Skipped("", str(wrong))
