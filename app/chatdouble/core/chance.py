"""The only source of randomness, and the ids that are drawn from it, in the API's own forms."""

import random
from functools import lru_cache
from hashlib import blake2b, shake_128
from typing import Final
from uuid import UUID

BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

_TO_BASE62: Final = bytes(ord(BASE62[byte % 62]) for byte in range(256))


class Chance(str):
    """A source of randomness: the seed and all labels, joined. The order of calls does not matter."""

    # As a text it is made, compared and hashed without a call of Python code; a request makes several.
    __slots__ = ()

    def at(self, *labels: object) -> "Chance":
        """Return the source for further labels, independent of this one."""
        name: str = self
        for label in labels:
            name += f"\x1f{label!s}"
        return Chance(name)

    def random(self) -> random.Random:
        """Return a new generator seeded with the labels."""
        return random.Random(self)

    def number(self, bits: int = 64) -> int:
        """Return an integer of at most `bits` bits (up to 512)."""
        return int.from_bytes(blake2b(self.encode(), digest_size=bits // 8).digest())

    def text(self, length: int) -> str:
        """Return `length` base-62 characters, the alphabet of ids."""
        return shake_128(self.encode()).digest(length).translate(_TO_BASE62).decode()

    def hex(self, length: int) -> str:
        """Return `length` (up to 128) hexadecimal digits."""
        return blake2b(self.encode()).hexdigest()[:length]

    def share(self) -> float:
        """Return a number in [0, 1)."""
        return self.number(64) / 2**64


EPOCH: Final = 1_576_800_000
"""The Unix time that the first digits of a completion id count from (answers#ids)."""


def completion_id(chance: Chance, created: int) -> str:
    """Return `chatcmpl-` and 29 base-62 digits, the first five of which encode `created` (answers#ids).

    Args:
        chance: The source of a call.
        created: The completion's Unix time.
    """
    # Every answer has an id, and `chance.at("completion").text(24)` takes three times as long.
    named = chance + "\x1fcompletion"
    digits = blake2b(named.encode()).digest()[:24].translate(_TO_BASE62).decode()
    return f"chatcmpl-{_digits(max(EPOCH, created))}{digits}"


@lru_cache(maxsize=16)
def _digits(created: int) -> str:
    digits, left = "", created - EPOCH
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
    """Return `req_` and 32 hexadecimal digits (answers#ids), given the source of a call."""
    # As `chance.at("request").hex(32)`: every call has an id.
    named = chance + "\x1frequest"
    return f"req_{blake2b(named.encode()).digest()[:16].hex()}"


@lru_cache(maxsize=256)
def fingerprint(chance: Chance, model: str) -> str:
    """Return `fp_` and 10 hexadecimal digits, constant for a server and a model (answers#fingerprint)."""
    return f"fp_{chance.at('fingerprint', model).hex(10)}"


def audio_id(chance: Chance, created: int) -> str:
    """Return `audio_` and 32 hexadecimal digits, the first eight of which encode `created`.

    Public reports show this form: `audio_690691a2...` was made at 1,762,038,178.
    """
    return f"audio_{created:08x}{chance.hex(24)}"


class ItemIds:
    """The ids of one response and of its items, which share 16 digits (responses#ids).

    Args:
        chance: The source of the other digits.
        created: The response's Unix time.
        shared: The shared digits; None: drawn.
    """

    __slots__ = ("_begin", "_end", "_name")

    def __init__(self, chance: Chance, created: int, shared: str | None = None) -> None:
        self._name = chance + "\x1f"
        self._begin = f"{shared or chance.at('shared').hex(_SHARED)}00{created:08x}"
        self._end = ""

    def id(self, prefix: str, at: int | None = None) -> str:
        """Return a prefix and 50 hexadecimal digits: the shared ones, `00`, the time, and 24 of its own.

        Args:
            prefix: The kind of thing: `resp`, `msg`, `rs`, `fc`.
            at: The thing's place in the response; None: it is the only one.
        """
        # As `chance.at(prefix, at).hex(21)`: every response has several ids.
        name = self._name + prefix if at is None else f"{self._name}{prefix}\x1f{at}"
        own = blake2b(name.encode()).hexdigest()
        return f"{prefix}_{self._begin}{own[:4]}819{own[4:21]}{self._end}"


def shared_digits(response_id: str) -> str | None:
    """Return the digits that a response shares with its items and with the responses that continue it."""
    digits = response_id.partition("_")[2][:_SHARED]
    return digits if len(digits) == _SHARED and not digits.strip("0123456789abcdef") else None


_SHARED: Final = 16


class ConversationIds(ItemIds):
    """The ids of one conversation and of the items that are added to it, which share their last 16 digits.

    They have 48 digits: the time, 24 of their own, and the shared ones.

    Args:
        chance: The source of the other digits.
        created: The Unix time at which it is made or extended.
        conversation_id: The id of a conversation that is extended; None: it is made.
    """

    def __init__(self, chance: Chance, created: int, conversation_id: str | None = None) -> None:
        self._name = chance + "\x1f"
        self._begin = f"{created:08x}"
        self._end = conversation_id[-_SHARED:] if conversation_id else chance.at("shared").hex(_SHARED)


def moderation_id(chance: Chance, *, short: bool) -> str:
    """Return `modr-` and up to four digits, or the 29 base-62 digits of older models (moderations#answer)."""
    return f"modr-{chance.number(64) % 10_000 if short else chance.text(29)}"
