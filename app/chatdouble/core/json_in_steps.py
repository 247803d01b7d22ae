"""Writing of JSON in steps, between which other threads get their turns.

orjson writes a value in one step, however long that takes. Here it gets groups of an array's items that are short
together; what is longer is written part by part.
"""

from collections.abc import Callable, Generator, Iterable, Iterator
from functools import partial
from hashlib import blake2b
from typing import Any, Final

import orjson

from chatdouble.core.in_turns import in_order
from chatdouble.core.json import encode, encode_indented, encode_sorted, is_array, is_object, written

Write = Callable[[Any], bytes]
"""Returns the compact JSON of a value."""

Names = Callable[[dict[str, Any]], Iterable[str]]
"""Returns the names of an object in some order."""

_WINDOW: Final = 256 * 1024
"""The characters that are written at once."""
_MOST: Final = 20_000
"""The values that are written at once."""
_FEW: Final = 32
"""The most objects and arrays that are written together: each may have many values."""
_MANY: Final = 1024
"""The most texts and numbers that are written together."""
_JOINED: Final = 32 * 1024
"""The bytes from which pieces are joined. Each of them may be in a buffer of a kilobyte, whatever its length."""


def encode_in_steps(value: Any, write: Write = encode, names: Names = iter) -> Iterator[bytes]:
    """Yield the pieces of a value's compact JSON.

    Args:
        value: The value.
        write: Writes short values.
        names: Returns the names of a long object in the order in which they are written.
    """
    opened = b""
    if is_object(value):
        for name in names(value):
            yield opened or b"{"
            yield from _text(name, write)
            yield b":"
            yield from encode_in_steps(value[name], write, names)
            opened = b","
        yield b"}" if opened else b"{}"
    elif is_array(value):
        for group in _groups(value):
            yield opened or b"["
            if len(group) == 1:
                yield from encode_in_steps(group[0], write, names)
            else:
                yield write(group)[1:-1]
            opened = b","
        yield b"]" if opened else b"[]"
    elif isinstance(value, str):
        yield from _text(value, write)
    else:
        yield write(value)


def encoded_in_steps(value: Any) -> bytes:
    """Return what `encode` does."""
    return encode(value) if is_short([value]) else b"".join(joined(encode_in_steps(value)))


def sorted_in_steps(value: Any) -> Iterator[bytes]:
    """Yield the pieces of a value's compact JSON with all names in order."""
    return encode_in_steps(value, encode_sorted, _in_order)


def _in_order(value: dict[str, Any]) -> Iterator[str]:
    return in_order([*value], str)


def text_in_steps(value: Any, write: Write = encode) -> str:
    """Return the text of a value's compact JSON; see `encode_in_steps`."""
    pieces = joined(encode_in_steps(value, write))
    return "".join(piece.decode("utf-8", "surrogatepass") for piece in pieces)


def beginning_of(value: Any, limit: int) -> str:
    """Return the beginning of a value's compact JSON, of which no more is written."""
    text = ""
    for piece in encode_in_steps(value[:limit] if isinstance(value, str) else value, partial(encode, default=str)):
        text += piece.decode("utf-8", "surrogatepass")
        if len(text) > limit:
            break
    return text[:limit]


def written_in_steps(value: Any) -> str:
    """Return what `written` does."""
    if is_short([value]):
        return written(value)
    return text_in_steps(value, lambda held: written(held).encode("utf-8", "surrogatepass"))


def sorted_digest(value: Any, size: int) -> bytes:
    """Return some bytes that identify a value, whatever the order of its names.

    Raises:
        TypeError: JSON cannot represent the value, or orjson cannot.
    """
    if is_short([value]):
        return blake2b(_dumps_sorted(value), digest_size=size).digest()
    digest = blake2b(digest_size=size)
    for piece in encode_in_steps(value, _dumps_sorted, _in_order):
        digest.update(piece)
    return digest.digest()


_dumps_sorted: Final = partial(orjson.dumps, option=orjson.OPT_SORT_KEYS)


def digest_in_steps(value: Any) -> bytes:
    """Return 16 bytes that identify a value's compact JSON."""
    digest = blake2b(digest_size=16)
    for piece in encode_in_steps(value):
        digest.update(piece)
    return digest.digest()


def size_in_steps(value: Any) -> int:
    """Return the bytes of a value's compact JSON."""
    return sum(map(len, encode_in_steps(value, partial(encode, default=repr))))


def indented_in_steps(value: Any, end: bytes = b"") -> bytes:
    """Return what `encode_indented` does."""
    # In one `join`, which lets other threads run; a long text that is copied once more keeps them waiting.
    return b"".join((*joined(_indented(value, b"\n")), end))


def joined(pieces: Iterable[bytes]) -> Generator[bytes]:
    """Yield pieces, short ones joined: to hold millions of those takes gigabytes."""
    group: list[bytes] = []
    size = 0
    for piece in pieces:
        group.append(piece)
        size += len(piece)
        if size > _JOINED:
            yield b"".join(group)
            group, size = [], 0
    yield b"".join(group)


def _indented(value: Any, line: bytes) -> Iterator[bytes]:
    """Yield the pieces of a value's indented JSON.

    Args:
        value: The value.
        line: A line break, and the indentation of the line on which the value begins.
    """
    inner = line + b"  "
    if is_object(value) and value:
        opened = b"{"
        for name, held in value.items():
            yield opened + inner
            yield from _text(name)
            yield b": "
            yield from _indented(held, inner)
            opened = b","
        yield line + b"}"
    elif is_array(value) and value:
        opened = b"["
        for group in _groups(value):
            if len(group) == 1:
                yield opened + inner
                yield from _indented(group[0], inner)
            else:
                yield opened + encode_indented(group)[1:-2].replace(b"\n", line)
            opened = b","
        yield line + b"]"
    elif isinstance(value, str):
        yield from _text(value)
    else:
        yield encode(value)


def _groups(items: list[Any]) -> Iterator[list[Any]]:
    """Yield the items of an array in groups: those that are short together, and each long one alone."""
    size = _FEW if items and (is_object(items[0]) or is_array(items[0])) else _MANY
    for at in range(0, len(items), size):
        yield from _divided(items[at : at + size])


def _divided(group: list[Any]) -> Iterator[list[Any]]:
    if len(group) == 1 or is_short(group):
        yield group
        return
    middle = len(group) // 2
    yield from _divided(group[:middle])
    yield from _divided(group[middle:])


def is_short(group: list[Any]) -> bool:
    """Tell whether to write some values takes no longer than a step may."""
    held, size = [*group], 0
    for one in held:
        kind = one.__class__
        if kind is str:
            size += len(one)
        elif kind is dict or kind is list:
            if len(held) + 2 * len(one) > _MOST:
                return False
            held += one  # the keys of an object
            if kind is dict:
                held += one.values()
    return size <= _WINDOW


def _text(text: str, write: Write = encode) -> Iterator[bytes]:
    """Yield the pieces of a text's JSON."""
    if len(text) <= _WINDOW:
        yield write(text)
        return
    yield b'"'
    for at in range(0, len(text), _WINDOW):
        yield write(text[at : at + _WINDOW])[1:-1]
    yield b'"'
