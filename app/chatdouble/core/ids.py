"""Ids in the API's own forms, drawn from `Chance`."""

from functools import lru_cache
from typing import Final
from uuid import UUID

from chatdouble.core.chance import BASE62, Chance

EPOCH: Final = 1_576_800_000
"""The Unix time that the first digits of a completion id count from (answers#ids)."""


def completion_id(chance: Chance, created: int) -> str:
    """Return `chatcmpl-` and 29 base-62 digits, the first five of which encode `created` (answers#ids).

    Args:
        chance: The source of the other digits.
        created: The completion's Unix time.
    """
    return f"chatcmpl-{_digits(max(created - EPOCH, 0))}{chance.text(24)}"


@lru_cache(maxsize=16)
def _digits(left: int) -> str:
    digits = ""
    for _ in range(5):
        left, digit = divmod(left, 62)
        digits = BASE62[digit] + digits
    return digits


def search_completion_id(chance: Chance) -> str:
    """Return `chatcmpl-` and a UUID, the form that search models use (answers#ids)."""
    return f"chatcmpl-{UUID(int=chance.number(128), version=4)}"


def tool_call_id(chance: Chance) -> str:
    """Return `call_` and 24 base-62 digits (answers#ids)."""
    return f"call_{chance.text(24)}"


def request_id(chance: Chance) -> str:
    """Return `req_` and 32 hexadecimal digits (answers#ids)."""
    return f"req_{chance.hex(32)}"


@lru_cache(maxsize=256)
def fingerprint(chance: Chance, model: str) -> str:
    """Return `fp_` and 10 hexadecimal digits, constant for a server and a model (answers#fingerprint)."""
    return f"fp_{chance.at('fingerprint', model).hex(10)}"


def audio_id(chance: Chance, created: int) -> str:
    """Return `audio_` and 32 hexadecimal digits, the first eight of which encode `created`.

    Public reports show this form: `audio_690691a2...` was made at 1,762,038,178.
    """
    return f"audio_{created:08x}{chance.hex(24)}"


def moderation_id(chance: Chance, *, short: bool) -> str:
    """Return `modr-` and up to four digits, or the 29 base-62 digits of older models (moderations#answer)."""
    return f"modr-{chance.number(64) % 10_000 if short else chance.text(29)}"
