"""Vectors of texts: the same for the same text, and near for texts with the same words and parts of words.

Each word, each part of a word and each pair of words adds to a few places of the vector, which a hash chooses.
"""

import re
from array import array
from base64 import b64encode
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise
from math import log, sqrt
from struct import pack
from sys import byteorder
from typing import Final

_WORD: Final = re.compile(r"\w+")
_BORDERS: Final = (0, 8, 16, 32, 64, 128, 256, *range(512, 4097, 512))
_BLOCKS: Final = tuple(
    (low, high - low, sqrt(high - low), 1 << at) for at, (low, high) in enumerate(pairwise(_BORDERS))
)
"""Start and size of the blocks, its root, and the bit of its sign.

Every feature has a place in each block, so that the first dimensions hold all of them.
"""
_NUMBERS: Final = len(_BLOCKS) + 1
"""The numbers of a hash, of 16 bits each: one for each block, and the signs."""


_DIGITS: Final = 9
"""Decimals of a component; 32-bit floats have no more."""

_COMMON_TEXT: Final = (
    "a about after all also am an and any are as at be because been before being but by can could did do does doing "
    "first for from get got had has have having he her here him his how i if in into is it its just last like may me "
    "might more most much must my next no nor not now of off on one only or other our out over own please s same shall "
    "she should so some such t than that the their them then there these they this those through to too under until "
    "up upon us very was we were what when where which while who whom why will with would you your"
)
_COMMON: Final = frozenset(_COMMON_TEXT.split())
"""Words that say little about a text's subject."""

_PLAIN, _FAINT, _PART, _PAIR = 1.0, 0.1, 0.75, 0.3
"""Weights: of a word, of a common word, of all parts of a word together, of a pair of words."""

_LONGEST: Final = 200_000
"""The characters of a text that count, more than any input has that the API takes."""

_TAKEN_APART: Final = 300
"""The number of different words in a text whose parts count; those of further words change little, and take long."""

_TAKEN_APART_LETTERS: Final = 20_000
"""The letters of these words: one word may have as many as the text."""


def vector(text: str, dimensions: int) -> list[float]:
    """Return a text's vector, of length 1.

    A shorter vector is the beginning of a longer one, made as long as 1 again.

    Args:
        text: The text.
        dimensions: The number of dimensions, up to 4096.
    """
    counted = Counter(_features(text))
    summed = _sums(counted, bisect_left(_BORDERS, dimensions))
    found = [(place, value) for place, value in summed.items() if value and place < dimensions] or [(0, 1.0)]
    length = sqrt(sum([value * value for _, value in found]))
    made = [0.0] * dimensions
    for place, value in found:
        made[place] = round(value / length, _DIGITS)
    return made


def in_base64(components: list[float]) -> str:
    """Return components as little-endian 32-bit floats, in base64."""
    return b64encode(pack(f"<{len(components)}f", *components)).decode()


def _features(text: str) -> Iterator[str]:
    """Yield a text's words, and the pairs of those that are not common; without any, the text itself."""
    text = text[:_LONGEST]
    words = _WORD.findall(text.casefold())
    yield from words or [text]
    yield from map(" ".join, pairwise(word for word in words if word not in _COMMON))


def _weighed(counted: Mapping[str, int]) -> Iterator[tuple[str, float, bool]]:
    """Yield features, each with its share and whether its parts count."""
    letters = _TAKEN_APART_LETTERS
    for at, (feature, times) in enumerate(counted.items()):
        letters -= len(feature)
        yield feature, 1 + log(times), at < _TAKEN_APART and letters >= 0


@lru_cache(maxsize=8192)
def _weights(feature: str, *, parts: bool) -> tuple[bytes, tuple[float, ...]]:
    """Return the digests and weights of a word, with or without its parts, or of a pair of words."""
    if " " in feature:
        return _digest(feature), (_PAIR,)
    if feature in _COMMON:
        return _digest(feature), (_FAINT,)
    pieces = [*_parts(feature)] if parts else []
    weight = _PART / sqrt(len(pieces)) if pieces else 0
    return b"".join(map(_digest, (feature, *pieces))), (_PLAIN, *[weight] * len(pieces))


def _digest(feature: str) -> bytes:
    return blake2b(feature.encode("utf-8", "surrogatepass"), digest_size=2 * _NUMBERS).digest()


def _parts(word: str) -> Iterator[str]:
    """Yield the parts of a word that related words share: how it begins, and every few characters in a row."""
    size = 4 if word.isascii() else 2
    yield from (f"^{word[:end]}" for end in (size, size + 1) if len(word) >= end)
    yield from (word[at : at + size] for at in range(len(word) - size + 1))


def _moved(bits: int, sign: int, size: int) -> int:
    """Move the bits of all numbers from one place to another."""
    return bits * (size // sign) if size >= sign else bits // (sign // size)


def _sums(counted: Mapping[str, int], blocks: int) -> dict[int, float]:
    """Return the places of features in a number of blocks, with the sums of what they add there.

    The numbers of all digests for a block are one long number, of which 16 bits belong to each digest, so that places
    and signs are found in a few steps.
    """
    digests: list[bytes] = []
    weights: list[float] = []
    for feature, share, parts in _weighed(counted):
        joined, each = _weights(feature, parts=parts)
        digests.append(joined)
        weights += [share * weight for weight in each]
    numbers = array("H", b"".join(digests))
    if byteorder == "little":
        numbers.byteswap()
    ones = int.from_bytes((b"\1\0" if byteorder == "little" else b"\0\1") * len(weights), byteorder)
    signs = int.from_bytes(numbers[_NUMBERS - 1 :: _NUMBERS].tobytes(), byteorder)
    summed: dict[int, float] = {}
    for at, (start, size, root, sign) in enumerate(_BLOCKS[:blocks]):
        places = int.from_bytes(numbers[at::_NUMBERS].tobytes(), byteorder) & ones * (size - 1)
        # The sign goes into the first bit that no place needs.
        signed = places | _moved(signs & ones * sign, sign, size)
        keys = array("H", signed.to_bytes(2 * len(weights), byteorder))
        added = dict.fromkeys(keys, 0.0)
        for key, weight in zip(keys, weights, strict=True):
            added[key] += weight
        for key, value in added.items():
            place = start + key % size
            summed[place] = summed.get(place, 0.0) + (value * root if key & size else -value * root)
    return summed
