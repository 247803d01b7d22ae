"""Count of the functions and files that a request passes, in this process and after a warm-up.

`python -m bench.calls` prints a row for each kind of request. Only calls into `app/` and `backends/` count.
"""

import asyncio
import gc
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final

import chatdouble
import chatdouble_backends
from chatdouble.server.application import Application, create_app
from chatdouble.settings import Settings
from chatdouble.testing.server import running

_ROOTS: Final = tuple(str(Path(package.__path__[0])) for package in (chatdouble, chatdouble_backends))
_COMPREHENSIONS: Final = frozenset({"<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>"})
_WARM_UPS: Final = 3

_PLAIN: Final = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello!"}]}
_TOOL: Final = {
    "type": "function",
    "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}
_CALLED: Final = {"type": "function", "function": {"name": "get_weather"}}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of request.

    Attributes:
        name: Its name in the table.
        body: The request.
        status: The status of its answer.
        functions: The goal for functions.
        files: The goal for files.
    """

    name: str
    body: Mapping[str, Any]
    status: int
    functions: int
    files: int


PLAIN: Final = Kind("a plain request", _PLAIN, 200, 70, 30)
INVALID: Final = Kind("a 400", {**_PLAIN, "temperature": 3}, 400, 60, 20)
STREAM: Final = Kind(
    "a streamed tool call", {**_PLAIN, "tools": [_TOOL], "tool_choice": _CALLED, "stream": True}, 200, 150, 45
)
REPLAY: Final = replace(PLAIN, name="a replay", functions=110, files=40)


@dataclass(slots=True)
class Passed:
    """The code that a request passed.

    Attributes:
        functions: Every function, once.
        changes: The number of times that a call led into another file than the call before.
    """

    functions: set[CodeType] = field(default_factory=set[CodeType])
    changes: int = 0
    _last: str = ""

    def note(self, frame: FrameType, event: str, _argument: object) -> None:
        """Note a call; a profile function of `sys.setprofile`."""
        code = frame.f_code
        if event != "call" or code.co_name in _COMPREHENSIONS or not code.co_filename.startswith(_ROOTS):
            return
        self.functions.add(code)
        self.changes += code.co_filename != self._last
        self._last = code.co_filename

    @property
    def files(self) -> set[str]:
        """The files of the functions."""
        return {code.co_filename for code in self.functions}


async def _answer(app: Application, body: bytes) -> int:
    """Send a request to an application and return the status of its answer."""
    statuses: list[int] = []
    unread = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        # After the body a client sends nothing until it leaves, which this one never does.
        return unread.pop() if unread else await asyncio.Future[dict[str, Any]]()

    async def send(message: Any) -> None:
        if "status" in message:
            statuses.append(message["status"])

    # As `chatdouble serve` does, which has no need of other ASGI scopes.
    await app.pipeline(_scope(body), receive, send)
    return statuses[0]


def _scope(body: bytes) -> dict[str, Any]:
    headers = {"authorization": "Bearer sk-calls", "content-type": "application/json", "content-length": str(len(body))}
    return {
        "type": "http",
        "method": "POST",
        "path": "/v1/chat/completions",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }


async def passed(app: Application, kind: Kind) -> Passed:
    """Count one request after the first ones, which import modules and fill caches.

    Raises:
        RuntimeError: An answer has another status than its kind.
    """
    body = json.dumps(kind.body).encode()
    statuses = {await _answer(app, body) for _ in range(_WARM_UPS)}
    # In each new second a request makes the digits of the time anew, for example, which the others do not.
    counted = [await _counted(app, body, statuses) for _ in range(3)]
    if statuses != {kind.status}:
        raise RuntimeError(f"{kind.name} was answered with {sorted(statuses)}")
    return min(counted, key=lambda one: len(one.functions))


async def _counted(app: Application, body: bytes, statuses: set[int]) -> Passed:
    """Count one request, and add the status of its answer."""
    counted = Passed()
    gc.collect()
    gc.disable()  # a collection would call what other requests have left
    sys.setprofile(counted.note)
    try:
        statuses.add(await _answer(app, body))
    finally:
        sys.setprofile(None)
        gc.enable()
    return counted


async def _recorded(folder: Path) -> Application:
    """Record one exchange with a server of our own, and return an application that replays it."""
    with running(Settings(log_level="error")) as upstream:
        app = create_app(Settings(upstream=upstream.base_url, recordings=folder, mode="record"))
        await _answer(app, json.dumps(REPLAY.body).encode())
        await app.aclose()
    return create_app(Settings(recordings=folder))


async def count() -> list[tuple[Kind, Passed]]:
    """Count every kind of request."""
    # What waits for a vocabulary is done by threads, which are not watched.
    app = create_app(Settings(preload=True))
    found = [(kind, await passed(app, kind)) for kind in (PLAIN, INVALID, STREAM)]
    with tempfile.TemporaryDirectory() as folder:
        found.append((REPLAY, await passed(await _recorded(Path(folder)), REPLAY)))
    return found


def table(found: Sequence[tuple[Kind, Passed]]) -> str:
    """Return the counts beside their goals, as a table in Markdown."""
    rows = ["| request | functions | goal | files | goal | changes of file |", "| --- | --- | --- | --- | --- | --- |"]
    for kind, one in found:
        cells = (kind.name, len(one.functions), kind.functions, len(one.files), kind.files, one.changes)
        rows.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(rows)


if __name__ == "__main__":
    print(table(asyncio.run(count())))
