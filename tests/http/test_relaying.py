"""An upstream's bytes as pieces for faults."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable

import pytest

from chatdouble.backend.delivery import Abort, Head, Timed
from chatdouble.core.errors import APIError
from chatdouble.http.relaying import is_stream, relayed, relayed_frames, relayed_whole

GONE = APIError("gone", status=502)

Way = Callable[[AsyncIterator[bytes]], AsyncGenerator[Timed]]


class Arriving:
    """A body that arrives in pieces and may fail; like a plain iterator it cannot be closed."""

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
    """Return the pieces made from an upstream's bytes, all of which are due at once."""

    async def gathered() -> list[Timed]:
        return [piece async for piece in way(Arriving(*arriving))]

    timed = asyncio.run(gathered())
    assert {due for due, _ in timed} <= {0.0}
    return [piece for _, piece in timed]


def test_bytes_are_passed_on_as_they_arrive() -> None:
    assert pieces(relayed, b"a", b"", b"b") == [b"a", b"", b"b"]


def test_an_empty_stream_has_no_piece_and_an_empty_body_has_one() -> None:
    assert (pieces(relayed), pieces(relayed_frames), pieces(relayed_whole)) == ([], [], [b""])


def test_frames_are_reassembled_and_the_bytes_after_the_last_are_kept() -> None:
    assert pieces(relayed_frames, b"data: 1\n", b"\ndata: 2\n\nda", b"ta: 3") == [
        b"data: 1\n\n",
        b"data: 2\n\n",
        b"data: 3",
    ]


def test_a_body_is_reassembled() -> None:
    assert pieces(relayed_whole, b'{"a"', b": 1}") == [b'{"a": 1}']


@pytest.mark.parametrize("way", [relayed, relayed_frames, relayed_whole])
def test_bytes_before_a_failure_are_sent_before_the_connection_closes(way: Way) -> None:
    *before, end = pieces(way, b"data: 1\n\n", b"da", GONE)
    assert (b"".join(piece for piece in before if isinstance(piece, bytes)), end) == (b"data: 1\n\nda", Abort.HANGUP)


@pytest.mark.parametrize("way", [relayed, relayed_frames, relayed_whole])
def test_a_failure_before_the_first_byte_is_an_error(way: Way) -> None:
    with pytest.raises(APIError):
        pieces(way, GONE)


def test_the_content_type_decides_whether_a_response_is_a_stream() -> None:
    assert is_stream(Head(200, ((b"x", b"1"), (b"content-type", b"text/event-stream; charset=utf-8"))))
    assert not is_stream(Head(200, ((b"content-type", b"application/json"),)))
