"""The API's path behind any prefix, headers whose text is made only when it is asked for, and durations."""

import pytest

from chatdouble.core.head import RequestHeaders, RequestPath, duration, request_path

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
    assert HEADERS.lines == b"host\nx-name\ncontent-length\nhere\ncaf\xe9\n2"
    assert len(HEADERS) == 3


def test_headers_that_came_several_times_are_one_list() -> None:
    several = RequestHeaders([(b"a", b"1"), (b"cookie", b"x=1"), (b"a", b"2"), (b"cookie", b"y=2"), (b"a", b"3")])
    assert dict(several) == {"a": "1, 2, 3", "cookie": "x=1; y=2"}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1/chat/completions", RequestPath("/chat/completions")),
        ("/chat/completions", RequestPath("/chat/completions")),
        ("/openai/v1/chat/completions", RequestPath("/chat/completions", azure="v1")),
        ("/a/b/v1/models/gpt-4o", RequestPath("/models/gpt-4o")),
        ("/api/v1/models/ft:gpt-4o:org::1", RequestPath("/models/ft:gpt-4o:org::1")),
        ("/v1/chat/completions/chatcmpl-1/messages", RequestPath("/chat/completions/chatcmpl-1/messages")),
        ("/openai/deployments/my%20one/chat/completions", RequestPath("/chat/completions", "my one", azure="dated")),
        ("/azure/openai/deployments/one/chat/completions", RequestPath("/chat/completions", "one", azure="dated")),
        ("/v2/chat/completions", RequestPath("/v2/chat/completions")),
        ("/v1/chat/completions/", RequestPath("/v1/chat/completions/")),
        ("/v1//chat/completions", RequestPath("/v1//chat/completions")),
        ("/v1/files", RequestPath("/v1/files")),
        ("/openai/v1/responses", RequestPath("/responses", azure="v1")),
        ("/openai/responses", RequestPath("/responses", azure="dated")),
        ("/openai/models/gpt-4o", RequestPath("/models/gpt-4o", azure="dated")),
        ("/openai/chat/completions", RequestPath("/openai/chat/completions")),
        ("/v1/responses/resp_1/cancel", RequestPath("/responses/resp_1/cancel")),
        ("/v1/chat/completionsx", RequestPath("/v1/chat/completionsx")),
        ("/", RequestPath("/")),
    ],
)
def test_the_api_path_is_found_behind_prefixes(path: str, expected: RequestPath) -> None:
    assert request_path(path) == expected


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "0s"),
        (0.0003, "0s"),
        (0.006, "6ms"),
        (0.012, "12ms"),
        (0.644, "644ms"),
        (1.5744, "1.574s"),
        (3.89, "3.89s"),
        (8.64, "8.64s"),
        (20, "20s"),
        (59.369, "59.369s"),
        (90, "1m30s"),
        (360, "6m0s"),
        (580.586, "9m40.586s"),
        (1296.001, "21m36.001s"),
        (86_391.36, "23h59m51.36s"),
    ],
)
def test_durations_are_written_as_in_recordings(seconds: float, written: str) -> None:
    assert duration(seconds).decode() == written
