"""The configuration file: TOML, with the line of each key."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from chatdouble.core.files import text_of
from chatdouble.core.json import is_object

KeyPath = tuple[str, ...]
"""A key and the tables it is in, outermost first."""


class ConfigFileError(ValueError):
    """A file that cannot be read, or is not TOML. The message names the file, and the line if there is one."""


@dataclass(frozen=True)
class ConfigFile:
    """A TOML file.

    Attributes:
        path: The file.
        text: Its text.
        values: Its content.
    """

    path: Path
    text: str
    values: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> "ConfigFile":
        """Read a file.

        Raises:
            ConfigFileError: It cannot be read, or is not TOML.
        """
        try:
            text = text_of(path)
            return cls(path, text, tomllib.loads(text))
        except OSError as missing:
            raise ConfigFileError(f"{path}: {missing.strerror}") from None
        except ValueError as broken:  # an integer of thousands of digits is no TOMLDecodeError
            raise ConfigFileError(f"{path}: not TOML: {broken}") from None
        except RecursionError:
            raise ConfigFileError(f"{path}: nested too deeply to read") from None

    def place(self, key: KeyPath) -> str:
        """Return the place of a key as `file:line`; of a key that is not there, the place of its table."""
        while key and key not in self._lines:
            key = key[:-1]
        return f"{self.path}:{self._lines[key]}" if key else str(self.path)

    @cached_property
    def _lines(self) -> Mapping[KeyPath, int]:
        """The line where each key is first set.

        tomllib reports no lines. A statement is read when its lines have become valid TOML.
        """
        found: dict[KeyPath, int] = {}
        table: KeyPath = ()
        statement = ""
        start = 1
        for number, line in enumerate(self.text.split("\n"), 1):
            statement += f"{line}\n"
            try:
                paths = [*_paths(tomllib.loads(statement))]
            except tomllib.TOMLDecodeError:
                continue  # within a value of several lines
            is_header = statement.lstrip().startswith("[")
            for path in paths:
                found.setdefault(path if is_header else (*table, *path), start)
            table = paths[-1] if is_header else table
            statement, start = "", number + 1
        return found


def _paths(table: Mapping[str, Any], above: KeyPath = ()) -> Iterator[KeyPath]:
    for name, value in table.items():
        yield (*above, name)
        if is_object(value):
            yield from _paths(value, (*above, name))
