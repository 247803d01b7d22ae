"""The tokens of sound that a request brings, by how long it plays."""

import binascii
import io
import math
import wave
from base64 import b64decode
from typing import Any, Final

from chatdouble.core.json import as_object

TOKENS_PER_SECOND: Final = 10
"""What a second of heard sound costs: one token for each 100 ms."""

_MP3_BYTES_PER_SECOND: Final = 16_000
"""What a second of an mp3 is taken for: 128 kbit."""


def heard_tokens(input_audio: Any) -> int:
    """Return the tokens of an audio part: 10 a second, begun ones included.

    A wav says how long it plays; an mp3 is taken for one of 128 kbit a second.

    Args:
        input_audio: The part's `input_audio`: base64 `data` and its `format`.
    """
    try:
        data = b64decode(str(as_object(input_audio).get("data") or ""))
    except (binascii.Error, ValueError):
        return 0
    return math.ceil(_seconds(data) * TOKENS_PER_SECOND)


def _seconds(data: bytes) -> float:
    try:
        with wave.open(io.BytesIO(data)) as sound:
            return float(sound.getnframes() / sound.getframerate())
    except (wave.Error, EOFError, ZeroDivisionError):
        return len(data) / _MP3_BYTES_PER_SECOND
