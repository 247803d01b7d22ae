"""Data URLs."""

from base64 import b64encode

import pytest

from chatdouble.core.media import DataUrlError, decode, image_size

LONG = b64encode(bytes(range(256)) * 5000).decode()


def test_long_base64_is_decoded_in_pieces_as_at_once() -> None:
    assert decode(LONG) == bytes(range(256)) * 5000


@pytest.mark.parametrize("at", [1 << 20, (1 << 20) - 4])
@pytest.mark.parametrize("wrong", ["A===", "AA==", "AAA=", "!AAA", "=AAA"])
def test_long_base64_with_a_mistake_or_an_end_within_is_refused(at: int, wrong: str) -> None:
    with pytest.raises(DataUrlError, match="invalid"):
        decode(LONG[:at] + wrong + LONG[at:])


def test_the_frame_of_a_jpeg_follows_some_thousand_segments_at_most() -> None:
    frame = b"\xff\xc0\x00\x0b\x08\x00\xc8\x01\x2c\x01\x01\x11\x00"
    segment = b"\xff\xe0\x00\x02"
    assert image_size(b"\xff\xd8" + segment * 1000 + frame) == (300, 200)
    assert image_size(b"\xff\xd8" + segment * 20_000 + frame) is None
