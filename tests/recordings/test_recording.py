"""The frames of a recorded stream."""

from hypothesis import given
from hypothesis import strategies as st

from chatdouble.recordings.recording import Piece, Recording

BYTES = st.lists(st.sampled_from([b"data: x", b"\n", b"\n\n", b"\r", b"\r\n", b"\xff", b""]), max_size=12)


def exchanged(*pieces: bytes, content_type: str = "text/event-stream") -> Recording:
    return Recording(
        {}, 200, (("content-type", content_type),), tuple(Piece(at, data) for at, data in enumerate(pieces))
    )


@given(BYTES)
def test_joined_frames_are_the_body(pieces: list[bytes]) -> None:
    made = exchanged(*pieces)
    frames = [*made.frames()]
    assert b"".join(frame.data for frame in frames) == b"".join(pieces) == made.body
    assert all(frame.data for frame in frames)
    assert [frame.at for frame in frames] == sorted(frame.at for frame in frames)


def test_a_frame_has_the_time_at_which_it_was_complete() -> None:
    made = exchanged(b"data: 1\n", b"\ndata: 2\n\ndata: 3\n\nda", b"ta: 4\r\n\r\ndata: 5")
    assert [*made.frames()] == [
        (1, b"data: 1\n\n"),
        (1, b"data: 2\n\n"),
        (1, b"data: 3\n\n"),
        (2, b"data: 4\r\n\r\n"),
        (2, b"data: 5"),
    ]


def test_the_content_type_decides_whether_a_body_is_a_stream() -> None:
    assert exchanged(content_type="Text/Event-Stream; charset=utf-8").streamed
    assert not exchanged(content_type="application/json").streamed
    assert not Recording({}, 200, (), ()).streamed
