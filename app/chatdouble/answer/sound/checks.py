"""Cyclic redundancy checks that are not in the standard library, highest bit first, from zero."""

from collections.abc import Callable
from functools import cache


def crc(polynomial: int, width: int) -> Callable[[bytes], int]:
    """Return the function that checks bytes with a polynomial of `width` bits."""
    mask, shift = (1 << width) - 1, width - 8

    def check(data: bytes) -> int:
        table, value = _table(polynomial, width), 0
        for byte in data:
            value = (value << 8 & mask) ^ table[value >> shift ^ byte]
        return value

    return check


@cache
def _table(polynomial: int, width: int) -> tuple[int, ...]:
    return tuple(_step(first << width - 8, polynomial, width) for first in range(256))


def _step(value: int, polynomial: int, width: int) -> int:
    top, mask = 1 << width - 1, (1 << width) - 1
    for _ in range(8):
        value = (value << 1 ^ polynomial if value & top else value << 1) & mask
    return value
