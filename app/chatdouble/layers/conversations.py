"""The conversations of a session: their turns, the request that each waits for, and the error of one that does not fit.

It is imported only when a session has a conversation.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any, Final

from typing_extensions import TypedDict

from chatdouble.backend import Backend, Call, Reply
from chatdouble.core.errors import APIError
from chatdouble.core.json import as_array, as_object, is_array
from chatdouble.scripts.format.conversation import ConversationScript
from chatdouble.scripts.format.reply import ReplySpec
from chatdouble.scripts.matching.asked_for import conditions_of
from chatdouble.scripts.matching.combinators import Failure
from chatdouble.scripts.matching.compiled_matcher import brief
from chatdouble.scripts.matching.near_misses import contrast
from chatdouble.scripts.matching.request_view import RequestView
from chatdouble.scripts.reading.load import NO_UPSTREAM
from chatdouble.scripts.reading.mistakes import mistake_lines
from chatdouble.scripts.replying.answering import Answering
from chatdouble.scripts.replying.template_variables import TemplateVariables
from chatdouble.state.session import Session

MISMATCH: Final = "turn_mismatch"
"""The error code of a request that does not fit the turn of its conversation."""

TURN: Final = "turn"
"""The rule that the journal names for an answer of a turn."""

MOST: Final = 200
"""Conversations that a session may have."""

MOST_TURNS: Final = 10_000
"""Turns that the conversations of a session may have together."""


_DESCRIBED: Final = 100
"""The mistakes that an error describes."""

_AT_ONCE: Final = 50
"""The turns that are validated at once, some milliseconds."""


class Conversation(TypedDict):
    """A conversation as the session keeps it.

    Attributes:
        id: Its id.
        conversation: The requests that belong to it, as the test wrote it.
        limited: Whether only some requests belong to it.
        turns: Its turns, as the test wrote them.
        requests: The ids of the requests that its turns have answered, in order.
    """

    id: str
    conversation: dict[str, Any]
    limited: bool
    turns: list[dict[str, Any]]
    requests: list[str]


def name_of(one: Conversation) -> str:
    """Return a conversation's name, or its id."""
    return str(one["conversation"].get("name") or one["id"])


async def add(session: Session, given: object, *, has_upstream: bool = True) -> str:
    """Add a conversation to a session, and return its id.

    Args:
        session: The session.
        given: The conversation as `POST /_double/script` takes it.
        has_upstream: Whether the server has an upstream; without one, no reply may ask for it.

    Raises:
        APIError: 400: it is not a conversation, with all mistakes; or the session has too many.
    """
    listed = given if is_array(given) else as_array(as_object(given).get("turns"))
    _check_room((), len(listed))
    # Thousands of turns take a while to validate.
    spec = await asyncio.to_thread(_checked, given) if len(listed) > _AT_ONCE else _checked(given)
    unreachable = [at for at, turn in enumerate(spec.turns) if turn.reply.upstream and not has_upstream]
    if unreachable:
        lines = [f"script.turns[{at}].reply.upstream: {NO_UPSTREAM}" for at in unreachable]
        raise APIError("\n".join(lines), param="script", code="invalid_script")
    written: dict[str, Any] = {"turns": given} if is_array(given) else as_object(given)
    turns = [{"reply": turn} if isinstance(turn, str) else turn for turn in written["turns"]]
    while True:
        kept = await session.document("turns")
        before, made = _conversations(kept), (kept or {"made": 0})["made"] + 1
        _check_room(before, len(turns))
        one = Conversation(
            id=f"script_{made}",
            conversation=written.get("conversation", {}),
            limited=spec.conversation.is_limited(),
            turns=turns,
            requests=[],
        )
        if await session.swap_document("turns", kept, {"made": made, "conversations": [*before, one]}):
            await session.override("has_turns", value=True)
            return one["id"]


def _checked(given: object) -> ConversationScript:
    """Return a conversation as a model.

    Raises:
        APIError: 400: it is none, with the first mistakes.
    """
    mistakes = [*islice(mistake_lines(ConversationScript, given, "script"), _DESCRIBED)]
    if mistakes:
        raise APIError("\n".join(mistakes), param="script", code="invalid_script")
    return ConversationScript.model_validate(given)


def _check_room(before: Sequence[Conversation], turns: int) -> None:
    """Refuse a conversation for which there is no room.

    Raises:
        APIError: 400: the session would have too many conversations or turns.
    """
    if len(before) >= MOST or sum(len(one["turns"]) for one in before) + turns > MOST_TURNS:
        raise APIError(
            f"A session has at most {MOST} conversations with {MOST_TURNS} turns together; "
            "remove them with DELETE /_double/script.",
            param="script",
            code="too_many_turns",
        )


def _conversations(kept: dict[str, Any] | None) -> list[Conversation]:
    return kept["conversations"] if kept else []


async def all_of(session: Session) -> list[Conversation]:
    """Return the conversations of a session, in the order in which they were added."""
    return _conversations(await session.document("turns"))


async def clear(session: Session) -> int:
    """Remove the conversations of a session; return how many turns still waited."""
    while True:
        kept = await session.document("turns")
        if await session.swap_document("turns", kept, None):
            await session.override("has_turns", None)
            return sum(len(one["turns"]) - len(one["requests"]) for one in _conversations(kept))


async def answer(call: Call, other: Callable[[str], Backend]) -> Reply | None:
    """Answer a call with the next turn of its conversation; None: it belongs to none. No two calls get the same turn.

    Raises:
        APIError: The request does not fit the turn, no turn is left, the reply is an error or cannot be composed.
    """
    view = RequestView(call)
    while True:
        kept = await call.session.document("turns")
        belonging = await call.apart(_belonging, view, _conversations(kept))
        if kept is None or not belonging:
            return None
        one = await call.apart(_fitting, view, belonging)
        taken = {**one, "requests": [*one["requests"], call.id]}
        changed = [taken if held is one else held for held in _conversations(kept)]
        if await call.session.swap_document("turns", kept, {**kept, "conversations": changed}):
            break
    at = len(one["requests"])
    _note(call, one, fits=True)
    call.notes.rule = TURN
    when = conditions_of(one["turns"][at])
    occasion = f"{one['id']} turn {at + 1}"
    variables = TemplateVariables(view, await call.apart(when.captures, view), at, occasion)
    reply = ReplySpec.model_validate(one["turns"][at]["reply"])
    return await Answering(reply, variables, other, lambda: f"turn {at + 1} of {name_of(one)}").answer()


def _belonging(view: RequestView, every: Iterable[Conversation]) -> list[Conversation]:
    """Return the conversations that a request may belong to: those that name it, else those that name none."""
    listed = [*every]
    named = [
        one for one in listed if one["limited"] and conditions_of(one["conversation"], every_turn=True).holds(view)
    ]
    return named or [one for one in listed if not one["limited"]]


def _fitting(view: RequestView, belonging: Sequence[Conversation]) -> Conversation:
    """Return the first of a request's conversations whose next turn it fits.

    Raises:
        APIError: It fits none of their next turns, or no turn is left.
    """
    waiting = [one for one in belonging if len(one["requests"]) < len(one["turns"])]
    if not waiting:
        _note(view.call, belonging[-1], fits=False)
        raise _none_left(belonging[-1])
    failures = [(one, _failures(view, one)) for one in waiting]
    fitting = next((one for one, failed in failures if not failed), None)
    if fitting is not None:
        return fitting
    failures.sort(key=lambda found: len(found[1]))
    one, failed = failures[0]
    _note(view.call, one, fits=False)
    view.call.notes.near_misses = tuple(_near_miss(one, failure) for one, all_ in failures for failure in all_)
    raise _mismatch(one, failed, [others for others, _ in failures[1:]])


def _failures(view: RequestView, one: Conversation) -> list[Failure]:
    return [*conditions_of(one["turns"][len(one["requests"])]).failures(view)]


def _note(call: Call, one: Conversation, *, fits: bool) -> None:
    number, of = len(one["requests"]) + 1, len(one["turns"])
    call.notes.turn = {"conversation": name_of(one), "number": number, "of": of, "fits": fits}


def _near_miss(one: Conversation, failure: Failure) -> dict[str, Any]:
    return {
        "rule": f"turn {len(one['requests']) + 1} of {name_of(one)}",
        "where": one["id"],
        "condition": failure.condition,
        "expected": failure.expected,
        "found": brief(failure.found),
    }


def _mismatch(one: Conversation, failed: Iterable[Failure], others: Sequence[Conversation]) -> APIError:
    """Return the error of a request that does not fit the turn of its conversation."""
    number, of = len(one["requests"]) + 1, len(one["turns"])
    lines = [f"This request does not fit turn {number} of {of} of the conversation {name_of(one)}, which still waits:"]
    for failure in failed:
        lines += [f"  {failure.condition}", *contrast(failure)]
    if others:
        lines.append(f"Nor does it fit the next turn of {', '.join(map(name_of, others))}.")
    return _refused(lines)


def _none_left(one: Conversation) -> APIError:
    """Return the error of a request to a conversation that has ended."""
    of = len(one["turns"])
    were = "its only turn has" if of == 1 else f"all its {of} turns have"
    return _refused([f"No turn is left in the conversation {name_of(one)}: {were} answered."])


def _refused(lines: Iterable[str]) -> APIError:
    # SDKs try no 404 again, and the header tells every other client.
    error = APIError("\n".join(lines), status=404, code=MISMATCH)
    return error.with_headers({"x-should-retry": "false"})
