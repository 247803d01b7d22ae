"""The tokens of an image, by its size and the model's rule."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from chatdouble.catalogue.model import Model
from chatdouble.core.json import is_object
from chatdouble.core.media import DataUrlError, decode_data_url, image_size

Size = tuple[int, int]

UNSEEN: Final[Size] = (1024, 1024)
"""What an image that is not in the request itself is taken for, in pixels; no network is touched."""

_LARGEST: Final = 2048
_SHORT_SIDE: Final = 768
_TILE: Final = 512
_PATCH: Final = 32
_MOST_PATCHES: Final = 1536


@dataclass(frozen=True, slots=True)
class _Tiles:
    """An image costs a base and so much for each of its tiles of 512 pixels; at low detail the base."""

    base: int
    tile: int

    def tokens(self, size: Size, detail: str) -> int:
        """Return what an image costs."""
        if detail == "low":
            return self.base
        width, height = _shrunk(size)
        return self.base + self.tile * math.ceil(width / _TILE) * math.ceil(height / _TILE)


@dataclass(frozen=True, slots=True)
class _Patches:
    """An image costs so much for each of its patches of 32 pixels; at low detail it is shrunk to a tile."""

    each: float

    def tokens(self, size: Size, detail: str) -> int:
        """Return what an image costs."""
        side = max(*size, 1)
        if detail == "low" and side > _TILE:
            size = (math.ceil(size[0] * _TILE / side), math.ceil(size[1] * _TILE / side))
        return math.ceil(_patches(size) * self.each)


_RULES: Final[Mapping[str, _Tiles | _Patches]] = {
    "gpt-4o-mini": _Tiles(2833, 5667),
    "gpt-4.1-mini": _Patches(1.62),
    "gpt-4.1-nano": _Patches(2.46),
    "o4-mini": _Patches(1.72),
    "o1": _Tiles(75, 150),
    "o3": _Tiles(75, 150),
    "gpt-5-mini": _Patches(1.62),
    "gpt-5-nano": _Patches(2.46),
    "gpt-5.4-mini": _Patches(1.62),
    "gpt-5.4-nano": _Patches(2.46),
    "gpt-5": _Tiles(70, 140),
    "gpt-6": _Tiles(70, 140),
}
"""The rule of a family, by how its names begin; the longest beginning wins."""

_USUAL: Final = _Tiles(85, 170)


def image_tokens(image_url: Any, model: Model) -> int:
    """Return the tokens of an image part.

    The rules are the documented ones (OpenAI's "Images and vision" guide); 255 tokens for a small icon on
    gpt-4o and 8,500 on gpt-4o-mini are recorded (tokens#images).

    Args:
        image_url: The part's `image_url`: its address, or an object of `url` and `detail`.
        model: The model that sees it.
    """
    held = image_url if is_object(image_url) else {"url": image_url}
    fits = [name for name in _RULES if model.snapshot.startswith(name)]
    rule = _RULES[max(fits, key=len)] if fits else _USUAL
    return rule.tokens(_size(held.get("url")), str(held.get("detail") or "auto"))


def _size(url: Any) -> Size:
    if not isinstance(url, str) or not url.startswith("data:"):
        return UNSEEN
    try:
        return image_size(decode_data_url(url)[1]) or UNSEEN
    except DataUrlError:
        return UNSEEN


def _shrunk(size: Size) -> tuple[float, float]:
    """Return a size made to fit a square of 2,048 and then a short side of 768 pixels; never enlarged."""
    fit = min(1.0, _LARGEST / max(*size, 1))
    width, height = size[0] * fit, size[1] * fit
    short = min(1.0, _SHORT_SIDE / max(min(width, height), 1))
    return width * short, height * short


def _patches(size: Size) -> int:
    """Return how many patches an image has, shrunk so that there are at most 1,536."""
    width, height = size
    count = math.ceil(width / _PATCH) * math.ceil(height / _PATCH)
    if count <= _MOST_PATCHES:
        return max(count, 1)
    fit = math.sqrt(_PATCH**2 * _MOST_PATCHES / (width * height))
    across, down = width * fit / _PATCH, height * fit / _PATCH
    fit = min(max(math.floor(across), 1) / across, max(math.floor(down), 1) / down)
    return min(math.ceil(across * fit) * math.ceil(down * fit), _MOST_PATCHES)
