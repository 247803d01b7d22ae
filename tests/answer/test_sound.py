"""Checksums agree with published check values."""

import pytest

from chatdouble.answer.sound import crc


@pytest.mark.parametrize(
    ("polynomial", "width", "check"),
    [(0x07, 8, 0xF4), (0x8005, 16, 0xFEE8), (0x1021, 16, 0x31C3), (0x04C11DB7, 32, 0x89A1897F)],
)
def test_the_checksum_of_the_digits_is_the_published_one(polynomial: int, width: int, check: int) -> None:
    assert crc(polynomial, width)(b"123456789") == check


def test_the_checksum_of_no_bytes_is_0() -> None:
    assert crc(0x07, 8)(b"") == 0
