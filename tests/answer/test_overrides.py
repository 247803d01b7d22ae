"""Overrides replace the computed fields of a completion."""

from typing import Any

import pytest

from calls import call
from chatdouble.answer.compose import ORDER, compose, with_overrides
from chatdouble.answer.draft import Draft
from chatdouble.schema.completion import Completion


async def computed() -> Completion:
    return await compose(call(), [Draft(content="Hello")])


async def test_no_overrides_change_nothing() -> None:
    assert with_overrides(await computed(), {}) == await computed()


@pytest.mark.parametrize(
    "overrides", [{"metadata": {"a": "b"}}, {"moderation": None}, {"metadata": {}, "moderation": None, "id": "mine"}]
)
async def test_the_keys_keep_the_apis_order(overrides: dict[str, Any]) -> None:
    made = with_overrides(await computed(), overrides)
    assert list(made) == [key for key in ORDER if key in made]


async def test_a_nested_override_leaves_its_neighbours() -> None:
    made = with_overrides(await computed(), {"usage": {"prompt_tokens_details": {"cached_tokens": 9}}})
    assert made.get("usage", {}).get("prompt_tokens_details") == {"cached_tokens": 9, "audio_tokens": 0}


@pytest.mark.parametrize(("usage", "total"), [({"prompt_tokens": 100}, 101), ({"total_tokens": 7}, 7)])
async def test_the_total_is_computed_again_unless_it_is_overridden(usage: dict[str, int], total: int) -> None:
    assert with_overrides(await computed(), {"usage": usage}).get("usage", {}).get("total_tokens") == total


async def test_usage_can_be_removed() -> None:
    assert with_overrides(await computed(), {"usage": None}).get("usage", 1) is None


async def test_a_field_that_the_api_does_not_have_comes_last() -> None:
    assert list(with_overrides(await computed(), {"x_mine": 1}))[-1] == "x_mine"


async def test_the_computed_completion_is_not_changed() -> None:
    made = await computed()
    with_overrides(made, {"usage": {"prompt_tokens": 100}})
    assert made == await computed()
