"""Completions made of drafts, as the request asks."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import count, repeat
from typing import Any, Final, cast

from chatdouble.answer.audio import AUDIO_TOKENS, audio_of, has_audio_output, referenced_tokens
from chatdouble.answer.draft import ChoiceOutput, Draft, OutputLimits, apply_limits, are_long, stop_texts
from chatdouble.answer.logprobs import logprobs_of
from chatdouble.backend import Call
from chatdouble.core.chance import completion_id, fingerprint, search_completion_id, tool_call_id
from chatdouble.core.errors import APIError
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
from chatdouble.tokens.caching import cached, marks_of
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
from chatdouble.tokens.responses import save_tokens
from chatdouble.tokens.tokenizer import Tokenizer
from chatdouble.tokens.usage import LEAST_CACHED, PromptCount, Spent, prompt_tokens, reasoning_tokens, usage_of

ORDER: Final = (
    *("id", "object", "created", "model", "choices", "usage", "service_tier", "moderation", "system_fingerprint"),
    "metadata",
)
"""The order of a completion's keys (answers#key-order)."""


def with_overrides(completion: Completion, overrides: Mapping[str, Any]) -> Completion:
    """Return a completion with some fields replaced, its keys still in the API's order.

    Objects are merged: `{"usage": {"prompt_tokens": 9}}` leaves `completion_tokens` as it is. `total_tokens` is
    computed again unless it is overridden as well.

    Args:
        completion: The completion.
        overrides: The fields to replace.
    """
    merged = _merged(completion, overrides)
    usage = merged.get("usage")
    if is_object(usage) and "total_tokens" not in (overrides.get("usage") or ()):
        usage["total_tokens"] = usage.get("prompt_tokens", 0) + usage.get("completion_tokens", 0)
    # Fields that the API does not have come last.
    known = {key: merged[key] for key in ORDER if key in merged}
    return cast("Completion", known | merged)


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(old)
    for key, value in new.items():
        before = merged.get(key)
        merged[key] = _merged(before, value) if is_object(before) and is_object(value) else value
    return merged


_BESIDE_TEXT: Final = frozenset({"modalities", "audio", "prediction", "moderation"})
"""The fields of requests that ask for more than text and calls."""

_WRITES_BEFORE: Final = frozenset({"tools", "functions", "response_format"})
"""The fields of requests because of which a model may write something before a text."""

_MOST_LOGPROBS: Final = 400_000
_LOGPROBS_AT_ONCE: Final = 5_000

_TIERS: Final[Mapping[str | None, ServiceTier]] = {"fast": "priority", "priority": "priority", "flex": "flex"}


async def compose(call: Call, drafts: Sequence[Draft], overrides: Mapping[str, Any] | None = None) -> Completion:
    """Return the completion for drafts, one for each choice.

    Tool calls whose id is "" get an id.

    Args:
        call: The call to answer.
        drafts: The drafts, at least one. If there are fewer than `n`, the last one is used for the other choices.
        overrides: Fields of the completion that replace the computed ones; objects are merged.
    """
    loaded, encoding = call.services.tokens, call.model.encoding  # a thread loads what is not, as it takes long
    tokenizer = loaded[encoding] if encoding in loaded else await call.in_thread(loaded.__getitem__, encoding)
    if len(drafts) != (wanted := call.request.n or 1):
        drafts = [*drafts[:wanted], *repeat(drafts[-1], wanted - len(drafts))]
    only_text = _BESIDE_TEXT.isdisjoint(call.body)
    has_audio = not only_text and has_audio_output(call)
    price = 1 + AUDIO_TOKENS if has_audio else 1
    # A request of text only refers to no audio.
    heard = 0 if call.text_only else await referenced_tokens(call)
    call.delivery.is_long = are_long(drafts)  # however short the request is
    work = call.in_thread if call.delivery.is_long or not tokenizer.vocabulary.is_whole else call.apart
    prompt, outputs = await work(_outputs, call, drafts, heard, price, tokenizer)
    audios: Iterable[Audio | None] = repeat(None)
    spent = Spent()
    extras: dict[str, Any] = {}
    if not only_text:
        audios = await _audios(call, outputs) if has_audio else audios
        spent, extras = await call.apart(lambda: (_spent(call, outputs, tokenizer), _extras(call, outputs)))
    if prompt.total >= LEAST_CACHED:
        await _add_cached(call, prompt, spent)
    made = map(_choice, repeat(call), count(), outputs, drafts, audios)
    choices = await _with_logprobs(call, made, outputs) if call.request.logprobs else [*made]
    tokens = reasoning = 0
    for output in outputs:
        tokens += output.tokens
        reasoning += output.reasoning
    completion = _completion(call, choices, usage_of(call.model, prompt, tokens, reasoning, spent))
    if overrides:
        extras |= overrides
    return with_overrides(completion, extras) if extras else completion


async def _add_cached(call: Call, prompt: PromptCount, spent: Spent) -> None:
    """Add the tokens that the cache has of a prompt. Shorter ones are never in it, which spares a look."""
    marks = await call.apart(marks_of, call.body, call.model, prompt, call.services.tokens[call.model.encoding])
    found = await cached(call.session, call.body, call.model, marks)
    spent.cached, spent.cache_written = found.read, found.written


def _completion(call: Call, choices: list[Choice], usage: CompletionUsage) -> Completion:
    """Return the completion, its keys in the API's order (answers#key-order)."""
    model, services = call.model, call.services
    created, its_id = int(services.clock.now()), _NO_ID
    if call.original is None:
        chance = call.chance
        searched = model.always_searches
        its_id = search_completion_id(chance.at("completion")) if searched else completion_id(chance, created)
    completion: Completion = {
        "id": its_id,
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


_NO_ID: Final = "chatcmpl-"
"""The id of a completion that another API's answer is made of, which has its own."""


async def _audios(call: Call, outputs: Sequence[ChoiceOutput]) -> list[Audio | None]:
    """Return the audio of each choice that has content."""
    return [
        await audio_of(call, output.content, output.text_tokens, index) if output.content else None
        for index, output in enumerate(outputs)
    ]


def _outputs(
    call: Call, drafts: Sequence[Draft], heard: int, price: int, tokenizer: Tokenizer
) -> tuple[PromptCount, list[ChoiceOutput]]:
    """Return the prompt's tokens, those of the audio `heard` included, and what each draft comes to.

    A draft ends within the tokens that the request, the model and its context window allow.
    """
    request, model = call.request, call.model
    prompt = prompt_tokens(call.body, model, tokenizer)
    if call.original is not None:
        save_tokens(prompt, call.body, model)
    if heard:
        prompt.text += heard
        prompt.audio += heard * AUDIO_TOKENS
    allowed = min(model.max_output_tokens, max(model.context_window - prompt.total, 1))
    for limit in (request.max_completion_tokens, request.max_tokens):
        if limit is not None and limit < allowed:
            allowed = max(limit, 0)
    thought = reasoning_tokens(model, request.reasoning_effort) if model.efforts else 0
    outputs: list[ChoiceOutput] = []
    for draft in drafts:
        reasoning = thought if draft.reasoning_tokens is None else draft.reasoning_tokens
        calls = len(draft.tool_calls) + (draft.function_call is not None)
        if outputs and draft is drafts[len(outputs) - 1] and not calls:
            outputs.append(outputs[-1])  # its text may be long; only calls have ids of their own
            continue
        stops = stop_texts(request.stop) if request.stop else ()
        framing_of_draft = _framing(call, draft, calls, reasoning, tokenizer)
        ends_with_stop = calls > 0 and ends_calls_with_stop(call.body, model)
        # By position, which takes half as long as by name.
        limits = OutputLimits(allowed, stops, framing_of_draft, price, ends_with_stop)
        outputs.append(apply_limits(draft, limits, reasoning, tokenizer))
    return prompt, outputs


def _framing(call: Call, draft: Draft, calls: int, reasoning: int, tokenizer: Tokenizer) -> Framing:
    """Return the tokens around a draft's text and its calls."""
    body, model = call.body, call.model
    forced = calls > 0 and named_function(body) is not None
    required = body.get("tool_choice") == "required"
    reasons = not model.overhead.thought or begins_thinking(body, model, reasoning)
    around = framing(model, calls, forced, required, reasons)  # the cache finds names half as fast
    if calls > 1:
        around = around._replace(calls=around.calls + parallel_tokens(draft.tool_calls, tokenizer))
    if calls:
        return after_text(around) if draft.content else around
    before = 0 if _WRITES_BEFORE.isdisjoint(body) else text_tokens(body, model, tokenizer)
    return around._replace(text=around.text + before) if before else around


async def _with_logprobs(call: Call, made: Iterable[Choice], outputs: Sequence[ChoiceOutput]) -> list[Choice]:
    """Return choices with log probabilities; many of them are made by a thread, while others are answered.

    Raises:
        APIError: They have more log probabilities than one answer may.
    """
    tokens = sum(output.text_tokens for output in outputs)
    entries = tokens * (1 + (call.request.top_logprobs or 0))
    if entries > _MOST_LOGPROBS:
        # The API has no such limit; its own models stop sooner.
        raise APIError(
            f"This answer would have {entries} log probabilities: {tokens} tokens in {len(outputs)} choices, each with "
            f"its `top_logprobs`. This server makes up to {_MOST_LOGPROBS}; ask for fewer choices or tokens.",
            param="logprobs",
        )
    if entries <= _LOGPROBS_AT_ONCE:
        return [*made]
    call.delivery.is_long = True
    return await call.in_thread(lambda: [*made])


def _choice(call: Call, index: int, output: ChoiceOutput, draft: Draft, audio: Audio | None) -> Choice:
    """Return a choice, its keys in the API's order (answers#choices)."""
    message: Message = {"role": "assistant", "content": output.content}
    if output.tool_calls or output.function_call is not None:
        _add_calls(message, call, index, output)
    message["refusal"] = output.refusal
    if audio is not None:
        message["content"] = None
        message["audio"] = audio
    message["annotations"] = _annotations(output, draft) if draft.annotations else []
    logprobs = _logprobs(call, index, output, draft) if call.request.logprobs or draft.logprobs is not None else None
    if logprobs is None and not call.model.has_logprobs_key:
        return {"index": index, "message": message, "finish_reason": output.finish_reason}
    return {"index": index, "message": message, "logprobs": logprobs, "finish_reason": output.finish_reason}


def _add_calls(message: Message, call: Call, index: int, output: ChoiceOutput) -> None:
    # Drafts are shared by choices, so ids are drawn for each choice.
    for position, tool_call in enumerate(output.tool_calls):
        tool_call["id"] = tool_call["id"] or tool_call_id(call.chance.at("tool_call", index, position))
    if output.tool_calls:
        message["tool_calls"] = [*output.tool_calls]
    if output.function_call is not None:
        message["function_call"] = output.function_call


def _annotations(output: ChoiceOutput, draft: Draft) -> list[Annotation]:
    """Return the citations whose part of the text was not truncated."""
    end = len(output.content or "")
    return [note for note in draft.annotations if note["url_citation"]["end_index"] <= end]


def _logprobs(call: Call, index: int, output: ChoiceOutput, draft: Draft) -> Logprobs:
    if draft.logprobs is not None:
        return draft.logprobs
    tokenizer = call.services.tokens[call.model.encoding]
    return logprobs_of(output, call.request.top_logprobs or 0, tokenizer, call.chance.at("logprobs", index))


def _spent(call: Call, outputs: Sequence[ChoiceOutput], tokenizer: Tokenizer) -> Spent:
    """Return the tokens of audio and of the prediction."""
    spent = Spent()
    if call.request.prediction is not None:
        from chatdouble.tokens.prediction import accepted_and_rejected  # noqa: PLC0415 - few requests have one

        spent.accepted, spent.rejected = accepted_and_rejected(call.body, outputs[0].content or "", tokenizer)
    if has_audio_output(call):
        spent.audio = AUDIO_TOKENS * sum(output.text_tokens for output in outputs if output.content)
    return spent


def _extras(call: Call, outputs: Sequence[ChoiceOutput]) -> dict[str, Any]:
    """Return the fields of the completion that only some requests have (answers#key-order)."""
    extras: dict[str, Any] = {}
    if call.request.moderation is not None:
        from chatdouble.answer.moderation import moderation_of  # noqa: PLC0415 - few requests have it

        texts = [output.content or output.refusal or "" for output in outputs]
        extras["moderation"] = moderation_of(call, call.request.moderation["model"], texts)
    return extras
