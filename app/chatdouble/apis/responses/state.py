"""Earlier responses of a session: the items that a request continues, and those that its answer adds."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

from chatdouble.apis.responses.chat_form import chat_body, chat_request, input_items
from chatdouble.apis.responses.truncation import shortened
from chatdouble.backend import Answer, Call, Original
from chatdouble.backend.call import LARGE
from chatdouble.core.chance import ItemIds, shared_digits
from chatdouble.core.errors import APIError
from chatdouble.core.json import encode, objects_in
from chatdouble.core.json_in_steps import size_in_steps
from chatdouble.http.pacing import Schedule
from chatdouble.schema.responses.answer import Response
from chatdouble.schema.responses.request import ResponsesRequest
from chatdouble.state.session import Session
from chatdouble.streaming.responses_codec import ResponsesCodec
from chatdouble.tokens.usage import prompt_tokens
from chatdouble.validation.checking import is_plain
from chatdouble.validation.responses import capabilities, conversation, wording
from chatdouble.validation.responses.checking import is_empty
from chatdouble.validation.rules.messages import MOST

Item = dict[str, Any]

MOST_RESPONSES: Final = 1000
"""Responses that a session keeps; beyond it the oldest are forgotten."""

_PREFIXES: Final = {
    "message": "msg",
    "function_call": "fc",
    "function_call_output": "fco",
    "custom_tool_call": "ctc",
    "custom_tool_call_output": "ctco",
    "reasoning": "rs",
}
_AT_ONCE: Final = 200
"""The items that are looked up or kept before others are answered."""
_MANY: Final = 300
"""The items from which the work on a conversation keeps others waiting, however short the request is."""
_NOTHING_EARLIER: Final[Mapping[str, Any]] = {"items": (), "size": 0}
_NOTHING_MADE: Final[Mapping[str, str]] = {}
_PROMPT_ID: Final = len("pmpt_") + 48
"""Characters of the id of a stored prompt, which may have 50 digits as well."""


async def recall(call: Call[Any]) -> None:
    """Add the earlier items to a call, and put it in the terms of chat completions.

    Raises:
        APIError: The request refers to what the session does not have, or its conversation is refused.
    """
    original = cast("Original", call.original)
    request = cast("ResponsesRequest", original.request)
    earlier: Mapping[str, Any] | None = _NOTHING_EARLIER
    if request.conversation is not None or request.previous_response_id is not None:
        earlier = await _earlier(call, request)
    is_known = earlier is not None
    earlier = earlier or _NOTHING_EARLIER
    if request.prompt is not None and len(request.prompt["id"]) < _PROMPT_ID:
        _missing(call, wording.not_found("Prompt", request.prompt["id"]))
    if is_empty(original.body):
        call.report(wording.nothing_to_answer())
    given, made_after, referred = input_items(original.body.get("input")), _NOTHING_MADE, 0
    if not isinstance(original.body.get("input"), str):  # a text refers to nothing
        given, made_after, referred = await _given(call, given, stored=request.store is not False)
    original.items, original.before = [*earlier["items"], *given], len(earlier["items"])
    original.size_before = earlier["size"]
    original.is_long = len(original.items) > _MANY or original.size_before + referred > LARGE
    await call.apart(_put, call, request, made_after if is_known else None)


def _put(call: Call[Any], request: ResponsesRequest, made_after: Mapping[str, str] | None) -> None:
    """Put a call in the terms of chat completions, and check it.

    Args:
        call: The call, with the items of its conversation.
        request: The request.
        made_after: The reasoning after which stored items were made; None: not all of the conversation is known.

    Raises:
        APIError: The conversation is refused.
    """
    original = cast("Original", call.original)
    call.body = chat_body(request, original.body, original.items)
    call.request = chat_request(call.body)
    call.text_only = is_plain(call.body["messages"], MOST, call.model.longest_text)
    for error in conversation.faults(original.items, original.before, made_after) if made_after is not None else ():
        call.report(error)
    for error in capabilities.faults(capabilities.Asked(request, original.body, call.model, original.items)):
        call.report(error)
    _check_context(call, truncates=request.truncation == "auto")


def _taken(call: Call[Any], conversation_id: str) -> str | None:
    """Take a conversation for a call alone; None: another request has it."""
    taken = (call.session.name, conversation_id)
    if taken in call.services.busy:
        call.report(wording.conversation_locked())
        return None
    call.services.busy.add(taken)
    return conversation_id


def release(call: Call[Any]) -> None:
    """Let go of the conversation that a call took."""
    if call.original is not None and call.original.holds is not None:
        call.services.busy.discard((call.session.name, call.original.holds))


def _missing(call: Call[Any], error: APIError) -> None:
    """Report a reference to what the session does not have, unless a recording may know it."""
    if call.has_recordings is None or not call.has_recordings():
        call.report(error)


async def _earlier(call: Call[Any], request: ResponsesRequest) -> Mapping[str, Any] | None:
    """Return what is kept of the response or the conversation that a request continues; None: it is not known."""
    session = call.session
    if request.conversation_id is not None:
        cast("Original", call.original).holds = _taken(call, request.conversation_id)
        kept = await session.stored("conversation", request.conversation_id)
        if kept is None:
            _missing(call, wording.not_found("Conversation", request.conversation_id))
    else:
        kept = await session.stored("response", str(request.previous_response_id))
        if kept is None:
            _missing(call, wording.previous_not_found(str(request.previous_response_id)))
    return kept


async def _given(call: Call[Any], given: Sequence[Item], *, stored: bool) -> tuple[list[Item], Mapping[str, str], int]:
    """Return the items of an input, references resolved, and the reasoning after which stored ones were made.

    The number is that of the bytes to which it refers, roughly.
    """
    items: list[Item] = []
    made_after: dict[str, str] = {}
    referred = 0
    for at, item in enumerate(given):
        if at % _AT_ONCE == _AT_ONCE - 1:
            await asyncio.sleep(0)  # others want answers meanwhile
        item_id = item.get("id")
        kept = await call.session.stored("item", item_id) if isinstance(item_id, str) else None
        is_reference = item.get("type", "item_reference" if "role" not in item else "message") == "item_reference"
        if kept is not None and kept["after"] is not None:
            made_after[str(item_id)] = kept["after"]
        if kept is None and (is_reference or _is_lost(item, stored=stored)):
            _missing(call, wording.item_not_found(str(item_id)))
        if not is_reference:
            items.append(item)
        elif kept is not None:
            items.append(kept["item"])
            referred += kept["size"]
    return items, made_after, referred


def _is_lost(item: Mapping[str, Any], *, stored: bool) -> bool:
    """Tell whether an item is reasoning that neither the request holds nor the API can have kept."""
    is_bare = item.get("type") == "reasoning" and not item.get("encrypted_content") and "id" in item
    return is_bare and not stored


def _check_context(call: Call[Any], *, truncates: bool) -> None:
    """Refuse an input that does not fit into the model's context, or drop its oldest messages (responses#context)."""
    model, window = call.model, call.model.input_limit or call.model.context_window
    # No input has more tokens than bytes, so most need not be counted. A text is all there is, unless it goes on.
    original = cast("Original", call.original)
    is_alone = not original.before and isinstance(original.body.get("input"), str)
    left = window - len(call.raw)
    if left >= 0 and (is_alone or sum(map(_length, call.body["messages"])) <= left):
        return
    tokenizer = call.services.tokens[model.encoding]
    excess = prompt_tokens(call.body, model, tokenizer).total - window
    if excess > 0 and truncates:
        call.body = shortened(call.body, excess, lambda one: prompt_tokens(one, model, tokenizer).total)
        call.request = chat_request(call.body)
        excess = prompt_tokens(call.body, model, tokenizer).total - window
    if excess > 0:
        call.report(wording.too_long_input())


def _length(message: Mapping[str, Any]) -> int:
    """Return the characters of a message's content, written as JSON if it has parts."""
    content = message.get("content")
    return len(content) if isinstance(content, str) else size_in_steps(content)


async def keep(call: Call[Any], answer: Answer) -> None:
    """Keep an answer, unless its request says otherwise, and add its items to its conversation."""
    original = cast("Original", call.original)
    request, response = cast("ResponsesRequest", original.request), cast("Response", original.kept or answer)
    if response.get("object") != "response":
        return
    is_stored = request.store is not False or request.background is True
    if not is_stored and request.conversation is None:
        return
    if call.delivery.is_long or call.is_large:
        kept, parts = await call.in_thread(_kept, call, response, size_in_steps)
    else:
        kept, parts = _kept(call, response, _size)
    if request.conversation is not None:
        size = kept["size"] - original.size_before
        await extend(call.session, str(request.conversation_id), kept["items"][original.before :], size)
    if not is_stored:
        return
    if response.get("background") and call.delivery.pace is not None:
        kept |= {"waits": True, "due": due(call, response)}
    await call.session.store("response", response["id"], kept, kept["size"], parts)
    oldest = await call.session.outdated("response", response["id"], MOST_RESPONSES)
    if oldest is not None:
        await call.session.store("response", oldest, None)


def due(call: Call[Any], response: Response) -> tuple[float, float]:
    """Return when a response in the background is in progress and when it is complete, by the session's clock."""
    schedule, now = Schedule(call.delivery.pace), call.services.clock.now()
    begins = schedule.following()
    for _ in range(ResponsesCodec().steps(response, call) - 1):
        schedule.following()
    return now + begins, now + schedule.due


def _kept(call: Call[Any], response: Response, size_of: Callable[[Any], int]) -> tuple[dict[str, Any], dict[str, Item]]:
    """Return what is kept of a response with its bytes, and the items that it adds by their names in the store.

    An item is kept with the reasoning that came directly before it, and with the bytes of all that are added.

    Args:
        call: The call that the response answers.
        response: The response.
        size_of: Measures what neither came nor left as JSON.
    """
    original = cast("Original", call.original)
    before, added = original.items[: original.before], original.items[original.before :]
    ids = ItemIds(call.chance.at("input"), int(call.services.clock.now()), shared_digits(response["id"]))
    given = stored_items(added, ids)
    items = [*given, *objects_in(response["output"])]
    waits = original.kept is not None
    is_sent = isinstance(call.answer, bytes) and not waits
    # Items that the request refers to did not come with it.
    size = len(call.raw) if isinstance(original.body.get("input"), str) else size_of(given)
    size += len(call.answer) if is_sent else size_of(response)
    parts: dict[str, Item] = {}
    after: str | None = None
    for item in items:
        parts[f"item:{item['id']}"] = {"item": item, "after": after, "size": size}
        after = item["id"] if item.get("type") == "reasoning" else None
    kept = {
        "response": response,
        "items": [*before, *items],
        "input": given,
        "encoding": call.model.encoding,
        "waits": waits,
        "size": original.size_before + size,
    }
    return kept, parts


def _size(value: Any) -> int:
    """Return the bytes of a value's JSON."""
    return len(encode(value, repr))


async def extend(session: Session, conversation_id: str, items: Sequence[Item], size: int) -> None:
    """Add items of some bytes to a conversation, if there still is one."""
    kept = await session.stored("conversation", conversation_id)
    if kept is not None:
        size += kept["size"]
        longer = {**kept, "items": [*kept["items"], *items], "size": size}
        await session.store("conversation", conversation_id, longer, size)


def stored_items(items: Sequence[Item], ids: ItemIds) -> list[Item]:
    """Return the items of an input as the API stores them."""
    return [_stored_item(item, ids, at) for at, item in enumerate(items)]


def _stored_item(item: Item, ids: ItemIds, at: int) -> Item:
    """Return an item of an input as the API stores it: with an id, a type, a status and its content in parts."""
    kind: str = item.get("type") or "message"
    item_id = item.get("id") or ids.id(_PREFIXES.get(kind, "item"), at)
    if kind != "message" or "role" not in item or "content" not in item:  # a reference may have an id alone
        return {**item, "id": item_id}
    content = item["content"]
    if isinstance(content, str):
        part = "output_text" if item["role"] == "assistant" else "input_text"
        content = [{"type": part, "text": content}]
    return {"id": item_id, "type": "message", "status": "completed", "content": content, "role": item["role"]}
