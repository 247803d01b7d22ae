"""The profile names functions that exist."""

from bench.parts import PARTS


def test_every_part_has_a_function() -> None:
    assert [name for name, owner, function in PARTS if not callable(getattr(owner, function, None))] == []
