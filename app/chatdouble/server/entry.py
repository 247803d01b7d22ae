"""An entry of the journal, as it is read."""

from typing import Any, Final, Literal, NotRequired

from typing_extensions import TypedDict

from chatdouble.backend.notes import TurnNote
from chatdouble.core.errors import Error

IN_FLIGHT: Final = "in flight"
"""The end of a request that has not ended."""


class NearMiss(TypedDict):
    """A rule that did not match.

    Attributes:
        rule: The rule.
        where: Its file and line.
        condition: The first condition that failed.
        expected: The value that it expects, in words.
        found: The value of the request.
    """

    rule: str
    where: str
    condition: str
    expected: str
    found: Any


class GateNote(TypedDict):
    """A gate at which an answer stopped.

    Attributes:
        name: The gate's name.
        since: The time of arrival in seconds since 1970, by the server's clock.
        milliseconds: The time that the answer waited.
        outcome: How the wait ended.
    """

    name: str
    since: float
    milliseconds: float
    outcome: Literal["waiting", "released", "aborted", "timed out", "opened", "client left"]


class WrittenChunk(TypedDict):
    """A piece of an answer that was written.

    Attributes:
        at: The seconds after the request at which it was written.
        bytes: Its size. Pieces that were due together were written together.
        text: What it carried. It is missing beyond the first 16 KiB of an answer, in one that is compressed, and in
            one that has a secret.
    """

    at: float
    bytes: int
    text: NotRequired[str]


class Entry(TypedDict):
    """A request and its answer. Keys that may be missing are there if there is something to say.

    Attributes:
        id: The `x-request-id` of the answer.
        ordinal: The number of the request in its session, from 1.
        at: The time of arrival in seconds since 1970, by the server's clock.
        milliseconds: The duration.
        session: The session.
        method: The HTTP method.
        path: The path, as it was asked for.
        headers: The request's headers by name in lower case, secrets replaced.
        request: The request's body; a text if it is not JSON, and null if it was not read.
        status: The answer's status; 0 if there is none.
        ended: How the answer ended.
        response: The answer or the error; null if there is none.
        first_chunk: The seconds after the request at which the first piece of a paced, disturbed or relayed answer was
            written.
        conversation: The conversation that the request's messages belong to: `conv-` and the ordinal of its first
            request.
        adds: The index of the first message that no earlier request of the conversation had.
        rule: The rule that answered, `queue` for a queued reply, or `turn` for a turn.
        turn: The turn of a scripted conversation that the request was for.
        near_misses: The rules that nearly matched, the nearest first.
        warnings: What lenient validation let pass, and what the real API could not have sent.
        faults: The faults that were applied.
        gates: The gates at which the answer stopped.
        mode: How recordings were used.
        recorded: The file that was recorded.
        not_recorded: The reason why nothing was recorded.
        error: The error that ended a stream.
        unread: Whether the client left while there was more to send than the end of a stream.
        ignored: Faults of the request that lenient validation ignored.
        impossible: Faults of a scripted reply that the API could not give.
        retry_after: The seconds that an error's `retry-after` named.
        is_final: Whether an error carried `x-should-retry: false`.
    """

    id: str
    ordinal: int
    at: float
    milliseconds: float
    session: str
    method: str
    path: str
    headers: dict[str, str]
    request: Any
    status: int
    ended: Literal["", "completed", "client left", "cut", "refused", "in flight"]
    response: Any
    first_chunk: NotRequired[float]
    conversation: NotRequired[str]
    adds: NotRequired[int]
    rule: NotRequired[str]
    turn: NotRequired[TurnNote]
    near_misses: NotRequired[list[NearMiss]]
    warnings: NotRequired[list[str]]
    faults: NotRequired[list[str]]
    gates: NotRequired[list[GateNote]]
    mode: NotRequired[str]
    recorded: NotRequired[str]
    not_recorded: NotRequired[str]
    error: NotRequired[Error]
    unread: NotRequired[bool]
    ignored: NotRequired[list[str]]
    impossible: NotRequired[list[str]]
    retry_after: NotRequired[float]
    is_final: NotRequired[bool]


class Detail(Entry):
    """One entry whole.

    Attributes:
        chunks: The chunks of a stream, and the pieces of a paced, disturbed or relayed answer.
        attempts: The ids of all attempts at the request, if the client tried again.
        verdict: The kinds of problems that the verdict finds in the request.
    """

    chunks: list[WrittenChunk]
    attempts: list[str]
    verdict: list[str]
