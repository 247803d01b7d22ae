"""The tools that a request offers, and what was found out about them when they were first seen."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import orjson

_LARGEST: Final = 256 * 1024
"""Larger ones, in bytes of JSON, are not remembered."""

Found = TypeVar("Found")
More = ParamSpec("More")


class Toolbox:
    """The `tools` and `functions` of a request.

    A client sends the same ones with request after request, so that what depends on them alone is found out once.

    Attributes:
        fields: The request's `tools` and `functions`; never to be changed, for other requests have the same.
        passed: The checks that found nothing wrong with them.
    """

    __slots__ = ("_found", "fields", "passed")

    def __init__(self, tools: Any, functions: Any) -> None:
        self.fields: Final[Mapping[str, Any]] = {"tools": tools, "functions": functions}
        self.passed: Final[set[object]] = set()
        self._found: Final[dict[object, Any]] = {}

    def once(
        self, find: "Callable[Concatenate[Toolbox, More], Found]", *more: "More.args", **named: "More.kwargs"
    ) -> Found:
        """Return what a function finds out about these tools; it is called the first time only.

        Args:
            find: The function, by which the finding is remembered.
            more: What else it is told; it finds the same whatever that is.
            named: Likewise.
        """
        if find not in self._found:
            self._found[find] = find(self, *more, **named)
        found: Found = self._found[find]
        return found


def offers_tools(body: Mapping[str, Any]) -> bool:
    """Say whether a request has anything to do with tools."""
    return "tools" in body or "functions" in body


def toolbox_of(body: Mapping[str, Any]) -> Toolbox:
    """Return the toolbox of a request; one that is written the same has the same.

    Args:
        body: The request as it was sent, or its `tools` and `functions` alone. Those are not changed from then on.
    """
    return _latest(_Given(body.get("tools"), body.get("functions")))


class _Given:
    """Tools and functions as they came with one request, which asks for them several times."""

    __slots__ = ("functions", "tools")

    def __init__(self, tools: Any, functions: Any) -> None:
        self.tools = tools
        self.functions = functions

    def __hash__(self) -> int:
        return id(self.tools)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Given) and self.tools is other.tools and self.functions is other.functions


@lru_cache(maxsize=1)
def _latest(given: _Given) -> Toolbox:
    try:
        written = orjson.dumps((given.tools, given.functions))
    except TypeError:  # no JSON, or too deep to be written
        return Toolbox(given.tools, given.functions)
    return _remembered(written) if len(written) <= _LARGEST else Toolbox(given.tools, given.functions)


@lru_cache(maxsize=32)
def _remembered(written: bytes) -> Toolbox:
    return Toolbox(*orjson.loads(written))
