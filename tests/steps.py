"""The steps in which JSON is written: what one call of a library writes keeps all threads waiting."""

import json
from typing import Any

import orjson
import pytest


def written_steps(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows by the length of what each call writes, for the rest of a test."""
    steps: list[int] = []
    for library in (orjson, json):
        _count(monkeypatch, library, steps)
    return steps


def _count(monkeypatch: pytest.MonkeyPatch, library: Any, steps: list[int]) -> None:
    dumps = library.dumps

    def counted(*given: Any, **more: Any) -> Any:
        written = dumps(*given, **more)
        steps.append(len(written))
        return written

    monkeypatch.setattr(library, "dumps", counted)
