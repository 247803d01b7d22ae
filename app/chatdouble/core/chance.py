"""The only source of chance: the same seed and the same labels give the same choices."""

import random
from dataclasses import dataclass
from hashlib import blake2b, shake_128
from typing import Final

BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

_TO_BASE62: Final = bytes(ord(BASE62[byte % 62]) for byte in range(256))


@dataclass(slots=True, unsafe_hash=True)
class Chance:
    """Chance named by labels: deterministic, independent of call order, cheap; it never changes.

    Attributes:
        name: The seed and all labels so far.
    """

    name: str

    def at(self, *labels: object) -> "Chance":
        """Return the chance for a more special occasion."""
        name = self.name
        for label in labels:
            name = f"{name}\x1f{label!s}"
        return Chance(name)

    def random(self) -> random.Random:
        """Return a generator of its own, the same for the same labels."""
        return random.Random(self.name)

    def number(self, bits: int = 64) -> int:
        """Return an integer of at most `bits` bits (up to 512)."""
        return int.from_bytes(blake2b(self.name.encode(), digest_size=bits // 8).digest())

    def text(self, length: int) -> str:
        """Return `length` characters of base 62, as ids are made of."""
        return shake_128(self.name.encode()).digest(length).translate(_TO_BASE62).decode()

    def hex(self, length: int) -> str:
        """Return `length` (up to 128) hexadecimal digits."""
        return blake2b(self.name.encode()).hexdigest()[:length]

    def share(self) -> float:
        """Return a number from 0 (included) to 1 (excluded)."""
        return self.number(64) / 2**64
