"""The recorded corpora, for the tests that run over all of them where they are beside the clone."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chatdouble.core.json import is_array, is_object

CHAT = "/chat/completions"
REFERENCE = Path(__file__).parents[2] / "shared" / "reference"

full_corpora = pytest.mark.full_corpora
"""Marks a test that reads the recorded corpora: without them it is not run, and the summary counts it."""


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
        at: When it was recorded, in seconds since 1970; None where nobody said.
        path: Where it was sent, below /v1.
        method: How it was sent.
    """

    row: int
    status: int
    error: dict[str, Any]
    verbatim: str
    request: dict[str, Any] | None
    described: str
    at: float | None = None
    path: str = CHAT
    method: str = "POST"

    def alike(self, other: Mapping[str, Any]) -> bool:
        """Return whether another error is this one, apart from numbers and quoted values."""
        keys = {"object": ("type", "param", "code"), "message": ()}.get(self.verbatim, ("param", "code"))
        same = normal(self.error["message"]) == normal(other["message"])
        return same and all(self.error[key] == other[key] for key in keys)


def normal(message: str) -> str:
    """Return a message without its numbers and quoted values."""
    return re.sub(r"\d+(\.\d+)?", "N", re.sub(r"'[^']*'", "'V'", message))


def error_cases(name: str = "errors.jsonl") -> list[ErrorCase]:
    """Return all cases of errors.jsonl, or of a later file."""
    return [
        ErrorCase(
            row=row,
            status=line["status"],
            error=line["error"],
            verbatim=line["verbatim"],
            request=expanded(line["trigger"]) if line["trigger_kind"].startswith("request") else None,
            described=line["trigger"] if line["trigger_kind"] == "description" else "",
            at=_time(line["date"]),
            path=line.get("path") or CHAT,
            method=line.get("method") or "POST",
        )
        for row, line in enumerate(_lines(name))
    ]


def exchanges(name: str = "exchanges.jsonl") -> list[dict[str, Any]]:
    """Return all recorded exchanges of exchanges.jsonl, or of a later file, long texts of the requests in full."""
    return [{**line, "request_body": expanded(line["request_body"])} for line in _lines(name)]


def _time(day: str | None) -> float | None:
    """Return the beginning of a day, month or year."""
    if not day:
        return None
    year, month, date = (*map(int, day.split("-")), 1, 1)[:3]
    return datetime(year, month, date, tzinfo=UTC).timestamp()


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
    for line in (REFERENCE / name).read_text().splitlines():
        yield json.loads(line)
