"""Which files are scripts: light to import, for who only asks whether there are any."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

SUFFIXES: Final = (".yaml", ".yml", ".json")
"""What a script file's name ends in; other files in a folder are none."""


def files(path: Path) -> Iterator[Path]:
    """Return the script files at a path: itself, or those in a folder and its folders, sorted."""
    if path.is_dir():
        inside = (found for found in path.rglob("*") if found.suffix in SUFFIXES and found.is_file())
        yield from sorted(found for found in inside if not _hidden(found.relative_to(path)))
    elif path.exists():
        yield path


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
