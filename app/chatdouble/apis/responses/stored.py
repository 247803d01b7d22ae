"""Stored responses, and the operations on them (responses#routes)."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from chatdouble.answer.responses.compose import NOTHING_YET, usage_of
from chatdouble.apis.responses.api import ResponsesReader
from chatdouble.apis.responses.state import recall, stored_items
from chatdouble.apis.stored_completions import Page, listed
from chatdouble.backend import Call
from chatdouble.core.chance import ItemIds
from chatdouble.state.session import Session
from chatdouble.streaming.deltas import TextCutter
from chatdouble.streaming.responses import events
from chatdouble.streaming.responses_codec import EventFramer
from chatdouble.tokens.responses import save_tokens
from chatdouble.tokens.usage import PromptCount, Spent, prompt_tokens
from chatdouble.tokens.usage import usage_of as chat_usage
from chatdouble.validation.responses import wording

Object = dict[str, Any]

_COMPACTION_TOKENS: Final = 64
"""Tokens of the item that stands for a conversation."""


def page_of(items: Sequence[Object], page: Page) -> Object:
    """Return a list object of items, its keys in the API's order (responses#routes)."""
    found = listed(items, page)
    return {key: found[key] for key in ("object", "data", "first_id", "has_more", "last_id")}


async def get(call: Call[Any], response_id: str) -> Object:
    """Return a stored response; one in the background as far as its pace has come, and without one complete.

    Raises:
        APIError: 404: the session has none of this id.
    """
    kept = await _find(call.session, response_id)
    response: Object = kept["response"]
    stage = _stage(kept, call.services.clock.now())
    if stage is not None:
        return {**response, **NOTHING_YET, "status": stage}
    await _completed(call.session, response_id, kept)
    return response


def _stage(kept: Object, now: float) -> str | None:
    """Return the status of a response that its pace has not completed yet; None: it has."""
    if not kept["waits"] or not kept.get("due") or now >= kept["due"][1]:
        return None
    return "queued" if now < kept["due"][0] else "in_progress"


async def _completed(session: Session, response_id: str, kept: Object) -> None:
    """Note that a client has seen a response completed, which cannot be cancelled any more."""
    if kept["waits"]:
        await session.store("response", response_id, {**kept, "waits": False}, kept["size"])


async def replay(call: Call[Any], response_id: str, after: int, *, padded: bool) -> Iterator[bytes]:
    """Return the frames of a stored response's stream, those up to a number excepted; deltas are padded or not.

    Raises:
        APIError: 404: the session has none of this id.
    """
    kept = await _find(call.session, response_id)
    await _completed(call.session, response_id, kept)
    response: Object = kept["response"]
    cutter = TextCutter(call.services.tokens, kept["encoding"])
    return EventFramer(call, after, padded=padded).blocks(events(response, cutter))


async def delete(session: Session, response_id: str) -> Object:
    """Forget a response.

    Raises:
        APIError: 404: the session has none of this id.
    """
    await _find(session, response_id)
    await session.store("response", response_id, None)
    return {"id": response_id, "object": "response.deleted", "deleted": True}


async def cancel(call: Call[Any], response_id: str) -> Object:
    """Cancel a response in the background, unless it is complete already.

    Raises:
        APIError: 404: the session has none of this id. 400: it does not run in the background.
    """
    session, now = call.session, call.services.clock.now()
    kept = await _find(session, response_id)
    response: Object = kept["response"]
    if response.get("background") is not True:
        raise wording.not_in_background()
    if not kept["waits"] or (kept.get("due") and _stage(kept, now) is None):
        return response
    cancelled = {**response, **NOTHING_YET, "status": "cancelled"}
    await session.store("response", response_id, {**kept, "response": cancelled, "waits": False}, kept["size"])
    return {key: value for key, value in cancelled.items() if key != "billing"}


async def input_items(session: Session, response_id: str, page: Page) -> Object:
    """Return a list object of the items that a response answered.

    Raises:
        APIError: 404: the session has no such response.
    """
    return page_of((await _find(session, response_id))["input"], page)


async def _find(session: Session, response_id: str) -> Object:
    kept = await session.stored("response", response_id)
    if kept is None:
        raise wording.not_found("Response", response_id)
    return kept


async def input_tokens(call: Call[Any], reader: ResponsesReader) -> Object:
    """Return the number of tokens that a request would be charged for its input.

    Raises:
        APIError: The request would be refused.
    """
    return {"object": "response.input_tokens", "input_tokens": (await _counted(call, reader)).total}


async def _counted(call: Call[Any], reader: ResponsesReader) -> PromptCount:
    await call.apart(reader.read, call)
    await recall(call)
    count = await call.apart(prompt_tokens, call.body, call.model, call.services.tokens[call.model.encoding])
    save_tokens(count, call.body, call.model)
    return count


async def compact(call: Call[Any], reader: ResponsesReader) -> Object:
    """Return a conversation in short: the user's messages, and an item that stands for the rest (responses#routes).

    Raises:
        APIError: The request would be refused.
    """
    count = await _counted(call, reader)
    created = int(call.services.clock.now())
    ids = ItemIds(call.chance.at("compaction"), created)
    original: Any = call.original
    asked = [item for item in original.items if item.get("role") == "user"]
    short = {
        "id": ids.id("cmp"),
        "type": "compaction",
        "encrypted_content": "gAAAAAB" + call.chance.at("cmp").text(400),
    }
    usage = chat_usage(call.model, count, _COMPACTION_TOKENS, 0, Spent())
    return {
        "id": ids.id("resp"),
        "object": "response.compaction",
        "created_at": created,
        "output": [*stored_items(asked, ids), short],
        "usage": usage_of(usage),
    }
