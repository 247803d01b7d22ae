"""Frames that differ in a few values only, and the padding that hides the length of their texts."""

from collections.abc import Iterable, Sequence
from itertools import cycle, islice
from operator import getitem
from typing import Any, Final

from chatdouble.backend import Call

# The number of random characters of a stream, of which its paddings are parts.
_POOL: Final = 80
# The distance of consecutive paddings. It has no factor in common with the starts, so all starts are used in turn.
_STEP: Final = 19
_STARTS: Final = _POOL - 15
# The paddings of consecutive frames as parts of the pool, by the length of the frame modulo 16.
_BY_LENGTH: Final = tuple(
    tuple(slice(at, at + -length % 16) for length in range(16))
    for at in (turn * _STEP % _STARTS for turn in range(_STARTS))
)
# For each length of what all frames have, modulo 16: from the length of the rest of a frame to that of the frame.
_LENGTHS: Final = tuple(bytes((length + common) % 16 for length in range(256)) for common in range(16))


def padding_pool(call: Call[Any]) -> bytes:
    """Return the characters of which the paddings of a call's stream are parts."""
    return call.chance.at("obfuscation").text(_POOL).encode()


def padding(pool: bytes, turn: int, length: int) -> bytes:
    """Return what brings a length to a multiple of 16; each turn has other characters."""
    return pool[_BY_LENGTH[turn % _STARTS][length % 16]]


def paddings(pool: bytes, turn: int, lengths: Iterable[int], common: int = 0) -> list[bytes]:
    """Return the paddings of consecutive turns.

    Args:
        pool: The characters.
        turn: The first turn.
        lengths: The lengths of what differs.
        common: The length of all else, which is the same in all turns.
    """
    measured = [*lengths]
    try:
        of_frames = bytes(measured).translate(_LENGTHS[common % 16])
    except ValueError:  # a piece of more than 255 characters
        of_frames = bytes((length + common) % 16 for length in measured)
    # As little as possible for each frame: a long answer has hundreds.
    parts = map(getitem, islice(cycle(_BY_LENGTH), turn % _STARTS, None), of_frames)
    return [pool[part] for part in parts]


def block(parts: Sequence[bytes], *columns: Sequence[bytes]) -> list[bytes]:
    """Return consecutive frames in pieces, which are to be joined with what is written with them.

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
    return pieces
