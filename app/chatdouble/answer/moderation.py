"""Moderation results, for requests with `moderation` and for /moderations: only directives and scripts flag a category.

See answers#moderation and moderations#answer.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, get_args

from chatdouble.backend import Call
from chatdouble.core.chance import Chance
from chatdouble.core.json import objects_in
from chatdouble.schema.completion import Moderation, ModerationResult, ModerationResults
from chatdouble.schema.moderations import OF_IMAGES, Category, InputType, Judgement
from chatdouble.schema.texts import directives_in, text_of

CATEGORIES: Final[Mapping[str, tuple[InputType, ...]]] = {
    name: ("text", "image") if name in OF_IMAGES else ("text",) for name in get_args(Category)
}
"""The categories of the moderation API, each with its input types."""

THRESHOLD: Final = 0.5
"""The score from which a category is flagged here; the API's own are not known."""

_FLAGGED: Final = 0.9
_HIGHEST, _LOWEST = -3.3, -7.0
"""Exponents of the scores of harmless texts: recorded ones lie between 1e-7 and 5e-4."""

Flags = Mapping[str, bool | float]
"""Categories and their scores; True: flagged with a high score, False: not flagged."""


def moderation_of(call: Call, model: str, outputs: Sequence[str]) -> Moderation:
    """Return the moderation of a call's messages and of the texts of its choices.

    The directive `[[flag:violence]]` in a text flags that category.

    Args:
        call: The call.
        model: The moderation model that the request names.
        outputs: The text of each choice.
    """
    chance = call.services.chance
    text = "\n".join(text_of(message.get("content")) for message in call.messages)
    inputs: set[InputType] = {"text", "image"} if _has_image(call) else {"text"}
    return {
        "input": _results([_result(text, inputs, model, chance)], model),
        "output": _results([_result(output, {"text"}, model, chance) for output in outputs], model),
    }


def _results(results: list[ModerationResult], model: str) -> ModerationResults:
    return {"type": "moderation_results", "model": model, "results": results}


def _result(text: str, inputs: Collection[InputType], model: str, chance: Chance) -> ModerationResult:
    found = judged(text, inputs, chance)
    return {
        "type": "moderation_result",
        "model": model,
        "flagged": found["flagged"],
        "categories": found["categories"],
        "category_scores": found["category_scores"],
        "category_applied_input_types": found.get("category_applied_input_types", {}),
    }


def judged(text: str, inputs: Collection[InputType], chance: Chance, flags: Flags | None = None) -> Judgement:
    """Return what a moderation model finds in a text, the same for the same text.

    Args:
        text: The text; its directives flag categories.
        inputs: The types of input there are; a category that applies to none of them has a score of 0.
        chance: The source of randomness.
        flags: The categories that a script sets; None: the text's directives count.
    """
    if flags is None:
        flags = dict.fromkeys((str(one.value) for one in directives_in(text) if one.name == "flag"), True)
    drawn = chance.at("moderation", text).random()
    applied: dict[str, list[InputType]] = {
        name: [kind for kind in kinds if kind in inputs] for name, kinds in CATEGORIES.items()
    }
    scores: dict[str, float] = {}
    for name in CATEGORIES:
        low, high = 10 ** drawn.uniform(_LOWEST, _HIGHEST), _FLAGGED + (1 - _FLAGGED) * drawn.random()
        scores[name] = _score(flags.get(name, False), low if applied[name] else 0.0, high)
    categories = {name: score >= THRESHOLD for name, score in scores.items()}
    return {
        "flagged": any(categories.values()),
        "categories": categories,
        "category_scores": scores,
        "category_applied_input_types": applied,
    }


def _score(flag: float, low: float, high: float) -> float:
    if flag is True:
        return high
    return low if flag is False else float(flag)


def _has_image(call: Call) -> bool:
    parts = (part for message in call.messages for part in objects_in(message.get("content")))
    return any(part.get("type") == "image_url" for part in parts)
