"""The only source of randomness: the same seed and labels give the same choices."""

import random
from hashlib import blake2b, shake_128
from typing import Final

BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

_TO_BASE62: Final = bytes(ord(BASE62[byte % 62]) for byte in range(256))


class Chance(str):
    """A source of randomness: the seed and all labels, joined. The order of calls does not matter."""

    # As a text it is made, compared and hashed without a call of Python code; a request makes several.
    __slots__ = ()

    def at(self, *labels: object) -> "Chance":
        """Return the source for further labels, independent of this one."""
        name: str = self
        for label in labels:
            name = f"{name}\x1f{label!s}"
        return Chance(name)

    def random(self) -> random.Random:
        """Return a new generator seeded with the labels."""
        return random.Random(self)

    def number(self, bits: int = 64) -> int:
        """Return an integer of at most `bits` bits (up to 512)."""
        return int.from_bytes(blake2b(self.encode(), digest_size=bits // 8).digest())

    def text(self, length: int) -> str:
        """Return `length` base-62 characters, the alphabet of ids."""
        return shake_128(self.encode()).digest(length).translate(_TO_BASE62).decode()

    def hex(self, length: int) -> str:
        """Return `length` (up to 128) hexadecimal digits."""
        return blake2b(self.encode()).hexdigest()[:length]

    def share(self) -> float:
        """Return a number in [0, 1)."""
        return self.number(64) / 2**64
