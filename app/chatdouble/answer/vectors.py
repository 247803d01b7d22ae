"""Vectors of texts: the same for the same text, and near for texts with the same words and parts of words.

Each word, each part of a word and each pair of words adds to a few places of the vector, which a hash chooses.
"""

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise
from math import log, sqrt
from struct import Struct, pack
from typing import Final

_WORD: Final = re.compile(r"\w+")
_BORDERS: Final = (0, 8, 16, 32, 64, 128, 256, *range(512, 4097, 512))
_BLOCKS: Final = tuple(
    (low, high - low, sqrt(high - low), 1 << at) for at, (low, high) in enumerate(pairwise(_BORDERS))
)
"""Start and size of the blocks, its root, and the bit of its sign.

Every feature has a place in each block, so that the first dimensions hold all of them.
"""
_NUMBERS: Final = Struct(f">{len(_BLOCKS) + 1}H")
"""The numbers of a hash: one for each block, and the signs."""

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

_TAKEN_APART: Final = 1000
"""The number of different words in a text whose parts count; those of further words change little, and take long."""

_TAKEN_APART_LETTERS: Final = 20_000
"""The letters of these words: one word may have as many as the text."""

Sparse = Mapping[int, float]


def vector(text: str, dimensions: int) -> list[float]:
    """Return a text's vector, of length 1.

    A shorter vector is the beginning of a longer one, made as long as 1 again.

    Args:
        text: The text.
        dimensions: The number of dimensions, up to 4096.
    """
    summed: dict[int, float] = {}
    letters = _TAKEN_APART_LETTERS
    for at, (feature, times) in enumerate(Counter(_features(text)).items()):
        share = 1 + log(times)
        letters -= len(feature)
        for place, value in _of_feature(feature, parts=at < _TAKEN_APART and letters >= 0).items():
            if place < dimensions:
                summed[place] = summed.get(place, 0.0) + share * value
    length = sqrt(sum(value * value for value in summed.values()))
    if not length:
        summed, length = {0: 1.0}, 1.0
    made = [0.0] * dimensions
    for place, value in summed.items():
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


@lru_cache(maxsize=8192)
def _of_feature(feature: str, *, parts: bool) -> Sparse:
    """Return what a word, with or without its parts, or a pair of words adds to a vector."""
    added: dict[int, float] = {}
    if " " in feature:
        _add(added, feature, _PAIR)
    elif feature in _COMMON:
        _add(added, feature, _FAINT)
    else:
        _add(added, feature, _PLAIN)
        pieces = [*_parts(feature)] if parts else []
        for piece in pieces:
            _add(added, piece, _PART / sqrt(len(pieces)))
    return added


def _parts(word: str) -> Iterator[str]:
    """Yield the parts of a word that related words share: how it begins, and every few characters in a row."""
    size = 4 if word.isascii() else 2
    yield from (f"^{word[:end]}" for end in (size, size + 1) if len(word) >= end)
    yield from (word[at : at + size] for at in range(len(word) - size + 1))


def _add(added: dict[int, float], feature: str, weight: float) -> None:
    digest = blake2b(feature.encode("utf-8", "surrogatepass"), digest_size=_NUMBERS.size).digest()
    *numbers, signs = _NUMBERS.unpack(digest)
    for number, (start, size, root, sign) in zip(numbers, _BLOCKS, strict=True):
        place = start + number % size
        value = weight * root
        added[place] = added.get(place, 0.0) + (value if signs & sign else -value)
