"""Data URLs."""

from base64 import b64encode

import pytest

from chatdouble.core.media import DataUrlError, decode

LONG = b64encode(bytes(range(256)) * 5000).decode()


def test_long_base64_is_decoded_in_pieces_as_at_once() -> None:
    assert decode(LONG) == bytes(range(256)) * 5000


@pytest.mark.parametrize("at", [1 << 20, (1 << 20) - 4])
@pytest.mark.parametrize("wrong", ["A===", "AA==", "AAA=", "!AAA", "=AAA"])
def test_long_base64_with_a_mistake_or_an_end_within_is_refused(at: int, wrong: str) -> None:
    with pytest.raises(DataUrlError, match="invalid"):
        decode(LONG[:at] + wrong + LONG[at:])
