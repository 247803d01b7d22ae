"""The output items of a response: reasoning, the message, and the calls."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from chatdouble.answer.responses.echoed import has_phase, keeps_all_reasoning
from chatdouble.answer.responses.hosted import HostedCall, hosted_items, name_of
from chatdouble.backend import Call
from chatdouble.core.chance import ItemIds
from chatdouble.core.json import objects_in
from chatdouble.schema.completion import Annotation, Choice, Completion, Message, ToolCall
from chatdouble.schema.responses.answer import (
    ItemStatus,
    OutputItem,
    OutputMessage,
    OutputText,
    ReasoningItem,
    Refusal,
    ResponseURLCitation,
)
from chatdouble.schema.responses.request import ResponsesRequest

SUMMARY: Final = "**Considering the request**"
"""The summary of reasoning for which no script has a text."""

_ENCRYPTED: Final = "gAAAAAB"
_ENCRYPTED_LENGTH: Final = 400


def output_items(call: Call, completion: Completion, ids: ItemIds, *, is_complete: bool) -> list[OutputItem]:
    """Return the items of a completion's first choice.

    Args:
        call: The call to answer.
        completion: The completion.
        ids: The ids of the response's items.
        is_complete: Whether the answer is whole; if not, its last item is incomplete.
    """
    choice, request = completion["choices"][0], cast("ResponsesRequest", call.original and call.original.request)
    items: list[Any] = []
    reasoning = _reasoning(call, request, completion, ids)
    if reasoning is not None:
        items.append(reasoning)
    calls = _calls(choice["message"])
    tools = _hosted_tools(call.sent) if calls else _NONE
    if tools:
        hosted = [HostedCall(call, made, ids, at) for at, made in enumerate(calls) if name_of(made) in tools]
        items += [item for one in hosted for item in hosted_items(one)]
    message = _message(call, choice, ids, calls_follow=bool(calls))
    # A model that spends all its tokens on reasoning writes no message (responses#streams).
    is_cut_before = not is_complete and not choice["message"]["content"]
    if message is not None and not (items and is_cut_before and choice["message"].get("refusal") is None):
        items.append(message)
    if calls:
        spaces = _namespaces(call.sent)
        items += [_call(made, ids, at, spaces) for at, made in enumerate(calls) if name_of(made) not in tools]
    if not is_complete and "status" in items[-1]:
        items[-1]["status"] = "incomplete"
    return items


_CALLED: Final = {"function", "custom", "namespace"}
_NONE: Final = frozenset[str]()


def _hosted_tools(body: Mapping[str, Any]) -> frozenset[str]:
    """Return the types of the tools that the API runs itself, by which they are called."""
    return frozenset(str(tool.get("type")) for tool in objects_in(body.get("tools"))) - _CALLED


def _reasoning(call: Call, request: ResponsesRequest, completion: Completion, ids: ItemIds) -> ReasoningItem | None:
    """Return the reasoning, if the model reasoned or a script shows its text (responses#families)."""
    usage = completion.get("usage")
    details = usage.get("completion_tokens_details") if usage else None
    text = cast("Mapping[str, Any]", completion["choices"][0]["message"]).get("reasoning_content")
    if text is None and not (details and details.get("reasoning_tokens")):
        return None
    options = request.reasoning or {}
    has_summary = bool(options.get("summary") or options.get("generate_summary"))
    item: dict[str, Any] = {"id": ids.id("rs"), "type": "reasoning"}
    if text is not None and not has_summary:
        item["content"] = [{"type": "reasoning_text", "text": text}]
    elif keeps_all_reasoning(call.model):
        item["content"] = []
    if request.includes("reasoning.encrypted_content") or keeps_all_reasoning(call.model):
        item["encrypted_content"] = _ENCRYPTED + call.chance.at("encrypted").text(_ENCRYPTED_LENGTH)
    item["summary"] = [{"type": "summary_text", "text": text or SUMMARY}] if has_summary else []
    return cast("ReasoningItem", item)


def _message(call: Call, choice: Choice, ids: ItemIds, *, calls_follow: bool) -> OutputMessage | None:
    """Return the message; None: there is neither a text nor a refusal."""
    message = choice["message"]
    content = _content(message, choice)
    if not content:
        return None
    item: dict[str, Any] = {"id": ids.id("msg"), "type": "message", "status": "completed", "content": content}
    if has_phase(call.model):
        item["phase"] = "commentary" if calls_follow else "final_answer"
    item["role"] = "assistant"
    return cast("OutputMessage", item)


def _content(message: Message, choice: Choice) -> list[OutputText | Refusal]:
    content: list[OutputText | Refusal] = []
    text, refusal = message["content"], message.get("refusal")
    if text is None and (audio := message.get("audio")) is not None:
        text = audio["transcript"]
    if text is not None and (text or refusal is None):
        scored = choice.get("logprobs")
        logprobs = scored["content"] if scored else None
        notes = [*map(_citation, message.get("annotations") or ())]
        content.append({"type": "output_text", "annotations": notes, "logprobs": logprobs or [], "text": text})
    if refusal is not None:
        content.append({"type": "refusal", "refusal": refusal})
    return content


def _citation(note: Annotation) -> ResponseURLCitation:
    cited = note["url_citation"]
    return {
        "type": "url_citation",
        "end_index": cited["end_index"],
        "start_index": cited["start_index"],
        "title": cited["title"],
        "url": cited["url"],
    }


def _calls(message: Message) -> Sequence[ToolCall]:
    """Return the calls; one in the legacy form, which only a script can ask for, is a call of a function."""
    calls, legacy = message.get("tool_calls") or (), message.get("function_call")
    return [*calls, {"id": "", "type": "function", "function": legacy}] if legacy else calls


def _call(made: ToolCall, ids: ItemIds, at: int, spaces: Mapping[str, str]) -> OutputItem:
    status: ItemStatus = "completed"
    call_id = made["id"] or ids.id("call", at)
    if made["type"] == "custom":
        return {
            "id": ids.id("ctc", at),
            "type": "custom_tool_call",
            "status": status,
            "call_id": call_id,
            "input": made["custom"]["input"],
            "name": made["custom"]["name"],
        }
    item: dict[str, Any] = {
        "id": ids.id("fc", at),
        "type": "function_call",
        "status": status,
        "arguments": made["function"]["arguments"],
        "call_id": call_id,
        "name": made["function"]["name"],
    }
    if item["name"] in spaces:
        item["namespace"] = spaces[item["name"]]
    return cast("OutputItem", item)


def _namespaces(body: Mapping[str, Any]) -> dict[str, str]:
    """Return the namespaces of the tools that have one, by the tools' names."""
    return {
        str(tool.get("name")): str(space.get("name"))
        for space in objects_in(body.get("tools"))
        if space.get("type") == "namespace"
        for tool in objects_in(space.get("tools"))
    }
