"""The journal as scripts: rules, and turns of conversations, that give the same answers again."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from chatdouble.apis.responses.api import RESPONSES
from chatdouble.backend.original import CHAT
from chatdouble.core.json import as_array, as_object, is_object, objects_in
from chatdouble.core.json_in_steps import digest_in_steps, encode_in_steps
from chatdouble.importers.items import escaped
from chatdouble.recordings.to_yaml import script_lines
from chatdouble.schema.texts import messages_of, text_of
from chatdouble.scripts.format.base import is_unicode
from chatdouble.server.entry import Entry
from chatdouble.server.entry_view import EntryView
from chatdouble.server.export.response_reply import reply_of_response

_ERRORS: Final = range(400, 600)
_FINISHES: Final = ("stop", "tool_calls", "function_call")
"""Finish reasons that a reply has without being told."""


def rules(entries: Iterable[Entry]) -> Iterator[bytes]:
    """Yield a script file with a rule for each request that was answered; one for all that are the same."""
    for lines in script_lines(_rules(entries)):
        yield lines.encode()


def rules_json(entries: Iterable[Entry]) -> Iterator[bytes]:
    """Yield the same script file as JSON."""
    yield from encode_in_steps({"version": 1, "rules": _rules(entries)})
    yield b"\n"


def _rules(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    by_condition: dict[bytes, tuple[str, dict[str, Any], list[dict[str, Any]]]] = {}
    for entry, reply in _answered(entries):
        when = {"model": {"equals": EntryView(entry).model}, **_when(entry)}
        name = f"{entry['session']} {entry['ordinal']}"
        by_condition.setdefault(digest_in_steps(when), (name, when, []))[2].append(reply)
    return [
        {"name": name, "when": when, **({"reply": replies[0]} if len(replies) == 1 else {"sequence": replies})}
        for name, when, replies in by_condition.values()
    ]


def turns(entries: Iterable[Entry]) -> Iterator[bytes]:
    """Yield one line for each conversation: a body for `POST /_double/script`."""
    by_conversation: dict[tuple[str, str], list[tuple[Entry, dict[str, Any]]]] = {}
    for entry, reply in _answered(entries):
        key = entry["session"], entry.get("conversation", "")
        by_conversation.setdefault(key, []).append((entry, reply))
    for (_, name), answered in by_conversation.items():
        listed = [{"when": _when(entry), "reply": reply} for entry, reply in answered]
        body: dict[str, Any] = {"turns": listed}
        if len(by_conversation) > 1:
            body["conversation"] = {"name": name, "when": _opening(answered[0][0])}
        yield from encode_in_steps(body)
        yield b"\n"


def _answered(entries: Iterable[Entry]) -> Iterator[tuple[Entry, dict[str, Any]]]:
    """Yield the conversations that were answered or refused, and the replies that do the same."""
    for entry in entries:
        if EntryView(entry).api in (CHAT, RESPONSES.name) and _messages(entry):
            reply = _reply(entry)
            texts = [EntryView(entry).model, *map(_text, _messages(entry))]
            # No script can have half of a surrogate pair.
            if reply is not None and is_unicode([reply, texts]):
                yield entry, reply


def _when(entry: Entry) -> dict[str, Any]:
    """Return conditions that tell a request from the others: the number of its messages, and the last of them.

    A request that continues a response or a conversation does not have all its messages, so that they are not counted.
    """
    messages = _messages(entry)
    last, sent = messages[-1], as_object(entry["request"])
    continues = sent.get("previous_response_id") or sent.get("conversation")
    count = {} if continues else {"message_count": len(messages)}
    return {**count, "last": {"role": last.get("role"), "text": {"equals": _text(last)}}}


def _messages(entry: Entry) -> list[dict[str, Any]]:
    return [*messages_of(EntryView(entry).body)]


def _opening(entry: Entry) -> dict[str, Any]:
    """Return the conditions that all requests of a conversation meet: its first messages."""
    messages = _messages(entry)
    return {
        "messages": [
            {"index": index, "role": message.get("role"), "text": {"equals": _text(message)}}
            for index, message in enumerate(messages)
        ]
    }


def _text(message: dict[str, Any]) -> str:
    return text_of(message.get("content"))


def _reply(entry: Entry) -> dict[str, Any] | None:
    response = as_object(entry["response"])
    error = response.get("error")
    if is_object(error) and entry["status"] in _ERRORS:
        given = {key: escaped(error[key]) for key in ("message", "type", "param", "code") if error.get(key)}
        return {"error": {"status": entry["status"], **given}}
    if response.get("object") == "response":
        return reply_of_response(response)
    choices = [_choice(choice) for choice in objects_in(response.get("choices"))]
    if not choices:
        return None
    return choices[0] if len(choices) == 1 else {"choices": choices}


def _choice(choice: dict[str, Any]) -> dict[str, Any]:
    """Return a choice as replies have it; what they compute is left out."""
    message = as_object(choice.get("message"))
    made: dict[str, Any] = {}
    if isinstance(content := message.get("content"), str):
        made["text"] = escaped(content)
    if calls := [_call(call) for call in objects_in(message.get("tool_calls"))]:
        made["tool_calls"] = calls
    if is_object(function := message.get("function_call")):
        made["function_call"] = function
    if isinstance(refusal := message.get("refusal"), str):
        made["refusal"] = escaped(refusal)
    if isinstance(transcript := as_object(message.get("audio")).get("transcript"), str):
        made["audio"] = escaped(transcript)
    if annotations := as_array(message.get("annotations")):
        made["annotations"] = annotations
    if (reason := choice.get("finish_reason")) and reason not in _FINISHES:
        made["finish_reason"] = reason
    return made or {"text": ""}


def _call(call: dict[str, Any]) -> dict[str, Any]:
    """Return a tool call in the API's format. Arguments that are a text are sent as they are."""
    kind = str(call.get("type", "function"))
    tool = as_object(call.get(kind))
    inner = {key: value if key == "arguments" else escaped(value) for key, value in tool.items()}
    return {"id": call.get("id"), "type": kind, kind: inner}
