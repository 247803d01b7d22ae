"""Recorded exchanges with the real API; tests that use them are skipped if they are missing."""

import json
from pathlib import Path
from typing import Any

import pytest

EXCHANGES = Path(__file__).parents[2] / "shared" / "reference" / "exchanges.jsonl"


def exchanges() -> list[dict[str, Any]]:
    """Return the exchanges with a whole answer of status 200."""
    if not EXCHANGES.exists():
        pytest.skip("the recorded exchanges (../shared/reference/exchanges.jsonl) are not beside the clone")
    rows = [json.loads(line) for line in EXCHANGES.read_text().splitlines()]
    return [
        row
        for row in rows
        if row["status"] == 200 and row["path"].endswith("/chat/completions") and "response_body" in row
    ]


def answers() -> list[dict[str, Any]]:
    """Return the recorded whole answers."""
    return [row["response_body"] for row in exchanges()]
