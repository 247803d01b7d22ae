"""Scripts loaded from files and folders; every mistake has a file, line and column."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from chatdouble.core.files import SUFFIXES, files, text_of
from chatdouble.core.json import is_array
from chatdouble.core.legible import escaped
from chatdouble.scripts.format.reply import ReplySpec
from chatdouble.scripts.format.rule import Rule, ScriptFile
from chatdouble.scripts.reading.identity import Identity, identity_of, keys_of
from chatdouble.scripts.reading.mistakes import dotted, mistakes
from chatdouble.scripts.reading.places import Loc, Place
from chatdouble.scripts.reading.source import Source, SourceError

NO_UPSTREAM: Final = "there is no upstream; start the server with --upstream URL, or with --recordings of one"


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake in a script file.

    Attributes:
        file: The file's name.
        place: The line and column.
        key: The path of the value, such as `rules[0].when.user`; empty: the whole file.
        message: The mistake, and how to fix it.
    """

    file: str
    place: Place
    key: str
    message: str

    def __str__(self) -> str:
        """Return it in the format of compilers: `file:line:column: key: message`."""
        key = f"{self.key}: " if self.key else ""
        return escaped(f"{self.file}:{self.place.line}:{self.place.column}: {key}{self.message}")


class ScriptError(ValueError):
    """Scripts that do not load, with all mistakes in them."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Placed:
    """A rule and its place in a file.

    Attributes:
        rule: The rule.
        id: A unique id: the rule's name, or `rule 3` for the third rule of the script.
        source: The file.
        index: The rule's position in the file, from 0; -1 if it is not from a file.
        key: The key of its counts and its randomness, which does not depend on its position.
    """

    rule: Rule
    id: str
    source: Source
    index: int
    key: str = ""

    @property
    def control_id(self) -> str:
        """Its id in the control API, which stays the same when the files change."""
        return self.key if self.index < 0 else f"file_rule_{blake2b(self.key.encode(), digest_size=6).hexdigest()}"

    @property
    def written(self) -> Any:
        """The rule as its file has it."""
        value = self.source.value
        return (value if is_array(value) else value["rules"])[self.index]

    def place(self, *loc: str | int) -> Place:
        """Return the line and column of a part of the rule."""
        file_loc: Loc = (self.index, *loc) if self.source.is_list else ("rules", self.index, *loc)
        return self.source.place(file_loc)

    def problem(self, message: str, *loc: str | int) -> Problem:
        """Return a mistake in a part of the rule."""
        return Problem(self.source.name, self.place(*loc), dotted(("rules", self.index, *loc)), message)

    def replies(self) -> Iterator[tuple[Loc, ReplySpec]]:
        """Yield the rule's replies in order, each with its location."""
        if self.rule.reply is not None:
            yield ("reply",), self.rule.reply
        for index, reply in enumerate(self.rule.sequence or ()):
            yield ("sequence", index), reply

    def where(self, *loc: str | int) -> str:
        """Return the place of a part of the rule as `file:line`; of a rule without a file, its source."""
        if self.index < 0:
            return self.source.name
        return f"{self.source.name}:{self.place(*loc).line}"

    def at(self, *loc: str | int) -> str:
        """Return the place of a part of the rule for a sentence: `at file:line`, or the source without a file."""
        return self.where() if self.index < 0 else f"at {self.where(*loc)}"


@dataclass(frozen=True, slots=True)
class Script:
    """The rules of all files, in the order in which they are tried."""

    rules: tuple[Placed, ...]

    def without_upstream(self) -> list[Problem]:
        """Return the replies that an upstream should answer, as mistakes of a server that has none."""
        return [
            placed.problem(NO_UPSTREAM, *loc, "upstream")
            for placed in self.rules
            for loc, reply in placed.replies()
            if reply.upstream
        ]


def load(paths: Iterable[Path], *, before: Script | None = None, folder: Path | None = None) -> Script:
    """Load script files and folders; the files of a folder are sorted by path.

    Args:
        paths: The files and folders.
        before: The script before its files changed; rules that were there keep their keys.
        folder: The folder to which the files' paths are relative in keys; None: the given folders.

    Raises:
        ScriptError: There are mistakes; it has all of them.
    """
    sources: list[Source] = []
    problems: list[Problem] = []
    for path in paths:
        found = [*files(path)]
        if not found:
            problems.append(Problem(str(path), Place(1, 1), "", _no_files(path)))
        for file in found:
            try:
                within = _within(file, folder or path)
                sources.append(Source(str(file), text_of(file), file.suffix == ".json", within))
            except (OSError, UnicodeDecodeError) as unread:
                problems.append(Problem(str(file), Place(1, 1), "", f"cannot be read: {unread}"))
    return _script(sources, problems, before)


def _within(file: Path, folder: Path) -> str:
    """Return a file's path within a folder; its name, if it is not in there."""
    return file.relative_to(folder).as_posix() if file != folder and file.is_relative_to(folder) else file.name


def parse(text: str, name: str = "<script>", *, json: bool = False, before: Script | None = None) -> Script:
    """Load a script from a text.

    Raises:
        ScriptError: There are mistakes; it has all of them.
    """
    return _script([Source(name, text, json, name)], [], before)


def _no_files(path: Path) -> str:
    wanted = ", ".join(f"*{suffix}" for suffix in SUFFIXES)
    try:
        return f"no script files ({wanted}) in this folder" if path.is_dir() else "no such file or folder"
    except OSError as unread:
        return f"cannot be read: {unread}"


def _script(sources: Iterable[Source], problems: list[Problem], before: Script | None) -> Script:
    placed: list[Placed] = []
    taken: set[str] = set()
    for source in sources:
        try:
            file = ScriptFile.model_validate(source.value)
        except SourceError as wrong:
            problems.append(Problem(source.name, wrong.place, "", wrong.message))
        except ValidationError as wrong:
            problems.extend(_problems(source, wrong))
        else:
            for index, rule in enumerate(file.rules):
                placed.append(Placed(rule, _unique(rule, len(placed), taken), source, index))
    if problems:
        raise ScriptError(problems)
    keys = keys_of([*map(_identity, placed)], [(_identity(one), one.key) for one in before.rules] if before else ())
    return Script(tuple(replace(one, key=key) for one, key in zip(placed, keys, strict=True)))


def _identity(placed: Placed) -> Identity:
    return identity_of(placed.rule, placed.source.path)


def _unique(rule: Rule, position: int, taken: set[str]) -> str:
    """Return a unique id for a rule and add it to `taken`."""
    found = rule.name or f"rule {position + 1}"
    if found in taken:
        found = f"{found} (rule {position + 1})"
    taken.add(found)
    return found


def _problems(source: Source, wrong: ValidationError) -> list[Problem]:
    found: list[Problem] = []
    for loc, message in mistakes(ScriptFile, wrong):
        written = loc[1:] if source.is_list and loc[:1] == ("rules",) else loc
        found.append(Problem(source.name, source.place(written), dotted(loc), message))
    return sorted(found, key=attrgetter("place"))
