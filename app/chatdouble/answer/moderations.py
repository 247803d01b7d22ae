"""Composition of the answer to a request for moderation (moderations#answer)."""

from collections.abc import Sequence
from typing import Final

from chatdouble.answer.moderation import Flags, judged
from chatdouble.backend import Call
from chatdouble.core.chance import moderation_id
from chatdouble.core.errors import APIError
from chatdouble.schema.moderations import InputType, Judgement, ModeratedText, ModerationList, ModerationRequest, Part

_MOST: Final = 10_000
_AT_ONCE: Final = 50
"""The inputs that are judged at once, some milliseconds."""

_TEXT_MODELS: Final = "text-moderation"
"""Prefix of the older models, which know texts and fewer categories."""

_OLD_CATEGORIES: Final = (
    *("sexual", "hate", "harassment", "self-harm", "sexual/minors", "hate/threatening", "violence/graphic"),
    *("self-harm/intent", "self-harm/instructions", "harassment/threatening", "violence"),
)


async def moderations(call: Call[ModerationRequest], flags: Sequence[Flags] = ()) -> ModerationList:
    """Return the moderation of a call's inputs; many are judged by a thread, while others are answered.

    Args:
        call: The call.
        flags: The categories that a script sets for each input, the last ones for all further inputs; none: the
            directive `[[flag:violence]]` in a text flags that category.

    Raises:
        APIError: There are more inputs than one answer may have results.
    """
    count = len(call.request.messages())
    if count > _MOST:
        # The API publishes no limit of its own.
        raise APIError(f"This request has {count} inputs. This server judges up to {_MOST}; send fewer.", param="input")
    if count <= _AT_ONCE and not call.is_large:
        return _list(call, flags)
    call.delivery.is_long = True
    return await call.in_thread(_list, call, flags)


def _list(call: Call[ModerationRequest], flags: Sequence[Flags]) -> ModerationList:
    messages, old = call.request.messages(), call.model.snapshot.startswith(_TEXT_MODELS)
    results = [
        _result(parts, call, flags[min(at, len(flags) - 1)] if flags else None) for at, parts in enumerate(messages)
    ]
    return {
        "id": moderation_id(call.chance.at("moderation"), short=not old),
        "model": call.model.snapshot,
        "results": [_as_before(one) for one in results] if old else results,
    }


def _result(parts: Sequence[Part], call: Call[ModerationRequest], flags: Flags | None) -> Judgement:
    kinds: set[InputType] = {"text" if isinstance(part, ModeratedText) else "image" for part in parts}
    text = "\n".join(part.text for part in parts if isinstance(part, ModeratedText))
    return judged(text, kinds, call.services.chance, flags)


def _as_before(found: Judgement) -> Judgement:
    """Return a result as the older models give it: with their categories, in their order."""
    categories = {name: found["categories"][name] for name in _OLD_CATEGORIES}
    return {
        "flagged": any(categories.values()),
        "categories": categories,
        "category_scores": {name: found["category_scores"][name] for name in _OLD_CATEGORIES},
    }
