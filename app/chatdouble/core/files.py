"""Files: script files found and watched, and any file written whole or not at all."""

import contextlib
import os
import tempfile
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from errno import EACCES, EFBIG, ENOTDIR
from pathlib import Path
from typing import Final

SUFFIXES: Final = (".yaml", ".yml", ".json")
"""The suffixes of script files; other files in a folder are ignored."""

UNFINISHED: Final = (".recording-", ".tmp")
"""The prefix and suffix of a file that is being written. Hidden, so that it is not read as a script."""

_MODE: Final = 0o644
"""Readable by everyone, as files in a repository are; mkstemp allows its owner alone."""


def files(path: Path) -> Iterator[Path]:
    """Return the script files at a path: itself, or those in a folder and its subfolders, sorted."""
    if is_folder(path):
        above = len(path.parts)
        yield from (found for found in files_below(path, SUFFIXES) if not _is_hidden(found.parts[above:]))
    elif os.path.exists(path):  # noqa: PTH110 - as in `is_folder`
        yield path


def files_below(folder: Path, suffixes: Container[str]) -> list[Path]:
    """Return the files in a folder and its subfolders that have one of these suffixes, sorted.

    A folder that nobody may look into counts as a file, so that reading it gives the reason.
    """
    closed: list[str] = []

    def note(refused: OSError) -> None:
        if isinstance(refused, PermissionError):
            closed.append(refused.filename)

    # As texts, since thousands of paths take tens of milliseconds to compare.
    found = (os.path.join(inside, name) for inside, _, names in os.walk(folder, onerror=note) for name in names)  # noqa: PTH118
    named = [*filter(lambda path: os.path.splitext(path)[1] in suffixes, found), *closed]  # noqa: PTH122
    named.sort(key=lambda path: path.replace(os.sep, "\0"))  # as paths are: by their parts
    return [path for path in map(Path, named) if str(path) in closed or _may_be_read(path)]


def is_folder(path: Path) -> bool:
    """Tell whether a path is a folder. One with too long a name, or without permission to look at it, is not."""
    return os.path.isdir(path)  # noqa: PTH112 - the method of a path raises then


def _may_be_read(path: Path) -> bool:
    """Tell whether a path is a file. One that nobody may look at counts, so that reading it gives the reason."""
    try:
        return path.is_file()
    except OSError:
        return True


def _is_hidden(parts: Iterable[str]) -> bool:
    return any(part.startswith(".") for part in parts)


def why_unwritable(folder: Path) -> str | None:
    """Return the reason why files cannot be written to a folder, or to one that is still to be made; None: they can."""
    place = folder.absolute()
    while not os.path.lexists(place) and place != place.parent:
        place = place.parent
    if not is_folder(place):
        return f"{place}: {os.strerror(ENOTDIR)}"
    return None if os.access(place, os.W_OK | os.X_OK) else f"{place}: {os.strerror(EACCES)}"


Stamp = tuple[int, int]
"""A file's modification time and size, which identify one version of it."""


def stamp_of(file: Path) -> Stamp | None:
    """Return the stamp of a file as it is now; None if there is no such file."""
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size


_FEW: Final = 50
"""The files that are looked at in a millisecond."""
_SHORT: Final = 16 * 1024
"""The bytes of script files that are read in some milliseconds."""


class Watcher:
    """Notices changes of script files, by looking at them now and then.

    Args:
        paths: The script files and folders.
        monotonic: Returns the seconds of a steady clock.
        every: The shortest time between two looks, in seconds.
    """

    def __init__(self, paths: Sequence[Path], monotonic: Callable[[], float], every: float = 0.5) -> None:
        self._paths = tuple(paths)
        self._monotonic = monotonic
        self._every = every
        self._looked: float | None = None
        self._stamps: dict[Path, Stamp] | None = None

    @property
    def is_due(self) -> bool:
        """True if the last look was some time ago."""
        return self._looked is None or self._monotonic() - self._looked >= self._every

    @property
    def is_short(self) -> bool:
        """True if to look at the files, and to read them, takes some milliseconds."""
        stamps = self._stamps or {}
        return len(stamps) <= _FEW and sum(size for _, size in stamps.values()) <= _SHORT

    def changed(self) -> bool:
        """Tell whether files came, went or changed since the last look; True the first time."""
        if not self.is_due:
            return False
        before, self._stamps = self._stamps, self._look()
        self._looked = self._monotonic()  # a look at many files takes longer than the time between two
        return self._stamps != before

    def _look(self) -> dict[Path, Stamp]:
        found = (file for path in self._paths for file in files(path))
        return {file: stamp for file in found if (stamp := stamp_of(file)) is not None}


_STEP: Final = 256 * 1024
"""The characters that are read and written in one step."""
_LARGEST: Final = 256 * 1024 * 1024
"""The characters of a file, about: recordings of the largest answers have fewer."""


def text_of(path: Path) -> str:
    """Return the text of a file that a user wrote: UTF-8, with or without a byte order mark, and any line ends.

    Raises:
        OSError: The file cannot be read, or is too large; a device may have no end.
        UnicodeDecodeError: It is not UTF-8.
    """
    pieces: list[str] = []
    with path.open(encoding="utf-8-sig") as file:
        while piece := file.read(_STEP):
            pieces.append(piece)
            if len(pieces) * _STEP > _LARGEST:
                raise OSError(EFBIG, f"larger than {_LARGEST:,} characters", str(path))
    return "".join(pieces)


def bytes_of(path: Path) -> bytes:
    """Return what is in a file that a user names.

    Raises:
        OSError: The file cannot be read, or is too large; a device may have no end.
    """
    with path.open("rb") as file:
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise OSError(EFBIG, f"larger than {_LARGEST:,} bytes", str(path))
    return content


def write_whole(path: Path, text: str | Iterable[str], *, sync: bool = True) -> None:
    """Write a file at once: readers, crashes and other writers see the old one or the new one, never a part.

    Args:
        path: The file; its folder is created if it is missing.
        text: The text to write, or pieces of it.
        sync: Whether to wait until the disk has it, so that it survives the system too, and not only the process.

    Raises:
        OSError: The file cannot be written; the old one stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    before, after = UNFINISHED
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=before, suffix=after)
    try:
        with open(handle, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123 - a handle, not a path
            file.writelines(_pieces(text) if isinstance(text, str) else text)
            file.flush()
            if sync:
                os.fsync(handle)
            os.fchmod(handle, _MODE)
        os.replace(name, path)  # noqa: PTH105 - mkstemp gives a name
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)  # noqa: PTH108 - as above
        raise
    if sync:
        sync_folder(path.parent)


def _pieces(text: str) -> Iterator[str]:
    return (text[at : at + _STEP] for at in range(0, len(text), _STEP))


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the entries of a folder."""
    with contextlib.suppress(OSError):  # not every system lets a folder be opened
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
