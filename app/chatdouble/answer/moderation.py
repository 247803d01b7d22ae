"""Moderation results, for requests with `moderation`: only directives flag a category (answers#moderation)."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from chatdouble.answer.directives import directives_in
from chatdouble.backend import Call
from chatdouble.core.chance import Chance
from chatdouble.core.json import objects_in
from chatdouble.schema.completion import Moderation, ModerationResult, ModerationResults
from chatdouble.schema.texts import text_of

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
"""The categories of the moderation API, each with its input types."""

_FLAGGED: Final = 0.9
_UNFLAGGED: Final = 0.001


def moderation_of(call: Call, model: str, outputs: Sequence[str]) -> Moderation:
    """Return the moderation of a call's messages and of the texts of its choices.

    The directive `[[flag:violence]]` in a text flags that category.

    Args:
        call: The call.
        model: The moderation model that the request names.
        outputs: The text of each choice.
    """
    chance = call.chance.at("moderation")
    text = "\n".join(text_of(message.get("content")) for message in call.messages)
    inputs: set[InputType] = {"text", "image"} if _has_image(call) else {"text"}
    results = [_result(output, {"text"}, model, chance.at("output", index)) for index, output in enumerate(outputs)]
    return {
        "input": _results([_result(text, inputs, model, chance.at("input"))], model),
        "output": _results(results, model),
    }


def _results(results: list[ModerationResult], model: str) -> ModerationResults:
    return {"type": "moderation_results", "model": model, "results": results}


def _result(text: str, inputs: set[InputType], model: str, chance: Chance) -> ModerationResult:
    flags = {directive.value for directive in directives_in(text) if directive.name == "flag"} & CATEGORIES.keys()
    rng = chance.random()
    return {
        "type": "moderation_result",
        "model": model,
        "flagged": bool(flags),
        "categories": {category: category in flags for category in CATEGORIES},
        "category_scores": {
            category: _FLAGGED + (1 - _FLAGGED) * rng.random() if category in flags else _UNFLAGGED * rng.random()
            for category in CATEGORIES
        },
        "category_applied_input_types": {
            category: [kind for kind in kinds if kind in inputs] for category, kinds in CATEGORIES.items()
        },
    }


def _has_image(call: Call) -> bool:
    parts = (part for message in call.messages for part in objects_in(message.get("content")))
    return any(part.get("type") == "image_url" for part in parts)
