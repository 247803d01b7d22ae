"""Files that are there whole or not at all, whatever happens while they are written."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

UNFINISHED: Final = (".recording-", ".tmp")
"""What the name of a file that is being written begins and ends with; hidden, so no script file."""

_MODE: Final = 0o644
"""Readable to all, as files in a repository are; what mkstemp makes is its owner's alone."""


def write_whole(path: Path, text: str) -> None:
    """Write a file at once: readers, crashes and other writers see the old one or the new one, never a part.

    Args:
        path: The file; its folder is made if it is missing.
        text: Its text.

    Raises:
        OSError: It cannot be written; what was there before stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    before, after = UNFINISHED
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=before, suffix=after)
    try:
        with open(handle, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123 - a handle, not a path
            file.write(text)
            file.flush()
            os.fsync(handle)
            os.fchmod(handle, _MODE)
        os.replace(name, path)  # noqa: PTH105 - mkstemp gives a name
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)  # noqa: PTH108 - as above
        raise
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Bring a folder's entries to the disk."""
    with contextlib.suppress(OSError):  # not every system lets a folder be opened
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


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
