"""A profile of a request's time, by part of the server.

`python -m bench.parts LOAD` drives it in this process, without a socket, so that the figures are its own time, alone
on its core. A clock costs about half a microsecond, most of which counts with the part around it.
"""

import asyncio
import functools
import inspect
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from statistics import median
from typing import Any, Final
from unittest.mock import patch

from bench.payloads import CHAT, COUNTER, KEY, RESPONSE, RESPONSE_STREAM, STREAM, TOOLS, TURNS, WHOLE, Load
from chatdouble.answer import compose
from chatdouble.apis import chat, endpoint
from chatdouble.apis.responses import api as responses_api
from chatdouble.apis.responses import state as responses_state
from chatdouble.http import headers, sending
from chatdouble.layers import limits, pace
from chatdouble.layers.faults import layer
from chatdouble.server import auth, journal, metrics, pipeline
from chatdouble.server.application import Application, create_app
from chatdouble.state import session
from chatdouble.streaming import responses_codec
from chatdouble.tokens import caching, usage
from chatdouble.validation import checking, parsing
from chatdouble.validation.responses import checking as responses_checking
from chatdouble_backends import echo

PARTS: Final[tuple[tuple[str, Any, str], ...]] = (
    ("the pipeline: the call, errors, metrics' and journal's turn", pipeline.Pipeline, "__call__"),
    ("headers", pipeline, "RequestHeaders"),
    ("session and key", auth.Auth, "caller"),
    ("the session: its count and its overrides", session.Session, "enter"),
    ("request id", pipeline, "request_id"),
    ("the endpoint: read, check, ask the backend, send", endpoint.Endpoint, "__call__"),
    ("body", endpoint, "read_body"),
    ("JSON", parsing.KnownTools, "parse"),
    ("shape (pydantic)", checking, "_validated"),
    ("rules, context, model", checking.Checker, "checked"),
    ("limits", limits.Limits, "reply"),
    ("faults: whether there are any", layer.Faulty, "reply"),
    ("pace: whether there is any", pace.Paced, "reply"),
    ("what to say (echo)", echo.Echo, "reply"),
    ("composing the answer", echo, "compose"),
    ("the prompt's tokens, with the tokenizer", compose, "prompt_tokens"),
    ("the tokens of tools and response format", usage, "_add_instructions"),
    ("prompt cache", caching, "_sequence"),
    ("completion id", compose, "completion_id"),
    ("usage", compose, "usage_of"),
    ("response headers", headers.Headers, "of"),
    ("encoding a whole answer", chat.ChatCodec, "body"),
    ("a stream's frames", chat.ChatCodec, "writes"),
    ("a response's request: shape and rules", responses_checking.ResponsesChecker, "checked"),
    ("a response's request, as chat completions have it", responses_state, "_put"),
    ("a response, made of the completion", responses_api, "compose_response"),
    ("encoding a whole answer", responses_codec.ResponsesCodec, "body"),
    ("a stream's frames", responses_codec, "in_writes"),
    ("what is kept of a response", responses_state, "_kept"),
    ("keeping it in the session", session.Session, "store"),
    ("sending", sending.Sender, "send"),
    ("journal", journal.Journal, "record"),
    ("metrics", metrics.Metrics, "count"),
)
"""Parts by name, with their functions. The time of a nested part is not counted again."""

LOADS: Final = {
    "whole": WHOLE,
    "tools": TOOLS,
    "turns": TURNS,
    "stream": STREAM,
    "response": RESPONSE,
    "response-stream": RESPONSE_STREAM,
}
"""The loads that are driven, by their names on the command line."""
_ROUNDS: Final = 60
_REQUESTS: Final = 100


class Clocks:
    """The clocks of all parts, of which one runs at a time."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)
        self._within: list[float] = []

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function with its clock; generators are run to their end, coroutines never wait here."""

        @functools.wraps(function)
        def clocked(*given: Any, **named: Any) -> Any:
            began = self._begin()
            found = function(*given, **named)
            found = iter(list(found)) if inspect.isgenerator(found) else found
            self._end(name, began)
            return found

        @functools.wraps(function)
        async def awaited(*given: Any, **named: Any) -> Any:
            began = self._begin()
            found = await function(*given, **named)
            self._end(name, began)
            return found

        return awaited if name == "sending" or inspect.iscoroutinefunction(function) else clocked

    def _begin(self) -> float:
        self._within.append(0.0)
        return time.perf_counter()

    def _end(self, name: str, began: float) -> None:
        total = time.perf_counter() - began
        self.spent[name] += total - self._within.pop()
        if self._within:
            self._within[-1] += total


def measure(load: Load) -> dict[str, float]:
    """Return the microseconds of each part for one request, the median of rounds; "all" is without any clock."""
    clocks, app = Clocks(), create_app()
    rounds: defaultdict[str, list[float]] = defaultdict(list)
    bodies = [load.encoded().replace(COUNTER.encode(), b"%06d" % number) for number in range(_ROUNDS * _REQUESTS)]
    # In turns, so that what the machine gives to one it gives to the other.
    for at in range(0, len(bodies), 2 * _REQUESTS):
        rounds["all"].append(_driven(app, load.path, bodies[at : at + _REQUESTS]))
        clocks.spent.clear()
        with ExitStack() as stack:
            for name, owner, function in PARTS:
                stack.enter_context(patch.object(owner, function, clocks.around(name, getattr(owner, function))))
            _driven(app, load.path, bodies[at + _REQUESTS : at + 2 * _REQUESTS])
        for name, spent in clocks.spent.items():
            rounds[name].append(spent / _REQUESTS * 1e6)
    return {name: median(all_of) for name, all_of in rounds.items()}


def _driven(app: Application, path: str, bodies: list[bytes]) -> float:
    """Ask for answers one after another; return the microseconds each took."""

    async def asked() -> float:
        began = time.perf_counter()
        for body in bodies:
            await app(_scope(body, path), functools.partial(_received, body), _sent)
        return (time.perf_counter() - began) / len(bodies) * 1e6

    return asyncio.run(asked())


async def _received(body: bytes) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": False}


async def _sent(message: Any) -> None:
    """Take what is sent."""


def _scope(body: bytes, path: str = CHAT) -> dict[str, Any]:
    said = {f"x-stainless-header-{number}": "what the client says of itself" for number in range(12)}
    given = {
        "host": "localhost",
        "content-type": "application/json",
        "authorization": f"Bearer {KEY}",
        "content-length": str(len(body)),
        **said,
    }
    return {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
    }


def main(load: str = "whole") -> None:
    """Print a table of the parts of a load."""
    found = measure(LOADS[load])
    parts = [(name, found[name]) for name in dict.fromkeys(name for name, _, _ in PARTS) if name in found]
    print("| part | us |\n| --- | --- |")
    clocked = sum(spent for _, spent in parts)
    for name, spent in [*parts, ("all of these, each with its clock", clocked), ("all, without clocks", found["all"])]:
        print(f"| {name} | {spent:.1f} |")


if __name__ == "__main__":
    main(*sys.argv[1:])
