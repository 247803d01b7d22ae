"""Large values that are freed in steps."""

import weakref
from collections.abc import Iterable
from typing import Any

import pytest

from chatdouble.core.releasing import release


class _Seen(dict[str, Any]):
    """An object that tells when it is freed."""


def test_all_parts_of_values_are_freed() -> None:
    inner = _Seen(a=1)
    freed = weakref.ref(inner)
    values: list[Any] = [{"a": [{"b": [inner, 1.5]}, *({"n": at} for at in range(60_000))]}, [1.0] * 10, "text", None]
    del inner
    release(values)
    assert values == []
    assert freed() is None


class _Steps(list[Any]):
    """An array that tells how many of its items are removed at once."""

    def __init__(self, items: Iterable[Any], lengths: list[int]) -> None:
        super().__init__(items)
        self.lengths = lengths

    def __delitem__(self, removed: Any) -> None:
        self.lengths.append(len(self[removed]))
        super().__delitem__(removed)


def test_few_items_of_an_array_are_freed_at_once_as_each_may_have_many() -> None:
    lengths: list[int] = []
    release([_Steps(({"n": [at]} for at in range(60_000)), lengths)])
    assert sum(lengths) == 60_000
    assert max(lengths) <= 1_000


def test_what_others_refer_to_stays_as_it_is() -> None:
    shared: Any = {"a": [{"b": [1, 2]}], "c": {"d": []}}
    release([{"x": [shared]}, shared])
    assert shared == {"a": [{"b": [1, 2]}], "c": {"d": []}}


@pytest.mark.parametrize("shared", [[1.5] * 50_000, {str(at): at for at in range(50_000)}], ids=["array", "object"])
def test_a_long_value_is_emptied_only_if_nobody_else_has_it(shared: Any) -> None:
    size, seen = len(shared), _Seen()
    freed = weakref.ref(seen)
    alone = [seen, *[None] * 50_000]
    del seen
    values: list[Any] = [{"a": shared, "b": [alone, shared]}]
    del alone
    release(values)
    assert len(shared) == size
    assert freed() is None
