"""The moderation of a call that asks for it: nothing is flagged but what a mark says (answers#moderation)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

from chatdouble.answer.directives import directives_in
from chatdouble.backend import Call
from chatdouble.core.chance import Chance
from chatdouble.core.json import as_object, objects_in
from chatdouble.schema.completion import Moderation, ModerationResult, ModerationResults
from chatdouble.schema.texts import messages_of, text_of

InputType = Literal["text", "image"]

CATEGORIES: Final[Mapping[str, tuple[InputType, ...]]] = {
    "harassment": ("text",),
    "harassment/threatening": ("text",),
    "sexual": ("text", "image"),
    "hate": ("text",),
    "hate/threatening": ("text",),
    "illicit": ("text",),
    "illicit/violent": ("text",),
    "self-harm/intent": ("text", "image"),
    "self-harm/instructions": ("text", "image"),
    "self-harm": ("text", "image"),
    "sexual/minors": ("text",),
    "violence": ("text", "image"),
    "violence/graphic": ("text", "image"),
}
"""The categories of the moderation API, and what each can be seen in."""

_FLAGGED: Final = 0.9
_UNFLAGGED: Final = 0.001


def moderation_of(call: Call, outputs: Sequence[str]) -> Moderation:
    """Return the moderation of a call's input and of its choices' texts.

    `[[flag:violence]]` in a text makes it flagged in that category.

    Args:
        call: The call, whose request has `moderation`.
        outputs: What each choice says.
    """
    model = str(as_object(call.body.get("moderation")).get("model"))
    chance = call.chance.at("moderation")
    text = "\n".join(text_of(message.get("content")) for message in messages_of(call.body))
    seen: set[InputType] = {"text", "image"} if any(_images(call.body)) else {"text"}
    said = [_result(output, {"text"}, model, chance.at("output", index)) for index, output in enumerate(outputs)]
    return {
        "input": _results([_result(text, seen, model, chance.at("input"))], model),
        "output": _results(said, model),
    }


def _results(results: list[ModerationResult], model: str) -> ModerationResults:
    return {"type": "moderation_results", "model": model, "results": results}


def _result(text: str, seen: set[InputType], model: str, chance: Chance) -> ModerationResult:
    flags = {mark.value for mark in directives_in(text) if mark.name == "flag"} & CATEGORIES.keys()
    source = chance.random()
    return {
        "type": "moderation_result",
        "model": model,
        "flagged": bool(flags),
        "categories": {category: category in flags for category in CATEGORIES},
        "category_scores": {
            category: _FLAGGED + (1 - _FLAGGED) * source.random() if category in flags else _UNFLAGGED * source.random()
            for category in CATEGORIES
        },
        "category_applied_input_types": {
            category: [kind for kind in kinds if kind in seen] for category, kinds in CATEGORIES.items()
        },
    }


def _images(body: Mapping[str, Any]) -> Iterator[bool]:
    for message in messages_of(body):
        for part in objects_in(message.get("content")):
            yield part.get("type") == "image_url"
