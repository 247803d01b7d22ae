"""Whole answers of the recorded corpora, for the tests marked `full_corpora`."""

import json
from typing import Any

from corpora import REFERENCE

EXCHANGES = REFERENCE / "exchanges.jsonl"


def exchanges() -> list[dict[str, Any]]:
    """Return the exchanges that got a whole answer with status 200."""
    rows = [json.loads(line) for line in EXCHANGES.read_text().splitlines()]
    return [
        row
        for row in rows
        if row["status"] == 200 and row["path"].endswith("/chat/completions") and "response_body" in row
    ]


def answers() -> list[dict[str, Any]]:
    """Return the recorded whole answers."""
    return [row["response_body"] for row in exchanges()]
