"""Large values that are freed in steps."""

import weakref
from typing import Any

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


def test_what_others_refer_to_stays_as_it_is() -> None:
    shared: Any = {"a": [{"b": [1, 2]}], "c": {"d": []}}
    release([{"x": [shared]}, shared])
    assert shared == {"a": [{"b": [1, 2]}], "c": {"d": []}}
