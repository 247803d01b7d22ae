"""From drafts to the whole answer, obeying everything the request asks for."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from chatdouble.answer.draft import Draft
from chatdouble.answer.framing import ends_calls_with_stop, framing, is_named
from chatdouble.answer.given import with_given
from chatdouble.answer.limits import Limits, Said, apply, stop_texts
from chatdouble.answer.prompt import PromptCount, prompt_tokens
from chatdouble.answer.usage import Spent, reasoning_tokens, usage_of
from chatdouble.backend import Call
from chatdouble.ids import completion_id, fingerprint, search_completion_id, tool_call_id
from chatdouble.schema.completion import Choice, Completion, Message, ServiceTier

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
    request, model, services = call.request, call.model, call.services
    tokenizer = services.tokens.get(model.encoding)
    created = int(services.clock.now())
    chance = call.chance.at("completion")
    prompt = prompt_tokens(call.body, model, tokenizer)
    wanted = [drafts[min(index, len(drafts) - 1)] for index in range(request.n or 1)]
    said = [
        apply(draft, limits_of(call, draft, prompt), _reasoning(call, draft), tokenizer) for draft in wanted
    ]
    spent = Spent()
    completion: Completion = {
        "id": search_completion_id(chance) if model.searches else completion_id(chance, created),
        "object": "chat.completion",
        "created": created,
        "model": model.snapshot,
        "choices": [_choice(call, index, *pair) for index, pair in enumerate(zip(said, wanted, strict=True))],
        "usage": usage_of(model, prompt, said, spent),
        "service_tier": _TIERS.get(request.service_tier, "default"),
        "system_fingerprint": fingerprint(services.chance.at("fingerprint", model.snapshot))
        if model.has_fingerprint
        else None,
    }
    return with_given(completion, given) if given else completion


def limits_of(call: Call, draft: Draft, prompt: PromptCount) -> Limits:
    """Return what one choice of an answer may say."""
    request, model = call.request, call.model
    asked = [limit for limit in (request.max_completion_tokens, request.max_tokens) if limit is not None]
    room = max(model.context_window - prompt.total, 1)
    return Limits(
        tokens=max(min(*asked, model.max_output_tokens, room), 0),
        stops=stop_texts(request.stop),
        framing=framing(model, len(draft.tool_calls), forced=is_named(call.body)),
        calls_end_with_stop=ends_calls_with_stop(call),
    )


def _reasoning(call: Call, draft: Draft) -> int:
    return reasoning_tokens(call) if draft.reasoning_tokens is None else draft.reasoning_tokens


def _choice(call: Call, index: int, said: Said, draft: Draft) -> Choice:
    message: Message = {"role": "assistant", "content": said.content}
    if said.tool_calls:
        message["tool_calls"] = said.tool_calls
        for position, made in enumerate(said.tool_calls):
            made["id"] = made["id"] or tool_call_id(call.chance.at("tool_call", index, position))
    if said.function_call is not None:
        message["function_call"] = said.function_call
    message["refusal"] = said.refusal
    message["annotations"] = _annotations(said, draft)
    choice: Choice = {"index": index, "message": message, "finish_reason": said.finish_reason}
    if call.model.has_logprobs_key:
        choice = {
            "index": index,
            "message": message,
            "logprobs": None,
            "finish_reason": said.finish_reason,
        }
    return choice


def _annotations(said: Said, draft: Draft) -> list[Any]:
    if not draft.annotations:
        return []
    end = len(said.content or "")
    return [note for note in draft.annotations if note["url_citation"]["end_index"] <= end]
