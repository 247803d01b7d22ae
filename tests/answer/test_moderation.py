"""Moderation results for requests that ask for them; only directives flag a category."""

from typing import Any

import pytest

from calls import call
from chatdouble.answer.compose import compose
from chatdouble.answer.draft import Draft
from chatdouble.answer.moderation import CATEGORIES
from chatdouble.schema.completion import Completion, ModerationResult, ModerationResults

ASKED = {"model": "omni-moderation-latest"}


async def answer(content: str = "Hello", **request: Any) -> Completion:
    asked: dict[str, Any] = {"model": "gpt-5", "moderation": ASKED, **request}
    return await compose(call(**asked), [Draft(content=content)])


def results(made: Completion, side: str) -> list[ModerationResult]:
    moderation = made.get("moderation")
    assert moderation is not None
    found: Any = moderation["input"] if side == "input" else moderation["output"]
    held: ModerationResults = found
    return held["results"]


async def test_moderation_stands_between_tier_and_fingerprint_if_asked_for() -> None:
    assert list(await answer())[-3:] == ["service_tier", "moderation", "system_fingerprint"]
    assert "moderation" not in await answer(moderation=None)


@pytest.mark.parametrize("side", ["input", "output"])
async def test_every_category_has_a_score_and_is_not_flagged(side: str) -> None:
    (result,) = results(await answer(), side)
    assert result["flagged"] is False
    assert result["model"] == "omni-moderation-latest"
    assert result["categories"] == dict.fromkeys(CATEGORIES, False)
    assert list(result["category_scores"]) == list(CATEGORIES)
    assert all(0 <= score < 0.5 for score in result["category_scores"].values())
    assert all(kinds == ["text"] for kinds in result["category_applied_input_types"].values())


async def test_a_directive_flags_its_category_for_input_or_output() -> None:
    made = await answer("Fine.", messages="Hit me [[flag:violence]]")
    (sent,), (said,) = results(made, "input"), results(made, "output")
    assert sent["flagged"]
    assert [category for category, flagged in sent["categories"].items() if flagged] == ["violence"]
    assert 0.9 <= sent["category_scores"]["violence"] <= 1
    assert not said["flagged"]


async def test_a_directive_with_an_unknown_category_flags_nothing() -> None:
    (said,) = results(await answer("[[flag:rudeness]]"), "output")
    assert not said["flagged"]


async def test_each_choice_has_a_result() -> None:
    assert len(results(await answer(n=2), "output")) == 2


async def test_images_count_for_the_categories_that_apply_to_them() -> None:
    picture = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    (sent,) = results(await answer(messages=[{"role": "user", "content": [picture]}]), "input")
    assert sent["category_applied_input_types"]["violence"] == ["text", "image"]
    assert sent["category_applied_input_types"]["hate"] == ["text"]
