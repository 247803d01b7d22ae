"""The formats of exports, by name."""

from collections.abc import Generator, Iterable, Iterator
from typing import NamedTuple

from chatdouble.backend import Services
from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.core.json_in_steps import encode_in_steps, joined
from chatdouble.core.releasing import release
from chatdouble.server.entry import Entry
from chatdouble.server.export.curl import commands
from chatdouble.server.export.format_name import FormatName
from chatdouble.server.export.har import archive
from chatdouble.server.export.scripts import rules, rules_json, turns
from chatdouble.server.export.streams import streams


class Export(NamedTuple):
    """An export.

    Attributes:
        content_type: Its content type.
        pieces: Its content, made entry by entry.
    """

    content_type: str
    pieces: Generator[bytes]


def export(entries: list[Entry], name: FormatName, services: Services, catalogue: Catalogue) -> Export:
    """Return entries in a format; they are freed when their last piece is made."""
    if name == "har":
        return Export("application/json", joined(_freed(archive(entries, streams(services, catalogue)), entries)))
    make, content_type = {
        "json": (_document, "application/json"),
        "jsonl": (_lines, "application/jsonl"),
        "curl": (commands, "text/plain; charset=utf-8"),
        "rule": (rules, "application/yaml"),
        "rule_json": (rules_json, "application/json"),
        "turns": (turns, "application/jsonl"),
    }[name]
    return Export(content_type, joined(_freed(make(entries), entries)))


def _freed(pieces: Iterator[bytes], entries: list[Entry]) -> Iterator[bytes]:
    try:
        yield from pieces
    finally:
        release(entries)  # by the thread that makes the pieces


def _document(entries: Iterable[Entry]) -> Iterator[bytes]:
    yield b"["
    separator = b"\n"
    for entry in entries:
        yield separator
        yield from encode_in_steps(entry)
        separator = b",\n"
    yield b"\n]\n"


def _lines(entries: Iterable[Entry]) -> Iterator[bytes]:
    for entry in entries:
        yield from encode_in_steps(entry)
        yield b"\n"
