"""Generated contents that take long, and those that take too long."""

from threading import get_ident
from typing import Any

import pytest

from calls import call
from chatdouble.answer.generation import Steps, generate
from chatdouble.backend.call import LARGE
from chatdouble.core.chance import Chance
from chatdouble.core.errors import APIError
from chatdouble.json_schema.generate import instance


async def test_what_takes_few_steps_is_made_at_once() -> None:
    made: list[Steps] = []
    await generate(call(), made.append, "tools")
    assert len(made) == 1


async def test_what_takes_more_is_made_once_again_by_a_thread_with_the_same_outcome() -> None:
    budgets: list[int] = []

    def make(steps: Steps) -> str:
        budgets.append(steps.left)
        steps.spend(10_000)
        return "done"

    assert await generate(call(), make, "tools") == "done"
    assert len(budgets) == 2
    assert budgets[0] == budgets[1]


def _endless(steps: Steps) -> Any:
    while True:
        steps.spend(100)


def _giving_up(steps: Steps) -> Any:
    steps.gave_up = True


@pytest.mark.parametrize("make", [_endless, _giving_up])
async def test_what_takes_too_many_steps_is_a_clear_error(make: Any) -> None:
    with pytest.raises(APIError, match="limit of work") as refused:
        await generate(call(), make, "response_format")
    assert (refused.value.status, refused.value.param) == (400, "response_format")


async def test_a_nearest_attempt_is_warned_of() -> None:
    def make(steps: Steps) -> Any:
        return instance({"type": "integer", "minimum": 5, "maximum": 4}, Chance("seed"), steps)

    asked = call()
    await generate(asked, make, "response_format")
    (warning,) = asked.notes.warnings
    assert warning == (
        "No value was found that is valid under the schema in `response_format`: the answer has the nearest one. "
        "Correct the schema, or script the reply."
    )
    await generate(valid := call(), lambda steps: instance({"type": "integer"}, Chance("seed"), steps), "tools")
    assert valid.notes.warnings == ()


async def test_a_large_request_is_answered_by_a_thread_from_the_start() -> None:
    given = call()
    given.raw = b"x" * (LARGE + 1)
    threads: list[int] = []

    def make(_steps: Steps) -> str:
        threads.append(get_ident())
        return "made"

    assert await generate(given, make, "tools") == "made"
    assert len(threads) == 1
    assert threads != [get_ident()]
