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
# The paddings of consecutive frames as parts of the pool, by the length of the frame modulo 16, twice.
_BY_LENGTH: Final = tuple(
    tuple(slice(at, at + -length % 16) for length in range(16)) * 2
    for at in (turn * _STEP % _STARTS for turn in range(_STARTS))
)
# The same, by the length of a part of the frame modulo 16, for each length of the rest of the frame modulo 16.
_PADDINGS: Final = tuple(tuple(paddings[rest : rest + 16] for paddings in _BY_LENGTH) for rest in range(16))


def padding_pool(call: Call[Any]) -> bytes:
    """Return the characters of which the paddings of a call's stream are parts."""
    return call.chance.at("obfuscation").text(_POOL).encode()


def padding(pool: bytes, turn: int, length: int) -> bytes:
    """Return what brings a length to a multiple of 16; each turn has other characters."""
    return pool[_BY_LENGTH[turn % _STARTS][length % 16]]


def paddings(pool: bytes, turn: int, lengths: Iterable[int], rest: int = 0) -> list[bytes]:
    """Return the paddings of consecutive turns.

    Args:
        pool: The characters.
        turn: The first turn.
        lengths: The lengths of what differs.
        rest: The length of all else, which is the same in all turns.
    """
    turns = islice(cycle(_PADDINGS[rest % 16]), turn % _STARTS, None)
    return [pool[by_length[length & 15]] for length, by_length in zip(lengths, turns, strict=False)]


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
