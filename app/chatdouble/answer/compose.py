"""From drafts to the whole answer, obeying everything the request asks for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count, repeat
from typing import Any, Final, cast

from chatdouble.answer.audio import AUDIO_TOKENS, add_recalled, speak, speaks
from chatdouble.answer.draft import Draft
from chatdouble.answer.limits import Limits, Said, apply, stop_texts, whole
from chatdouble.answer.logprobs import logprobs_of
from chatdouble.answer.moderation import moderation_of
from chatdouble.backend import Call
from chatdouble.core.ids import completion_id, fingerprint, search_completion_id, tool_call_id
from chatdouble.core.json import is_object
from chatdouble.schema.completion import (
    Annotation,
    Audio,
    Choice,
    Completion,
    CompletionUsage,
    Logprobs,
    Message,
    ServiceTier,
)
from chatdouble.tokens.caching import LEAST, cached
from chatdouble.tokens.overhead import (
    Framing,
    after_text,
    begins_thinking,
    ends_calls_with_stop,
    framing,
    named_function,
    parallel_tokens,
    text_tokens,
)
from chatdouble.tokens.prompt import prompt_tokens
from chatdouble.tokens.tokenizer import Tokenizer
from chatdouble.tokens.usage import Spent, accepted_and_rejected, reasoning_tokens, usage_of

ORDER: Final = (
    "id",
    "object",
    "created",
    "model",
    "choices",
    "usage",
    "service_tier",
    "moderation",
    "system_fingerprint",
    "metadata",
)
"""The order of an answer's keys on the wire (answers#key-order)."""


def with_given(completion: Completion, given: Mapping[str, Any]) -> Completion:
    """Return an answer with fields set, its keys still in the wire's order.

    A mapping sets the fields it names and leaves the others; so `{"usage": {"prompt_tokens": 9}}` leaves
    the completion's tokens, and `total_tokens` follows unless it is given, too.

    Args:
        completion: The answer as computed.
        given: The fields that are set.
    """
    merged = _merged(completion, given)
    usage = merged.get("usage")
    if is_object(usage) and "total_tokens" not in (given.get("usage") or ()):
        usage["total_tokens"] = usage.get("prompt_tokens", 0) + usage.get("completion_tokens", 0)
    known = {key: merged[key] for key in ORDER if key in merged}
    return cast("Completion", known | merged)


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(old)
    for key, value in new.items():
        before = merged.get(key)
        merged[key] = _merged(before, value) if is_object(before) and is_object(value) else value
    return merged


_OF_NO_ACCOUNT: Final = frozenset(
    {"model", "messages", "temperature", "top_p", "stream", "stream_options", "max_tokens", "max_completion_tokens"}
)
"""The fields that ask for nothing beside a text: no sound, no prediction, no further fields."""

_TIERS: Final[Mapping[str | None, ServiceTier]] = {"fast": "priority", "priority": "priority", "flex": "flex"}


async def compose(call: Call, drafts: Sequence[Draft], given: Mapping[str, Any] | None = None) -> Completion:
    """Make a completion of drafts, one a choice; the last stands for any of the `n` that are missing.

    Tool calls whose id is "" are given one.

    Args:
        call: The call to answer.
        drafts: What to say, at least one.
        given: Fields of the completion that are set as given rather than computed; a mapping within it
            sets the fields it names and leaves the others.
    """
    tokenizer = call.services.tokens.get(call.model.encoding)
    prompt = prompt_tokens(call.body, call.model, tokenizer)
    if not call.text_only:
        await add_recalled(call, prompt)
    total = prompt.total
    room = _room(call, total)
    wanted = [drafts[min(index, len(drafts) - 1)] for index in range(call.request.n or 1)]
    said = [_said(call, draft, room, tokenizer) for draft in wanted]
    spoken: Iterable[Audio | None] = repeat(None)
    spent = Spent()
    extras: dict[str, Any] = {}
    if not call.body.keys() <= _OF_NO_ACCOUNT:
        spoken = await _spoken(call, said) if speaks(call) else spoken
        spent, extras = _spent(call, said, tokenizer), _extras(call, said)
    if total >= LEAST:
        found = await cached(call.session, call.body, call.model, prompt, tokenizer)
        spent.cached, spent.cache_written = found.read, found.written
    choices = [*map(_choice, repeat(call), count(), said, wanted, spoken)]
    tokens, reasoning = sum(one.tokens for one in said), sum(one.reasoning for one in said)
    completion = _completion(call, choices, usage_of(call.model, prompt, tokens, reasoning, spent))
    if given:
        extras.update(given)
    return with_given(completion, extras) if extras else completion


def _completion(call: Call, choices: list[Choice], usage: CompletionUsage) -> Completion:
    """Return an answer, its keys in the wire's order (answers#key-order)."""
    model, services = call.model, call.services
    created, chance = int(services.clock.now()), call.chance.at("completion")
    completion: Completion = {
        "id": search_completion_id(chance) if model.always_searches else completion_id(chance, created),
        "object": "chat.completion",
        "created": created,
        "model": model.snapshot,
        "choices": choices,
        "usage": usage,
        "service_tier": _TIERS.get(call.request.service_tier, "default"),
        "system_fingerprint": fingerprint(services.chance, model.snapshot) if model.has_fingerprint else None,
    }
    if not (model.names_tier or call.request.stream):
        del completion["service_tier"]
    return completion


async def _spoken(call: Call, said: Sequence[Said]) -> list[Audio | None]:
    """Speak what each choice says, if it says anything."""
    return [
        await speak(call, one.content, one.text_tokens, index) if one.content else None
        for index, one in enumerate(said)
    ]


def _room(call: Call, prompt: int) -> int:
    """Return how many tokens one choice may have: what the request, the model and its window allow."""
    request, model = call.request, call.model
    room = min(model.max_output_tokens, max(model.context_window - prompt, 1))
    for asked in (request.max_completion_tokens, request.max_tokens):
        if asked is not None and asked < room:
            room = max(asked, 0)
    return room


def _said(call: Call, draft: Draft, room: int, tokenizer: Tokenizer) -> Said:
    """Cut a draft to what one choice may say."""
    reasoning = draft.reasoning_tokens
    if reasoning is None:
        reasoning = reasoning_tokens(call.model, call.request.reasoning_effort)
    calls = len(draft.tool_calls) + (draft.function_call is not None)
    around = _framing(call, draft, calls, reasoning, tokenizer)
    if not calls and not call.request.stop and not speaks(call):
        said = whole(draft, room, reasoning + around.text, tokenizer)
        if said is not None:
            said.reasoning = reasoning
            return said
    limits = Limits(
        tokens=room,
        stops=stop_texts(call.request.stop),
        framing=around,
        price=1 + AUDIO_TOKENS if speaks(call) else 1,
        calls_end_with_stop=calls > 0 and ends_calls_with_stop(call.body, call.model),
    )
    return apply(draft, limits, reasoning, tokenizer)


def _framing(call: Call, draft: Draft, calls: int, reasoning: int, tokenizer: Tokenizer) -> Framing:
    """Return what stands around an answer's words, by how many calls it makes."""
    forced = calls > 0 and named_function(call.body) is not None
    required = call.body.get("tool_choice") == "required"
    reasons = begins_thinking(call.body, call.model, reasoning)
    around = framing(call.model, calls, forced=forced, required=required, reasons=reasons)
    if calls > 1:
        around = replace(around, calls=around.calls + parallel_tokens(draft.tool_calls, tokenizer))
    if calls:
        return after_text(around) if draft.content else around
    before = text_tokens(call.body, call.model, tokenizer)
    return replace(around, text=around.text + before) if before else around


def _choice(call: Call, index: int, said: Said, draft: Draft, sound: Audio | None) -> Choice:
    """Return a choice, its keys in the wire's order (answers#choices)."""
    logprobs = _logprobs(call, index, said, draft) if call.request.logprobs or draft.logprobs is not None else None
    message = _message(call, index, said, draft, sound)
    if logprobs is None and not call.model.has_logprobs_key:
        return {"index": index, "message": message, "finish_reason": said.finish_reason}
    return {
        "index": index,
        "message": message,
        "logprobs": logprobs,
        "finish_reason": said.finish_reason,
    }


def _message(call: Call, index: int, said: Said, draft: Draft, sound: Audio | None) -> Message:
    message: Message = {"role": "assistant", "content": said.content}
    for position, made in enumerate(said.tool_calls):
        made["id"] = made["id"] or tool_call_id(call.chance.at("tool_call", index, position))
    if said.tool_calls:
        message["tool_calls"] = said.tool_calls
    if said.function_call is not None:
        message["function_call"] = said.function_call
    message["refusal"] = said.refusal
    if sound is not None:
        message["content"] = None
        message["audio"] = sound
    message["annotations"] = _annotations(said, draft) if draft.annotations else []
    return message


def _annotations(said: Said, draft: Draft) -> list[Annotation]:
    """Return the citations whose place in the text was not cut off."""
    end = len(said.content or "")
    return [note for note in draft.annotations if note["url_citation"]["end_index"] <= end]


def _logprobs(call: Call, index: int, said: Said, draft: Draft) -> Logprobs:
    if draft.logprobs is not None:
        return draft.logprobs
    tokenizer = call.services.tokens.get(call.model.encoding)
    return logprobs_of(said, call.request.top_logprobs or 0, tokenizer, call.chance.at("logprobs", index))


def _spent(call: Call, said: Sequence[Said], tokenizer: Tokenizer) -> Spent:
    """Return what the call costs beside what is said, the prompt's cache aside."""
    spent = Spent()
    if call.body.get("prediction") is not None:
        spent.accepted, spent.rejected = accepted_and_rejected(call.body, said[0].content or "", tokenizer)
    if speaks(call):
        spent.audio = AUDIO_TOKENS * sum(one.text_tokens for one in said if one.content)
    return spent


def _extras(call: Call, said: Sequence[Said]) -> dict[str, Any]:
    """Return the fields that only some requests ask for (answers#key-order)."""
    extras: dict[str, Any] = {}
    if call.request.moderation is not None:
        extras["moderation"] = moderation_of(call, [one.content or one.refusal or "" for one in said])
    return extras
