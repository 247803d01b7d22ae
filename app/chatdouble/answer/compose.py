"""From drafts to the whole answer, obeying everything the request asks for."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import count, repeat
from typing import Any, Final

from chatdouble.answer.audio import AUDIO_TOKENS, add_recalled, speak, speaks
from chatdouble.answer.caching import LEAST, cached
from chatdouble.answer.draft import Draft
from chatdouble.answer.framing import ends_calls_with_stop, framing, named_function
from chatdouble.answer.given import with_given
from chatdouble.answer.limits import Limits, Said, apply, stop_texts, whole
from chatdouble.answer.logprobs import logprobs_of
from chatdouble.answer.moderation import moderation_of
from chatdouble.answer.prediction import accepted_and_rejected
from chatdouble.answer.prompt import prompt_tokens
from chatdouble.answer.usage import Spent, reasoning_tokens, usage_of
from chatdouble.backend import Call
from chatdouble.ids import completion_id, fingerprint, search_completion_id, tool_call_id
from chatdouble.schema.completion import Annotation, Audio, Choice, Completion, Logprobs, Message, ServiceTier
from chatdouble.schema.usage import CompletionUsage
from chatdouble.tokens import Tokenizer

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
    if not call.plain:
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
        found = await cached(call, prompt)
        spent.cached, spent.cache_written = found.read, found.written
    choices = [*map(_choice, repeat(call), count(), said, wanted, spoken)]
    completion = _completion(call, choices, usage_of(call.model, prompt, said, spent))
    if given:
        extras.update(given)
    return with_given(completion, extras) if extras else completion


def _completion(call: Call, choices: list[Choice], usage: CompletionUsage) -> Completion:
    """Return an answer, its keys in the wire's order (wire 3)."""
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
    reasoning = reasoning_tokens(call) if draft.reasoning_tokens is None else draft.reasoning_tokens
    if not call.request.stop and not speaks(call):
        around = reasoning + framing(call.model, 0, forced=False).text
        said = whole(draft, room, around, tokenizer)
        if said is not None:
            said.reasoning = reasoning
            return said
    calls = len(draft.tool_calls) + (draft.function_call is not None)
    limits = Limits(
        tokens=room,
        stops=stop_texts(call.request.stop),
        framing=framing(call.model, calls, forced=calls > 0 and named_function(call.body) is not None),
        price=1 + AUDIO_TOKENS if speaks(call) else 1,
        calls_end_with_stop=calls > 0 and ends_calls_with_stop(call),
    )
    return apply(draft, limits, reasoning, tokenizer)


def _choice(call: Call, index: int, said: Said, draft: Draft, sound: Audio | None) -> Choice:
    """Return a choice, its keys in the wire's order (wire 3)."""
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
    """Return the fields that only some requests ask for (wire 3; reference 3.1)."""
    extras: dict[str, Any] = {}
    if call.request.moderation is not None:
        extras["moderation"] = moderation_of(call, [one.content or one.refusal or "" for one in said])
    return extras
