"""Script files, read: from a file, a folder or several, with every mistake named by file, line and column."""

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from pydantic import ValidationError

from chatdouble.core.files import SUFFIXES, files
from chatdouble.core.json import is_array
from chatdouble.scripts.format.rule import Rule, ScriptFile
from chatdouble.scripts.reading.mistakes import dotted, mistakes
from chatdouble.scripts.reading.source import Loc, Place, Source, SourceError


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a script file.

    Attributes:
        file: The file's name.
        place: Where in it.
        key: The path of the part at fault, as `rules[0].when.user`; empty: the whole file.
        message: What is wrong, and what to do about it.
    """

    file: str
    place: Place
    key: str
    message: str

    def __str__(self) -> str:
        """Return it as compilers say it: `file:line:column: key: message`."""
        key = f"{self.key}: " if self.key else ""
        return f"{self.file}:{self.place.line}:{self.place.column}: {key}{self.message}"


class ScriptError(ValueError):
    """Scripts that cannot be used, with all that is wrong with them."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Placed:
    """A rule, and where it stands.

    Attributes:
        rule: The rule.
        id: Its name, or `rule 3` for the third of the script; no other rule of the script has it.
        source: The file.
        index: Which rule of its file it is, from 0; -1 for a rule that stands in no file.
    """

    rule: Rule
    id: str
    source: Source
    index: int

    def place(self, *loc: str | int) -> Place:
        """Return where a part of the rule stands, from the rule down."""
        file_loc: Loc = (self.index, *loc) if is_array(self.source.value) else ("rules", self.index, *loc)
        return self.source.place(file_loc)

    def where(self, *loc: str | int) -> str:
        """Return where a part of the rule stands, as `file:line`."""
        return f"{self.source.name}:{self.place(*loc).line}"


@dataclass(frozen=True, slots=True)
class Script:
    """The rules of all files in the order they are tried."""

    rules: tuple[Placed, ...]


def load(paths: Iterable[Path]) -> Script:
    """Read script files and folders, a folder's files sorted by path.

    Raises:
        ScriptError: Something is wrong; all of it is named.
    """
    sources: list[Source] = []
    problems: list[Problem] = []
    for path in paths:
        found = [*files(path)]
        if not found:
            problems.append(Problem(str(path), Place(1, 1), "", _nothing(path)))
        for file in found:
            try:
                sources.append(Source(str(file), file.read_text("utf-8-sig"), file.suffix == ".json"))
            except (OSError, UnicodeDecodeError) as unread:
                problems.append(Problem(str(file), Place(1, 1), "", f"cannot be read: {unread}"))
    return _script(sources, problems)


def parse(text: str, name: str = "<script>", *, json: bool = False) -> Script:
    """Read one script from its text.

    Raises:
        ScriptError: Something is wrong; all of it is named.
    """
    return _script([Source(name, text, json)], [])


def _nothing(path: Path) -> str:
    wanted = ", ".join(f"*{suffix}" for suffix in SUFFIXES)
    return f"no script files ({wanted}) in this folder" if path.is_dir() else "no such file or folder"


def _script(sources: Iterable[Source], problems: list[Problem]) -> Script:
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
    return Script(tuple(placed))


def _unique(rule: Rule, position: int, taken: set[str]) -> str:
    """Return an id for a rule that none of the `taken` has, and take it."""
    found = rule.name or f"rule {position + 1}"
    if found in taken:
        found = f"{found} (rule {position + 1})"
    taken.add(found)
    return found


def _problems(source: Source, wrong: ValidationError) -> list[Problem]:
    found: list[Problem] = []
    for loc, message in mistakes(ScriptFile, wrong):
        written = loc[1:] if is_array(source.value) and loc[:1] == ("rules",) else loc
        found.append(Problem(source.name, source.place(written), dotted(loc), message))
    return sorted(found, key=attrgetter("place"))
