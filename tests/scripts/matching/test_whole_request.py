"""Rules that match a whole request."""

from typing import Any

import pytest

from calls import call
from chatdouble.scripts.format.rule import When
from chatdouble.scripts.matching.combinators import AllOf
from chatdouble.scripts.matching.conditions import conditions
from chatdouble.scripts.matching.request_view import RequestView

BODY: dict[str, Any] = {
    "model": "gpt-4o",
    "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hello on 2026-11-22"}],
    "temperature": 1,
    "metadata": {"run": "7"},
}


def asking(request: Any) -> AllOf:
    return conditions(When.model_validate({"request": request}))


def view(**changed: Any) -> RequestView:
    return RequestView(call(**{**BODY, **changed}))


def test_an_equal_request_matches_whatever_the_order_of_its_keys() -> None:
    assert asking(BODY).holds(view())
    assert asking(dict(reversed(BODY.items()))).holds(view(temperature=1.0))
    assert asking({"body": BODY}).holds(view())


DIFFERENT: dict[str, tuple[dict[str, Any], list[tuple[str, str, Any]]]] = {
    "another model": ({"model": "o3"}, [("request.model", '"gpt-4o"', "o3")]),
    "another text": (
        {"messages": [BODY["messages"][0], {"role": "user", "content": "Bye"}]},
        [("request.messages[1].content", '"Hello on 2026-11-22"', "Bye")],
    ),
    "a message less": ({"messages": BODY["messages"][:1]}, [("request.messages[1]", '{"role":"user"', None)]),
    "a message more": (
        {"messages": [*BODY["messages"], {"role": "assistant", "content": "x"}]},
        [("request.messages[0]", "nothing", {"role": "assistant", "content": "x"})],
    ),
    "a parameter more": ({"seed": 5}, [("request.seed", "nothing", 5)]),
    "several": (
        {"temperature": 0, "metadata": {}},
        [("request.metadata.run", '"7"', None), ("request.temperature", "1", 0)],
    ),
}


@pytest.mark.parametrize(("changed", "failed"), DIFFERENT.values(), ids=DIFFERENT)
def test_failures_name_the_differences(changed: dict[str, Any], failed: list[tuple[str, str, Any]]) -> None:
    wanted, asked = asking(BODY), view(**changed)
    assert not wanted.holds(asked)
    found = [(one.condition, one.expected, one.found) for one in wanted.failures(asked)]
    assert len(found) == len(failed)
    for (condition, expected, value), (place, begins, given) in zip(found, failed, strict=True):
        assert (condition, value) == (place, given)
        assert expected.startswith(begins)
    assert wanted.captures(asked) == {}


def test_ignored_and_normalised_values_do_not_matter() -> None:
    wanted = asking({"body": {**BODY, "seed": 1}, "ignore": ["seed", "metadata.run"], "normalise": ["dates"]})
    later = [BODY["messages"][0], {"role": "user", "content": "Hello on 2027-01-01"}]
    assert wanted.holds(view(messages=later, metadata={}, seed=2))
    assert not wanted.holds(view(messages=later, temperature=0))


@pytest.mark.parametrize("request_body", [[1, 2], "text", None])
def test_a_recorded_request_that_is_not_an_object_matches_nothing(request_body: Any) -> None:
    assert not asking({"body": request_body}).holds(view())
