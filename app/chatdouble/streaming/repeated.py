"""Frames that differ in a few values only, and the padding that hides the length of their texts."""

from collections.abc import Iterable, Sequence
from itertools import cycle, islice
from typing import Any, Final

from chatdouble.backend import Call

# The number of random characters of a stream, of which its paddings are parts.
_POOL: Final = 80
# The distance of consecutive paddings. It has no factor in common with the starts, so all starts are used in turn.
_STEP: Final = 19
_STARTS: Final = _POOL - 15
# The paddings of consecutive frames as parts of the pool, by the length of the frame modulo 16.
_PADDINGS: Final = tuple(
    tuple(slice(at, at + -length % 16) for length in range(16))
    for at in (turn * _STEP % _STARTS for turn in range(_STARTS))
)


def padding_pool(call: Call[Any]) -> bytes:
    """Return the characters of which the paddings of a call's stream are parts."""
    return call.chance.at("obfuscation").text(_POOL).encode()


def padding(pool: bytes, turn: int, length: int) -> bytes:
    """Return what brings a length to a multiple of 16; each turn has other characters."""
    return pool[_PADDINGS[turn % _STARTS][length % 16]]


def paddings(pool: bytes, turn: int, lengths: Iterable[int]) -> list[bytes]:
    """Return the paddings of consecutive turns, of which the first is given."""
    turns = islice(cycle(_PADDINGS), turn % _STARTS, None)
    return [pool[by_length[length % 16]] for length, by_length in zip(lengths, turns, strict=False)]


def block(parts: Sequence[bytes], *columns: Sequence[bytes]) -> bytes:
    """Return consecutive frames, joined.

    Args:
        parts: What all frames have: before the first value, between the values, and after the last.
        columns: The values of each frame: all first ones, all second ones.
    """
    # Joining one list of all pieces is twice as fast as joining the pieces of each frame, then the frames.
    following = [piece for part in parts[1:-1] for piece in (part, b"")]
    pieces = [parts[-1] + parts[0], b"", *following] * len(columns[0])
    for at, column in enumerate(columns):
        pieces[2 * at + 1 :: 2 * len(columns)] = column
    pieces[0] = parts[0]
    pieces.append(parts[-1])
    return b"".join(pieces)
