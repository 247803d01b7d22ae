"""Values escaped for scripts."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chatdouble.importers.items import escaped
from chatdouble.scripts.format.templates import fill

TEXTS = st.text(st.sampled_from("{}%#' a\n-")) | st.text()
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=8,
)


@given(VALUES)
def test_filling_an_escaped_value_gives_the_value_back(value: Any) -> None:
    assert fill(escaped(value), dict) == value
