"""An upstream's bytes as faults get them."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable

import pytest

from chatdouble.backend.delivery import Abort, Head, Timed
from chatdouble.core.errors import APIError
from chatdouble.http.relaying import is_stream, relayed, relayed_frames, relayed_whole

GONE = APIError("gone", status=502)

Way = Callable[[AsyncIterator[bytes]], AsyncGenerator[Timed]]


class Arriving:
    """A body that arrives in pieces and may fail; it cannot be closed, as a plain iterator cannot."""

    def __init__(self, *pieces: bytes | APIError) -> None:
        self._pieces = iter(pieces)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        piece = next(self._pieces, None)
        if piece is None:
            raise StopAsyncIteration
        if isinstance(piece, APIError):
            raise piece
        return piece


def pieces(way: Way, *arriving: bytes | APIError) -> list[bytes | Abort]:
    """Return what comes of an upstream's bytes; all of it is due at once."""

    async def gathered() -> list[Timed]:
        return [piece async for piece in way(Arriving(*arriving))]

    timed = asyncio.run(gathered())
    assert {due for due, _ in timed} <= {0.0}
    return [piece for _, piece in timed]


def test_bytes_pass_as_they_arrive() -> None:
    assert pieces(relayed, b"a", b"", b"b") == [b"a", b"", b"b"]


def test_nothing_is_no_piece_of_a_stream_and_an_empty_body() -> None:
    assert (pieces(relayed), pieces(relayed_frames), pieces(relayed_whole)) == ([], [], [b""])


def test_frames_are_put_together_whole_and_what_follows_the_last_is_kept() -> None:
    assert pieces(relayed_frames, b"data: 1\n", b"\ndata: 2\n\nda", b"ta: 3") == [
        b"data: 1\n\n",
        b"data: 2\n\n",
        b"data: 3",
    ]


def test_a_body_is_put_together_whole() -> None:
    assert pieces(relayed_whole, b'{"a"', b": 1}") == [b'{"a": 1}']


@pytest.mark.parametrize("way", [relayed, relayed_frames, relayed_whole])
def test_what_came_before_a_failure_is_sent_and_then_it_ends(way: Way) -> None:
    *before, end = pieces(way, b"data: 1\n\n", b"da", GONE)
    assert (b"".join(piece for piece in before if isinstance(piece, bytes)), end) == (b"data: 1\n\nda", Abort.HANGUP)


@pytest.mark.parametrize("way", [relayed, relayed_frames, relayed_whole])
def test_a_failure_before_the_first_byte_is_an_error(way: Way) -> None:
    with pytest.raises(APIError):
        pieces(way, GONE)


def test_a_stream_is_told_by_its_content_type() -> None:
    assert is_stream(Head(200, ((b"x", b"1"), (b"content-type", b"text/event-stream; charset=utf-8"))))
    assert not is_stream(Head(200, ((b"content-type", b"application/json"),)))
