"""The canonical form of requests."""

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from chatdouble.core.json import is_array, is_object
from chatdouble.scripts.matching.canonical import canonical, differences

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_the_canonical_form_of_a_canonical_form_is_the_same(value: Any) -> None:
    once = canonical(value, normalise=["dates", "uuids"])
    assert canonical(once, normalise=["dates", "uuids"]) == once


@given(st.dictionaries(st.text(), JSON))
def test_the_order_of_keys_does_not_matter(value: dict[str, Any]) -> None:
    other = dict(reversed(value.items()))
    assert repr(canonical(value)) == repr(canonical(other))


def test_the_most_important_keys_come_first() -> None:
    body = {"temperature": 1, "messages": [{"content": "x", "name": "n", "role": "user"}], "model": "m", "a": 1}
    made = canonical(body)
    assert [*made] == ["model", "messages", "a", "temperature"]
    assert [*made["messages"][0]] == ["role", "name", "content"]


def test_integral_floats_equal_integers() -> None:
    assert orjson.dumps(canonical([1.0, -2.0, 0.5, True, 1e300])) == b"[1,-2,0.5,true,1e+300]"


def test_ignored_values_are_removed_at_every_place() -> None:
    body = {"seed": 1, "messages": [{"id": 1}, {"id": 2, "x": 3}], "list": [*range(12)], "metadata": {"run": 9}}
    ignore = ["seed", "messages[*].id", "list[?@ > 1]", "metadata.run", "nothing", "$"]
    assert canonical(body, ignore) == {"messages": [{}, {"x": 3}], "list": [0, 1], "metadata": {}}
    assert body["seed"] == 1
    assert canonical("text", ignore) == "text"


def test_dates_uuids_and_matches_are_normalised() -> None:
    text = "On 2026-11-22T10:11:12.5Z, Nov 22, 2026 or 22 November 2026, run-77 of 123E4567-e89b-12d3-a456-426614174000"
    assert canonical(text, normalise=["dates", "uuids", r"run-\d+"]) == ("On <date>, <date> or <date>, <...> of <uuid>")
    assert canonical(text) == text


@given(JSON, JSON)
def test_values_have_differences_unless_they_are_equal(one: Any, other: Any) -> None:
    assert [*differences(one, one)] == []
    if orjson_like(one) != orjson_like(other):
        assert [*differences(one, other)]


def orjson_like(value: Any) -> Any:
    """Return a value in which absent and null are the same, and true is not 1."""
    if is_object(value):
        return {key: orjson_like(inner) for key, inner in value.items() if inner is not None}
    if is_array(value):
        shown = [orjson_like(inner) for inner in value]
        while shown and shown[-1] is None:
            shown.pop()
        return shown
    return ("bool", value) if isinstance(value, bool) else value


def test_a_difference_has_the_path_and_excerpts_of_both_values() -> None:
    wanted = {"model": "a", "messages": [{"role": "user", "content": "x" * 200 + "cats" + "y" * 50}]}
    found = {"model": "a", "messages": [{"role": "user", "content": "x" * 200 + "dogs"}, {"role": "tool"}], "n": 2}
    assert [*differences(wanted, found, "request")] == [
        ("request.messages[0].content", "..." + "x" * 20 + "cats" + "y" * 50, "..." + "x" * 20 + "dogs"),
        ("request.messages[1]", None, {"role": "tool"}),
        ("request.n", None, 2),
    ]
