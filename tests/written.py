"""The JSON that is written during a test, for tests of work that is done in steps."""

from typing import Any

import orjson
import pytest


def sizes_written(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list to which every call of `orjson.dumps` from now on adds the bytes that it wrote."""
    sizes: list[int] = []
    dumps = orjson.dumps

    def counted(*given: Any, **more: Any) -> bytes:
        written = dumps(*given, **more)
        sizes.append(len(written))
        return written

    monkeypatch.setattr(orjson, "dumps", counted)
    return sizes
