"""Files of other tools read, and what they have written into a folder as script files."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from chatdouble.core.files import write_whole
from chatdouble.importers import aimock, har, llmock, vcr
from chatdouble.importers.found import OF_ANOTHER_KIND, Found, FoundRule, Interaction, LeftOut, Reader, exchanged
from chatdouble.recordings.exchange import Exchanged
from chatdouble.recordings.recordings import PASSING, Recordings
from chatdouble.recordings.redaction import known_from
from chatdouble.recordings.to_yaml import script_text
from chatdouble.scripts.format.rule import Rule
from chatdouble.scripts.reading.mistakes import dotted, mistakes


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file.

    Attributes:
        read: Reads one.
        suffixes: What the names of such files end in; others in a folder are passed over.
    """

    read: Reader
    suffixes: tuple[str, ...]


FORMATS: Final = {
    "vcr": Format(vcr.read, (".yaml", ".yml", ".json", ".gz")),
    "aimock": Format(aimock.read, (".json",)),
    "llmock": Format(llmock.read, (".yaml", ".yml", ".json")),
    "har": Format(har.read, (".har", ".json")),
}
"""The kinds of files by their names."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written.

    Attributes:
        source: The file it comes from.
        path: The file.
        rules: How many rules it has.
    """

    source: Path
    path: Path
    rules: int


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Something that was not taken over.

    Attributes:
        source: The file it is in.
        what: Which part of the file it is, and why.
    """

    source: Path
    what: LeftOut

    def __str__(self) -> str:
        """Return it as one line: the file, the part, the reason."""
        return ": ".join(filter(None, (str(self.source), self.what.where, self.what.reason)))


def import_files(kind: Format, paths: Iterable[Path], folder: Path) -> Iterator[Written | NotTaken]:
    """Read files and folders of other tools, and write what they have into a folder.

    An exchange becomes a recording of its own; the rules of a file become a script file of its name. Secrets are
    taken out of both.

    Args:
        kind: The kind of the files.
        paths: Files, and folders, of which the files with the kind's suffixes are read.
        folder: The folder to write into.

    Raises:
        ValueError: The folder's configuration cannot be used.
        OSError: A file cannot be written.
    """
    importing = _Importing(Recordings(folder))
    for path in paths:
        found = [*_files(path, kind.suffixes)]
        if not found:
            yield NotTaken(path, LeftOut("", f"no files ({', '.join(f'*{suffix}' for suffix in kind.suffixes)}) there"))
        for file in found:
            yield from importing.file(kind.read, file)


def _files(path: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(found for found in path.rglob("*") if found.suffix in suffixes and found.is_file())
    else:
        yield path


class _Importing:
    """One import; it knows what it has written, so that nothing is written over."""

    def __init__(self, recordings: Recordings) -> None:
        self._recordings = recordings
        self._scrubber = recordings.configuration.scrubber()
        self._saved: dict[Path, Exchanged] = {}
        self._names: Counter[str] = Counter()

    def file(self, read: Reader, file: Path) -> Iterator[Written | NotTaken]:
        rules: list[dict[str, Any]] = []
        for found in _read(read, file):
            if isinstance(found, Interaction):
                yield self._exchange(file, found)
            elif isinstance(found, LeftOut):
                yield NotTaken(file, found)
            elif fault := self._fault(rule := self._rule(file, found)):
                yield NotTaken(file, LeftOut(found.where, fault))
            else:
                rules.append(rule)
        if rules:
            yield self._script(file, rules)

    def _exchange(self, file: Path, found: Interaction) -> Written | NotTaken:
        exchange = exchanged(found)
        if isinstance(exchange, LeftOut):
            return NotTaken(file, exchange)
        secrets = [*known_from(found.request_headers)]
        path = self._recordings.path(self._recordings.asked(exchange.request, secrets))
        before = self._saved.get(path)
        if before is not None and before.status not in PASSING:
            if (before.status, before.body) == (exchange.status, exchange.body):
                return Written(file, path, 0)
            said = f"{path.name} has the same request and another answer; a recording has one"
            return NotTaken(file, LeftOut(found.where, said))
        self._saved[path] = exchange
        return Written(file, self._recordings.save(exchange, secrets), 1)

    def _rule(self, file: Path, found: FoundRule) -> dict[str, Any]:
        return {"name": f"{file.stem}: {found.where}", **self._scrubber.value(found.rule)}

    def _fault(self, rule: dict[str, Any]) -> str | None:
        """Return why scripts would not take a rule, if they would not."""
        try:
            Rule.model_validate(rule)
        except ValidationError as invalid:
            loc, message = next(iter(mistakes(Rule, invalid)))
            return f"it does not make a rule: {dotted(loc)}: {message}"
        return None

    def _script(self, file: Path, rules: list[dict[str, Any]]) -> Written | NotTaken:
        self._names[file.stem] += 1
        again = self._names[file.stem]
        path = self._recordings.folder / f"{file.stem}{f'-{again}' if again > 1 else ''}.yaml"
        if path.exists() and not path.read_text("utf-8", "replace").startswith(_NOTE):
            return NotTaken(file, LeftOut("", f"{path} is there already, and was not made by an import"))
        write_whole(path, f"{_NOTE} {file.name}. Importing it again writes this file anew.\n{script_text(rules)}")
        return Written(file, path, len(rules))


_NOTE: Final = "# Imported by chatdouble from"


def _read(read: Reader, file: Path) -> Iterator[Found]:
    """Return what a file has; one that cannot be read is left out."""
    found = False
    try:
        for one in read(file.stem, file.read_bytes()):
            found = True
            yield one
        if not found:
            yield LeftOut("", "there is nothing in it")
    except OSError as unread:
        yield LeftOut("", f"cannot be read: {unread.strerror}")
    except RecursionError:
        yield LeftOut("", "it is nested too deeply")
    except TypeError:
        yield LeftOut("", OF_ANOTHER_KIND)
    except ValueError as wrong:
        yield LeftOut("", str(wrong))
