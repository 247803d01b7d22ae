"""The rules in a file of any kind: a script or a recording, an HTTP archive, a cassette, fixtures of another tool."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import orjson

from chatdouble.core.json import is_array, is_object
from chatdouble.importers.importer import KINDS, FileKind, SkippedPart, import_files
from chatdouble.importers.items import Skipped
from chatdouble.scripts.reading.load import Placed, load, parse
from chatdouble.scripts.reading.source import Source, SourceError

_GZIP: Final = b"\x1f\x8b"
_UNSAFE: Final = re.compile(r"[^\w.-]")
_LONGEST: Final = 50
_SIGNS: Final = {
    "log": "har",
    "interactions": "vcr",
    "http_interactions": "vcr",
    "requests": "vcr",
    "fixtures": "aimock",
    "behaviors": "llmock",
}
"""Keys that only files of one kind have at their top."""


@dataclass(frozen=True, slots=True)
class FoundRules:
    """The rules in a file.

    Attributes:
        rules: The rules as a script has them.
        skipped: The parts of the file that are no rules, with the reasons.
    """

    rules: tuple[Placed, ...]
    skipped: list[Skipped]


def as_rules(name: str, data: bytes) -> FoundRules:
    """Return the rules in a file; what other tools recorded is without its secrets.

    Args:
        name: The file's name.
        data: Its content.

    Raises:
        ValueError: It is neither a script nor a file of a known tool; for a script, each mistake has its place.
    """
    kind = _kind(name, data)
    if kind is not None:
        return _converted(kind, name, data)
    text = data.decode("utf-8-sig", "replace")
    return FoundRules(parse(text, name, json=_is_json(data)).rules, [])


def _kind(name: str, data: bytes) -> FileKind | None:
    """Return the kind of file that another tool wrote; None: a script."""
    if data.startswith(_GZIP):
        return KINDS["vcr"]
    value = _value(name, data)
    if is_array(value) and value and is_object(value[0]) and "match" in value[0]:
        return KINDS["aimock"]
    signs = [kind for sign, kind in _SIGNS.items() if is_object(value) and sign in value and "rules" not in value]
    return KINDS[signs[0]] if signs else None


def _value(name: str, data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        try:
            return Source(name, data.decode("utf-8-sig", "replace")).value
        except SourceError:
            return None  # as a script, it is refused with the place


def _is_json(data: bytes) -> bool:
    return data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))


def _converted(kind: FileKind, name: str, data: bytes) -> FoundRules:
    with TemporaryDirectory() as folder:
        given, into = Path(folder) / "given", Path(folder) / "rules"
        given.mkdir()
        into.mkdir()
        file = given / (_UNSAFE.sub("_", name)[:_LONGEST].strip(".") or "file")
        file.write_bytes(data)
        done = [*import_files(kind, [file], into)]
        rules = load([into]).rules if any(into.iterdir()) else ()
        return FoundRules(rules, [*_skipped(done)])


def _skipped(done: list[Any]) -> Iterator[Skipped]:
    return (one.skipped for one in done if isinstance(one, SkippedPart))
