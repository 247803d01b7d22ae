"""Event streams read and written, whatever their line ends and wherever they are cut."""

from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatdouble.core.sse import Frame, Reader, read_frames, write_frame

LINE_ENDS = (b"\n", b"\r\n", b"\r")


def read_in_pieces(stream: bytes, size: int) -> list[Frame]:
    reader = Reader()
    pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
    return [frame for piece in pieces for frame in reader.feed(piece)] + reader.finish()


@pytest.mark.parametrize("end", LINE_ENDS)
@pytest.mark.parametrize("space", [b"", b" "])
def test_a_stream_with_any_line_end_is_read_the_same_wherever_it_is_cut(end: bytes, space: bytes) -> None:
    lines = [
        b"event: message",
        b"data:" + space + b'{"a": 1}',
        b"",
        b": comment",
        b"data:" + space + b"[DONE]",
        b"",
        b"",
    ]
    stream = end.join(lines)
    for size in range(1, len(stream) + 1):
        frames = read_in_pieces(stream, size)
        assert [frame.data for frame in frames if frame.data] == [b'{"a": 1}', b"[DONE]"]
        assert b"".join(frame.raw for frame in frames) == stream


def test_a_stream_with_mixed_line_ends_is_read_the_same_wherever_it_is_cut() -> None:
    for first, second, third in product(LINE_ENDS, repeat=3):
        stream = b"data: 1" + first + b"data: 2" + second + third + b"data: 3" + third + second
        whole = [b"1\n2", b"3"] if (second, third) != (b"\r", b"\n") else [b"1\n2\n3"]
        for size in range(1, len(stream) + 1):
            frames = read_in_pieces(stream, size)
            assert [frame.data for frame in frames if frame.data] == whole
            assert b"".join(frame.raw for frame in frames) == stream


@pytest.mark.parametrize("end", LINE_ENDS)
def test_a_frame_is_returned_as_soon_as_its_blank_line_has_arrived(end: bytes) -> None:
    reader = Reader()
    assert reader.feed(b"data: 1" + end) == []
    assert [frame.data for frame in reader.feed(end)] == [b"1"]


def test_a_crlf_cut_in_two_belongs_to_one_frame() -> None:
    reader = Reader()
    assert reader.feed(b"data: 1\r\n\r") == []
    assert [frame.raw for frame in reader.feed(b"\ndata: 2")] == [b"data: 1\r\n\r\n"]
    assert [frame.raw for frame in reader.finish()] == [b"data: 2"]


def test_what_follows_the_last_blank_line_is_a_frame() -> None:
    assert [frame.data for frame in read_frames(b"data: 1\n\ndata: 2")] == [b"1", b"2"]
    assert [frame.data for frame in read_frames(b"data: 1\n\ndata: 2\n")] == [b"1", b"2"]
    assert read_frames(b"") == []


def test_fields_have_names_and_values() -> None:
    (frame,) = read_frames(b":ping\nevent: delta\nid:7\nretry: 10\ndata\ndata:  two spaces\ndata: a:b\n\n")
    assert [(line.name, line.value) for line in frame.lines()] == [
        (b"", b"ping"),
        (b"event", b"delta"),
        (b"id", b"7"),
        (b"retry", b"10"),
        (b"data", b""),
        (b"data", b" two spaces"),
        (b"data", b"a:b"),
        (b"", b""),
    ]
    assert frame.data == b"\n two spaces\na:b"


def test_a_frame_of_comments_has_no_data() -> None:
    assert [frame.data for frame in read_frames(b": ping\n\n\n\ndata:\n\n")] == [None, None, b""]


def test_a_byte_order_mark_counts_for_nothing_at_the_start_and_only_there() -> None:
    mark = b"\xef\xbb\xbf"
    frames = read_in_pieces(mark + b"data: 1\n\n" + mark + b"data: 2\n\n", 1)
    assert [frame.data for frame in frames] == [b"1", None]
    assert frames[0].with_data(b"a\nb").raw == mark + b"data: a\ndata: b\n\n"


def test_other_data_leaves_the_rest_of_a_frame_as_it_is() -> None:
    (frame,) = read_frames(b"id: 1\r\ndata:old\r\n: between\r\ndata:more\r\n\r\n")
    assert frame.with_data(b"new").raw == b"id: 1\r\ndata:new\r\n: between\r\n\r\n"
    assert frame.with_data(b"a\nb").raw == b"id: 1\r\ndata:a\r\ndata:b\r\n: between\r\n\r\n"
    assert frame.with_data(b"old\nmore") is frame


@pytest.mark.parametrize(
    ("raw", "changed"),
    [
        (b"data: x", b"data: y"),
        (b"data\r\r", b"data:y\r\r"),
        (b": ping\n\n", b": ping\n\n"),
    ],
)
def test_data_is_replaced_in_frames_of_any_form(raw: bytes, changed: bytes) -> None:
    assert Frame(raw).with_data(b"y").raw == changed


@pytest.mark.parametrize("data", [b"[DONE]", b"", b'{"text": "\xc3\xa9"}', b"two\nlines"])
def test_what_is_written_is_read_again(data: bytes) -> None:
    (frame,) = read_frames(write_frame(data))
    assert frame.data == data


def test_a_frame_is_written_as_the_api_writes_it() -> None:
    assert write_frame(b"[DONE]") == b"data: [DONE]\n\n"
    assert write_frame(b"a\r\nb\rc") == b"data: a\ndata: b\ndata: c\n\n"


PARTS = st.sampled_from([b"data: x", b"data", b"event: y", b": z", b"\xef\xbb\xbf", b"\n", b"\r\n", b"\r", b"\xff"])


@given(st.lists(PARTS, max_size=20), st.lists(st.integers(0, 60), max_size=6))
def test_any_stream_cut_anywhere_has_the_same_bytes_and_the_same_data(parts: list[bytes], cuts: list[int]) -> None:
    stream, reader = b"".join(parts), Reader()
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    frames = [frame for start, end in pairwise(places) for frame in reader.feed(stream[start:end])] + reader.finish()
    assert b"".join(frame.raw for frame in frames) == stream
    assert all(b"".join(line.raw for line in frame.lines()) == frame.raw for frame in frames)
    whole = [frame.data for frame in read_frames(stream)]
    assert [frame.data for frame in frames if frame.data is not None] == [data for data in whole if data is not None]


def test_a_long_frame_that_arrives_byte_by_byte_is_read_in_linear_time() -> None:
    # Searching all of the frame for each byte would take hours.
    stream = b"data: " + b"x" * 1_000_000 + b"\n\n"
    (frame,) = read_in_pieces(stream, 1)
    assert frame.raw == stream
