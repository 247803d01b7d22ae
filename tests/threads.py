"""The threads that do a piece of work: what the one that serves does keeps everybody waiting."""

import threading
from pkgutil import resolve_name
from typing import Any

import pytest


def by_pool(monkeypatch: pytest.MonkeyPatch, target: str) -> list[bool]:
    """Return a list that grows by whether a pool's thread makes each call of a function, for the rest of a test.

    Args:
        monkeypatch: Replaces the function.
        target: Its module and name, such as `chatdouble.core.releasing.release`.
    """
    function, calls = resolve_name(target), list[bool]()

    def noting(*given: Any, **more: Any) -> Any:
        calls.append(threading.current_thread().name.rpartition("_")[2].isdigit())
        return function(*given, **more)

    monkeypatch.setattr(target, noting)
    return calls
