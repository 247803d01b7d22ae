"""A request in short: a line of a list."""

from collections.abc import Sequence
from typing import Any, Final, Literal

from typing_extensions import TypedDict

from chatdouble.core.json import as_object, is_object
from chatdouble.schema.texts import text_of
from chatdouble.server.conversations import messages_of
from chatdouble.server.entry import Entry, GateNote
from chatdouble.server.entry_view import EntryView

_TITLE: Final = 120
"""The most characters of a title."""


class Summary(TypedDict):
    """A request in short.

    Attributes:
        id: The `x-request-id` of the answer.
        ordinal: The number of the request in its session, from 1.
        at: The time of arrival in seconds since 1970, by the server's clock.
        milliseconds: The duration.
        session: The session.
        method: The HTTP method.
        path: The path.
        status: The answer's status; 0 if there is none.
        ended: How the answer ended, `in flight` until then.
        model: The model that was asked for; empty: none.
        stream: Whether a stream was asked for.
        conversation: The conversation; empty: the request has no messages.
        title: The role and the beginning of the last message.
        by: What answered: a rule, a recording, `queue`, a turn, or the backend; empty: nothing yet.
        error: The code or the type of the error; empty: there was none.
        first_chunk: The seconds to the first piece of a paced, disturbed or relayed answer; null for others.
        tokens_in: The tokens of the prompt; null: the answer has no usage.
        tokens_out: The tokens of the completion; null: the answer has no usage.
        faults: The faults that were applied.
        gates: The gates at which the answer stopped.
        problems: The kinds of problems that the verdict finds in it.
    """

    id: str
    ordinal: int
    at: float
    milliseconds: float
    session: str
    method: str
    path: str
    status: int
    ended: str
    model: str
    stream: bool
    conversation: str
    title: str
    by: str
    error: str
    first_chunk: float | None
    tokens_in: int | None
    tokens_out: int | None
    faults: list[str]
    gates: list[GateNote]
    problems: list[str]


class SummaryPage(TypedDict):
    """Requests in short.

    Attributes:
        object: `list`.
        data: The requests, oldest first, those in flight last.
        kept: The number of requests in the journal, selected or not.
    """

    object: Literal["list"]
    data: list[Summary]
    kept: int


def summary(entry: Entry, problems: Sequence[str], backend: str) -> Summary:
    """Return a request in short.

    Args:
        entry: The request.
        problems: The kinds of its problems.
        backend: The name of what answers requests that nothing else answered.
    """
    view, response = EntryView(entry), as_object(entry["response"])
    usage = as_object(response.get("usage"))
    return {
        "id": entry["id"],
        "ordinal": entry["ordinal"],
        "at": entry["at"],
        "milliseconds": entry["milliseconds"],
        "session": entry["session"],
        "method": entry["method"],
        "path": entry["path"],
        "status": entry["status"],
        "ended": entry["ended"],
        "model": view.model,
        "stream": view.body.get("stream") is True,
        "conversation": entry.get("conversation", ""),
        "title": _title(entry),
        "by": _by(entry, backend),
        "error": _error(entry),
        "first_chunk": entry.get("first_chunk"),
        "tokens_in": _count(usage, "prompt_tokens", "input_tokens"),
        "tokens_out": _count(usage, "completion_tokens", "output_tokens"),
        "faults": [*entry.get("faults", [])],
        "gates": [*entry.get("gates", [])],
        "problems": [*problems],
    }


def _title(entry: Entry) -> str:
    messages = messages_of(entry["path"], entry["request"])
    if not messages:
        return ""
    last = messages[-1]
    text = " ".join(text_of(last.get("content"))[: 4 * _TITLE].split())
    return f"{str(last.get('role') or last.get('type') or '')[:_TITLE]}: {text}"[:_TITLE]


def _by(entry: Entry, backend: str) -> str:
    if turn := entry.get("turn"):
        return f"{turn['conversation']} {turn['number']}/{turn['of']}"
    return entry.get("rule") or (backend if entry["ended"] in ("completed", "cut", "client left") else "")


def _error(entry: Entry) -> str:
    error: Any = as_object(entry["response"]).get("error") or entry.get("error")
    return str(error.get("code") or error.get("type") or "error") if is_object(error) else ""


def _count(usage: dict[str, Any], *names: str) -> int | None:
    return next((count for name in names if isinstance(count := usage.get(name), int)), None)
