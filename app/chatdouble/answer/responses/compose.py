"""A response made of a completion: what a backend answers, in the terms of the Responses API."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from chatdouble.answer.responses.echoed import NO_TOOLS, echoed
from chatdouble.answer.responses.items import output_items
from chatdouble.backend import Call, Original
from chatdouble.core.chance import ItemIds, shared_digits
from chatdouble.schema.completion import Completion, CompletionUsage, FinishReason
from chatdouble.schema.responses.answer import IncompleteDetails, OutputItem, Response, ResponseUsage
from chatdouble.schema.responses.request import ResponsesRequest

_INCOMPLETE: Final[Mapping[FinishReason, IncompleteDetails]] = {
    "length": {"reason": "max_output_tokens"},
    "content_filter": {"reason": "content_filter"},
}
_CHAT_ID: Final = "chatcmpl-"


def compose_response(call: Call, completion: Completion) -> Response:
    """Return the response that says what a completion says.

    Its first choice is the output, since responses have no others. An id that a script gave is kept.

    Args:
        call: The call to answer.
        completion: The completion that answers it in the terms of chat completions.
    """
    choice = completion["choices"][0]
    incomplete = _INCOMPLETE.get(choice["finish_reason"])
    original, created = cast("Original", call.original), completion["created"]
    request = cast("ResponsesRequest", original.request)
    previous = request.previous_response_id
    # They share their digits with the response that is continued.
    ids = ItemIds(call.chance.at("response"), created, shared_digits(previous) if previous else None)
    output = output_items(call, completion, ids, is_complete=incomplete is None)
    fields = echoed(request, original.body, call.model)
    fields["id"] = ids.id("resp") if completion["id"].startswith(_CHAT_ID) else completion["id"]
    fields["created_at"] = created
    if incomplete is None:
        fields["completed_at"] = int(call.services.clock.now())
    else:
        fields["status"], fields["incomplete_details"] = "incomplete", incomplete
    fields["model"], fields["output"] = completion["model"], output
    fields["service_tier"] = completion.get("service_tier") or "default"
    if "tools" in original.body:
        fields["tool_usage"] = _tool_usage(output)
    fields["usage"] = usage_of(completion.get("usage"))
    if not _GIVEN.isdisjoint(completion):
        fields |= {name: given for name in _GIVEN if (given := completion.get(name)) is not None}
    return cast("Response", fields)


_GIVEN: Final = frozenset({"metadata", "moderation"})
"""The fields that a script may give."""

NOTHING_YET: Final[Mapping[str, Any]] = {
    "completed_at": None,
    "incomplete_details": None,
    "output": [],
    "service_tier": "auto",
    "usage": None,
}
"""The fields of a response that has no answer: it waits in the background, or was cancelled."""


def queued(response: Response) -> Response:
    """Return a response in the background as it is before it is made."""
    return cast("Response", {**response, **NOTHING_YET, "status": "queued"})


def usage_of(usage: CompletionUsage | None) -> ResponseUsage | None:
    """Return the usage of a completion in the terms of responses (responses#usage)."""
    if usage is None:
        return None
    read = usage.get("prompt_tokens_details") or {}
    written = usage.get("completion_tokens_details") or {}
    return {
        "input_tokens": usage["prompt_tokens"],
        "input_tokens_details": {
            "cache_write_tokens": read.get("cache_write_tokens", 0),
            "cached_tokens": read.get("cached_tokens", 0),
        },
        "output_tokens": usage["completion_tokens"],
        "output_tokens_details": {"reasoning_tokens": written.get("reasoning_tokens", 0)},
        "total_tokens": usage["total_tokens"],
    }


def _tool_usage(output: Sequence[OutputItem]) -> Mapping[str, Any]:
    searches = [item["type"] for item in output].count("web_search_call")
    return {**NO_TOOLS, "web_search": {"num_requests": searches}} if searches else NO_TOOLS
