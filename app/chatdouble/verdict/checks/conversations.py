"""Checks of conversations: what the application made of an answer in its next request."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from chatdouble.core.json import as_object, objects_in
from chatdouble.verdict.exchange import Exchange
from chatdouble.verdict.finding import Finding, of
from chatdouble.verdict.suite import Suite

_CACHED_FROM: Final = 1024
"""The tokens from which the API caches a prompt (answers#usage)."""

_MANY_STREAMS: Final = 3
"""The streams from which a session is expected to ask for their usage."""


def tool_result_missing(suite: Suite) -> Iterator[Finding]:
    """Find conversations that ended with tool calls.

    A call that the request forced is an answer in itself (structured output by tools), so it needs no result.
    """
    for session in suite.sessions.values():
        sent = {call_id for exchange in session for call_id in _result_ids(exchange)}
        for exchange in session:
            if not exchange.answered or _forces_a_call(exchange):
                continue
            missing = [call_id for call_id in exchange.call_ids if call_id not in sent]
            if missing:
                called = ", ".join(f"`{name}`" for name in _called(exchange))
                yield of(exchange, f"no result of {called} ({', '.join(missing)})", "a result for each call")


def tool_call_id_unknown(suite: Suite) -> Iterator[Finding]:
    """Find continuations whose tool calls are not those of the answer."""
    for before, after in suite.continuations():
        if not before.answered or not before.call_ids:
            continue
        sent = [call_id for message in after.added for call_id in _calls_of(message)]
        unknown = [call_id for call_id in sent if call_id not in before.call_ids]
        if unknown and not set(sent) & set(before.call_ids):
            yield of((before, after), ", ".join(unknown), ", ".join(before.call_ids))


def refusal_not_read(suite: Suite) -> Iterator[Finding]:
    """Find continuations that do not send a refusal back as one."""
    for before, after in suite.continuations():
        refusal = before.answer.get("refusal")
        if refusal and not any(message.get("refusal") == refusal for message in after.added):
            yield of((before, after), "a conversation that goes on without the refusal", f"the refusal {refusal!r}")


def finish_length_ignored(suite: Suite) -> Iterator[Finding]:
    """Find continuations of answers that were cut off at their limit."""
    for before, after in suite.continuations():
        cut = before.finish_reason == "length" or before.response.get("status") == "incomplete"
        content = before.answer.get("content")
        if cut and content and any(message.get("content") == content for message in after.added):
            yield of((before, after), "a conversation that goes on with half an answer", "`finish_reason` is read")


def prompt_grows(suite: Suite) -> Iterator[Finding]:
    """Find requests that repeat a long conversation with another beginning."""
    for session in suite.sessions.values():
        for before, after in pairwise([one for one in session if one.answered]):
            if _cached(before) and _has_other_beginning(before, after):
                yield of((before, after), "another first message", "the same first message, so that the cache is used")


def _cached(exchange: Exchange) -> bool:
    tokens = exchange.usage.get("prompt_tokens") or exchange.usage.get("input_tokens") or 0
    return int(tokens) >= _CACHED_FROM


def _has_other_beginning(before: Exchange, after: Exchange) -> bool:
    """Tell whether a request repeats all messages of another but the first."""
    old, new = before.messages, after.messages
    return len(new) > len(old) > 1 and new[0] != old[0] and new[1 : len(old)] == old[1:]


def usage_never_asked(suite: Suite) -> Iterator[Finding]:
    """Find sessions with several streams, none of which asked for its usage."""
    for session in suite.sessions.values():
        streams = [one for one in session if one.request.get("stream") is True and "messages" in one.request]
        asked = any(as_object(one.request.get("stream_options")).get("include_usage") for one in streams)
        if len(streams) >= _MANY_STREAMS and not asked:
            yield of(streams, f"{len(streams)} streams without usage", "`stream_options: {include_usage: true}`")


def _forces_a_call(exchange: Exchange) -> bool:
    choice = exchange.request.get("tool_choice")
    return choice == "required" or bool(as_object(choice))


def _result_ids(exchange: Exchange) -> Iterator[str]:
    for message in exchange.messages:
        for key in ("tool_call_id", "call_id"):
            if message.get(key) and not message.get("arguments"):
                yield str(message[key])


def _calls_of(message: Mapping[str, Any]) -> Iterator[str]:
    for call in objects_in(message.get("tool_calls")):
        yield str(call.get("id"))
    if str(message.get("type")) in {"function_call", "custom_tool_call"}:
        yield str(message.get("call_id"))


def _called(exchange: Exchange) -> Iterator[str]:
    for call in objects_in(exchange.answer.get("tool_calls")):
        yield str(as_object(call.get("function") or call.get("custom")).get("name"))
    for item in objects_in(exchange.response.get("output")):
        if str(item.get("type")).endswith("_call"):
            yield str(item.get("name") or item["type"])
