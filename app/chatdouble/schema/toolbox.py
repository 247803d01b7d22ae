"""The tools of a request, and the results computed from them."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, TypeVar, TypeVarTuple

import orjson

LARGEST: Final = 256 * 1024
"""The largest tools that are cached, in bytes of JSON."""

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")


class Toolbox:
    """The `tools` and `functions` of a request.

    A client sends the same tools with request after request, so everything that depends on them is computed once.

    Attributes:
        fields: The request's `tools` and `functions`. Shared by requests; do not modify.
        passed: The checks that the tools have passed.
    """

    __slots__ = ("_results", "fields", "passed")

    def __init__(self, tools: Any, functions: Any) -> None:
        self.fields: Final[Mapping[str, Any]] = {"tools": tools, "functions": functions}
        self.passed: Final[set[object]] = set()
        self._results: Final[dict[object, Any]] = {}

    def once(self, compute: "Callable[[Toolbox, *Arguments], Result]", *arguments: *Arguments) -> Result:
        """Return what a function computes from these tools; repeated calls return the first result.

        Args:
            compute: The function.
            arguments: Its further arguments, hashable. The result is kept for each combination of them.
        """
        # A tuple is built and hashed only where there are arguments: most functions take none.
        key = (compute, *arguments) if arguments else compute
        if key not in self._results:
            self._results[key] = compute(self, *arguments)
        result: Result = self._results[key]
        return result


def offers_tools(body: Mapping[str, Any]) -> bool:
    """Return whether a request has `tools` or `functions`."""
    return "tools" in body or "functions" in body


def toolbox_of(body: Mapping[str, Any]) -> Toolbox:
    """Return the toolbox of a request; requests whose tools have the same JSON share one.

    Args:
        body: The request as it was sent, or only its `tools` and `functions`. They must not change afterwards.
    """
    return _latest(_SentTools(body.get("tools"), body.get("functions")))


class _SentTools:
    """The tools and functions of one request, compared by identity: a request looks its toolbox up several times."""

    __slots__ = ("functions", "tools")

    def __init__(self, tools: Any, functions: Any) -> None:
        self.tools = tools
        self.functions = functions

    def __hash__(self) -> int:
        return id(self.tools)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _SentTools) and self.tools is other.tools and self.functions is other.functions


@lru_cache(maxsize=1)
def _latest(sent: _SentTools) -> Toolbox:
    try:
        encoded = orjson.dumps((sent.tools, sent.functions))
    except TypeError:  # not JSON, or nested too deeply to be encoded
        return Toolbox(sent.tools, sent.functions)
    return _cached(encoded) if len(encoded) <= LARGEST else Toolbox(sent.tools, sent.functions)


@lru_cache(maxsize=32)
def _cached(encoded: bytes) -> Toolbox:
    return Toolbox(*orjson.loads(encoded))
