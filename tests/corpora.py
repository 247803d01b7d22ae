"""The reference's corpora, for tests that hold the server against them; skipped where they are missing."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chatdouble.core.json import is_array, is_object

REFERENCE = Path(__file__).parents[2] / "shared" / "reference"


@dataclass(frozen=True)
class ErrorCase:
    """An error of the real API and the request that caused it.

    Attributes:
        row: Its place in errors.jsonl, from 0.
        status: The HTTP status.
        error: The envelope's inside; `<unknown>` where nobody said.
        verbatim: What of it may be compared: `object`, `message,param,code` or `message`.
        request: The request's body, long texts in full; None where it is not known.
        described: What is known of the request where it is not.
    """

    row: int
    status: int
    error: dict[str, Any]
    verbatim: str
    request: dict[str, Any] | None
    described: str

    def alike(self, other: Mapping[str, Any]) -> bool:
        """Return whether another error is this one, apart from numbers and quoted values."""
        keys = {"object": ("type", "param", "code"), "message": ()}.get(self.verbatim, ("param", "code"))
        same = normal(self.error["message"]) == normal(other["message"])
        return same and all(self.error[key] == other[key] for key in keys)


def normal(message: str) -> str:
    """Return a message without its numbers and quoted values."""
    return re.sub(r"\d+(\.\d+)?", "N", re.sub(r"'[^']*'", "'V'", message))


def error_cases() -> list[ErrorCase]:
    """Return all cases of errors.jsonl."""
    return [
        ErrorCase(
            row=row,
            status=line["status"],
            error=line["error"],
            verbatim=line["verbatim"],
            request=expanded(line["trigger"]) if line["trigger_kind"] == "request" else None,
            described=line["trigger"] if line["trigger_kind"] == "description" else "",
        )
        for row, line in enumerate(_lines("errors.jsonl"))
    ]


def exchanges() -> list[dict[str, Any]]:
    """Return all recorded exchanges of exchanges.jsonl, long texts of the requests in full."""
    return [{**line, "request_body": expanded(line["request_body"])} for line in _lines("exchanges.jsonl")]


def expanded(value: Any) -> Any:
    """Return a request with its shortened texts, `word word…<750 chars>`, repeated to their length."""
    if is_object(value):
        return {key: expanded(one) for key, one in value.items()}
    if is_array(value):
        return [expanded(one) for one in value]
    if isinstance(value, str) and (cut := re.fullmatch(r"(.+)…<(\d+) chars>", value, re.DOTALL)):
        text, length = cut[1], int(cut[2])
        return (text * (length // len(text) + 1))[:length]
    return value


def _lines(name: str) -> Iterator[dict[str, Any]]:
    path = REFERENCE / name
    if not path.exists():
        pytest.skip(f"the recorded corpus (../shared/reference/{name}) is not beside the clone")
    for line in path.read_text().splitlines():
        yield json.loads(line)
