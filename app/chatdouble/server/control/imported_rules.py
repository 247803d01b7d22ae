"""Import of a file as rules that are added while the server runs."""

import asyncio
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import TypedDict

from chatdouble.core.errors import APIError

if TYPE_CHECKING:
    from chatdouble.importers.as_rules import FoundRules
    from chatdouble.importers.items import Skipped

MOST_BYTES: Final = 4 * 1024 * 1024
"""The bytes of a file to import."""

_MOST_REASONS: Final = 100
_INVALID: Final = "invalid_file"


class SkippedInFile(TypedDict):
    """A part of a file that was not imported.

    Attributes:
        where: Its place in the file; empty for the whole file.
        reason: The reason.
    """

    where: str
    reason: str


class Imported(TypedDict):
    """Rules that were imported.

    Attributes:
        rules: The ids of the rules that were added, in the order in which they are tried.
        skipped: The first 100 parts of the file that were not imported.
    """

    rules: list[str]
    skipped: list[SkippedInFile]


async def read_rules(name: str, data: bytes) -> tuple[list[dict[str, Any]], list[SkippedInFile]]:
    """Return the rules in a file, and the parts of it that are not imported.

    Raises:
        APIError: 400: the file is too large, cannot be read, or has no rules.
    """
    from chatdouble.importers.as_rules import as_rules  # noqa: PLC0415 - the formats of other tools

    if len(data) > MOST_BYTES:
        advice = "convert it with `chatdouble import`, and start the server with --scripts"
        raise APIError(
            f"The file has {len(data)} bytes, and at most {MOST_BYTES} are imported: {advice}.", code=_INVALID
        )
    try:
        found = await asyncio.to_thread(as_rules, name, data)
    except (ValueError, RecursionError) as wrong:
        raise APIError(f"The file cannot be imported: {wrong}", code=_INVALID) from None
    if not found.rules:
        raise APIError(f"The file has no rules. {_reasons(found)}".rstrip(), code=_INVALID)
    skipped = [_skipped(one) for one in found.skipped[:_MOST_REASONS]]
    return [one.written for one in found.rules], skipped


def _reasons(found: "FoundRules") -> str:
    return "; ".join(f"{one.where}: {one.reason}".removeprefix(": ") for one in found.skipped[:5])


def _skipped(one: "Skipped") -> SkippedInFile:
    return {"where": one.where, "reason": one.reason}
