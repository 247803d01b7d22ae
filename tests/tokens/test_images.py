"""Images cost what the documented rules and the recordings say, by size, detail and family."""

import struct
from base64 import b64encode
from typing import Any

import pytest

from calls import model
from chatdouble.tokens.images import image_tokens


def picture(width: int, height: int, detail: str = "high") -> dict[str, Any]:
    """Return an image part's `image_url` with a PNG of a size, as far as its header goes."""
    header = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + bytes(5)
    return {"url": f"data:image/png;base64,{b64encode(header).decode()}", "detail": detail}


@pytest.mark.parametrize(
    ("name", "size", "detail", "tokens"),
    [
        ("gpt-4o", (1024, 1024), "high", 765),
        ("gpt-4o", (2048, 4096), "high", 1105),
        ("gpt-4o", (4096, 8192), "low", 85),
        ("gpt-4o", (135, 155), "auto", 255),
        ("gpt-4o-mini", (135, 155), "auto", 8500),
        ("gpt-4o-mini", (135, 155), "low", 2833),
        ("gpt-5", (512, 512), "high", 210),
        ("o3", (512, 512), "high", 225),
        ("gpt-4.1-mini", (1024, 1024), "high", 1660),
        ("gpt-4.1-nano", (1024, 1024), "high", 2521),
        ("o4-mini", (1800, 2400), "high", 2499),
        ("gpt-5-mini", (1024, 1024), "low", 309),
        ("gpt-4.1-mini", (300, 346), "auto", 180),
        ("gpt-5-mini", (512, 149), "auto", 97),
        ("gpt-5-nano", (64, 64), "auto", 7),
        ("gpt-5.4", (60, 30), "auto", 4),
        ("gpt-6-sol", (60, 30), "auto", 4),
    ],
)
def test_an_image_costs_what_its_size_says(name: str, size: tuple[int, int], detail: str, tokens: int) -> None:
    assert image_tokens(picture(*size, detail), model(name)) == tokens


@pytest.mark.parametrize(
    "url", ["https://example.com/a.png", "data:image/png;base64,%%%", "data:image/png;base64,aGk="]
)
def test_an_image_that_cannot_be_seen_counts_as_1024_square(url: str) -> None:
    assert image_tokens({"url": url}, model("gpt-4o")) == 765


def test_an_image_of_no_size_costs_no_less_than_nothing() -> None:
    assert image_tokens(picture(0, 0), model("gpt-4o")) == 85
    assert image_tokens(picture(0, 0), model("gpt-5-mini")) == 3
    assert image_tokens(picture(100_000, 1), model("gpt-5-mini")) > 0
