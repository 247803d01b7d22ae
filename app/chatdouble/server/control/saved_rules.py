"""The files that rules are saved in: script files in the folder of `--save-rules`, and nothing else."""

import re
from itertools import chain
from pathlib import Path
from typing import Any, Final

from chatdouble.core.errors import APIError
from chatdouble.core.files import SUFFIXES, write_whole
from chatdouble.recordings.redaction import Scrubber
from chatdouble.recordings.secret_kinds import is_real
from chatdouble.recordings.to_yaml import script_lines

_HEADER: Final = "# Saved by chatdouble: rules that a test has added. Edit it like any other script.\n"
_NAME: Final = re.compile(r"[\w-][\w. -]{0,99}")


def file_in(folder: Path, session: str, given: str | None) -> Path:
    """Return the script file of a session in a folder.

    Args:
        folder: The folder.
        session: The session's name, which is never a key that looks real.
        given: The name of the file; None: that of the session.

    Raises:
        APIError: 400: the name would not be that of a file in this folder, or looks like a key.
    """
    name = _name_for(session) if given is None else given
    stem = next((name.removesuffix(suffix) for suffix in SUFFIXES if name.endswith(suffix)), name)
    if _NAME.fullmatch(stem) is None:
        allowed = "letters, digits, spaces, dots, hyphens and underscores, 100 at most"
        raise APIError(f"name: {name!r} is not the name of a file; use {allowed}", param="name", code="invalid_name")
    if given is not None and is_real(stem, is_key=False):
        raise APIError("name: it looks like a key, and no file shows one", param="name", code="invalid_name")
    return folder / f"{stem}.yaml"


def save(file: Path, rules: list[dict[str, Any]]) -> None:
    """Save rules as a script file without the secrets in them; one that was not saved here is never overwritten.

    Raises:
        APIError: 400: another file is there, or it cannot be written.
    """
    try:
        if file.exists() and not _is_saved(file):
            raise APIError(f"{file} was not saved by chatdouble; give another name.", param="name", code="file_exists")
        write_whole(file, chain([_HEADER], script_lines(Scrubber().value(rules, is_large=True))))
    except (OSError, UnicodeError) as failed:
        raise APIError(f"{file} cannot be written: {failed}", param="name", code="not_saved") from None


def _name_for(session: str) -> str:
    """Return the name of a session's file."""
    return re.sub(r"[^\w-]+", "-", session, flags=re.ASCII).strip("-")[:100] or "rules"


def _is_saved(file: Path) -> bool:
    """Tell whether a file was saved here."""
    with file.open(encoding="utf-8") as opened:
        return opened.read(len(_HEADER)) == _HEADER
