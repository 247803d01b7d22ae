"""The steps in which JSON is written: what one call of a library writes keeps all threads waiting."""

import json
from typing import Any

import orjson
import pytest

from chatdouble.core.in_turns import _Line  # pyright: ignore[reportPrivateUsage] - every loop gives way in it


def written_steps(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows by the length of what each call writes, for the rest of a test."""
    steps: list[int] = []
    for library in (orjson, json):
        _count(monkeypatch, library, steps)
    return steps


def counted_turns(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows whenever a long loop gives way, for the rest of a test."""
    turns: list[int] = []
    turn = _Line.turn

    async def counted(line: _Line) -> None:
        turns.append(1)
        await turn(line)

    monkeypatch.setattr(_Line, "turn", counted)
    return turns


def _count(monkeypatch: pytest.MonkeyPatch, library: Any, steps: list[int]) -> None:
    dumps = library.dumps

    def counted(*given: Any, **more: Any) -> Any:
        written = dumps(*given, **more)
        steps.append(len(written))
        return written

    monkeypatch.setattr(library, "dumps", counted)
