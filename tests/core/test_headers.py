"""A request's headers, whose text is made only when it is asked for."""

from chatdouble.core.headers import RequestHeaders

HEADERS = RequestHeaders([(b"host", b"here"), (b"x-name", b"caf\xe9"), (b"content-length", b"2")])


def test_headers_are_found_by_name_as_text_and_as_bytes() -> None:
    assert (HEADERS["host"], HEADERS.get("x-name"), HEADERS.get("none"), HEADERS.get("none", "x")) == (
        "here",
        "caf\xe9",
        None,
        "x",
    )
    assert (HEADERS.raw(b"host"), HEADERS.raw(b"none")) == (b"here", None)
    assert "host" in HEADERS
    assert "none" not in HEADERS
    assert "\u2603" not in HEADERS


def test_headers_are_listed_in_order() -> None:
    assert dict(HEADERS) == {"host": "here", "x-name": "caf\xe9", "content-length": "2"}
    assert HEADERS.lines == b"host: here\nx-name: caf\xe9\ncontent-length: 2"
    assert len(HEADERS) == 3


def test_headers_that_came_several_times_are_one_list() -> None:
    several = RequestHeaders([(b"a", b"1"), (b"cookie", b"x=1"), (b"a", b"2"), (b"cookie", b"y=2"), (b"a", b"3")])
    assert dict(several) == {"a": "1, 2, 3", "cookie": "x=1; y=2"}
