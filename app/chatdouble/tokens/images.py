"""Tokens of an image, by its size and the model's rule."""

import math
from typing import Any, Final

from chatdouble.catalogue.model import Model
from chatdouble.catalogue.pricing import Patches
from chatdouble.core.json import is_object
from chatdouble.core.media import DataUrlError, decode_data_url, image_size

Size = tuple[int, int]

UNSEEN: Final[Size] = (1024, 1024)
"""Size in pixels assumed for an image at a URL; nothing is downloaded."""

_LARGEST: Final = 2048
_SHORT_SIDE: Final = 768
_TILE: Final = 512
_PATCH: Final = 32
_MOST_PATCHES: Final = 1536


def image_tokens(image_url: Any, model: Model) -> int:
    """Return the tokens of an image part, by its size and detail and the model's price.

    The ways to count are the documented ones (OpenAI's "Images and vision" guide); what is counted in patches
    costs one token more in recorded usage (tokens#accuracy).

    Args:
        image_url: The part's `image_url`: its address, or an object of `url` and `detail`.
        model: The model that sees it.
    """
    held = image_url if is_object(image_url) else {"url": image_url}
    price, size, is_low = model.image_price, _size(held.get("url")), held.get("detail") == "low"
    if isinstance(price, Patches):
        return math.ceil(_patches(_within_tile(size) if is_low else size) * price.patch) + 1
    return price.base if is_low else price.base + price.tile * _tiles(size)


def _size(url: Any) -> Size:
    if not isinstance(url, str) or not url.startswith("data:"):
        return UNSEEN
    try:
        return image_size(decode_data_url(url)[1]) or UNSEEN
    except DataUrlError:
        return UNSEEN


def _within_tile(size: Size) -> Size:
    """Return a size made to fit a tile; never enlarged."""
    fit = min(1.0, _TILE / max(*size, 1))
    return math.ceil(size[0] * fit), math.ceil(size[1] * fit)


def _tiles(size: Size) -> int:
    width, height = _shrunk(size)
    return math.ceil(width / _TILE) * math.ceil(height / _TILE)


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
