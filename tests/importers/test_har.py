"""HTTP archives."""

import base64
import json
from typing import Any

import pytest

from answered import COMPLETION, REQUEST
from chatdouble.importers.har import read
from chatdouble.importers.items import Interaction, Skipped, recording_of
from chatdouble.recordings.recording import Recording

BODY = json.dumps(COMPLETION)


def entry(content: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "startedDateTime": "2026-01-01T00:00:00Z",
        "time": 250.0,
        "request": {
            "method": "POST",
            "url": "https://api.openai.com/v1/chat/completions",
            "headers": [{"name": "Authorization", "value": "Bearer sk-1"}],
            "postData": {"mimeType": "application/json", "text": json.dumps(REQUEST)},
        },
        "response": {
            "status": 200,
            "headers": [
                {"name": "Content-Type", "value": "application/json"},
                {"name": "Content-Encoding", "value": "br"},
            ],
            "content": content,
        },
    } | changes


def archive(*entries: Any) -> bytes:
    return json.dumps({"log": {"version": "1.2", "entries": entries}}).encode()


@pytest.mark.parametrize(
    "content",
    [
        {"text": BODY, "mimeType": "application/json"},
        {"text": base64.b64encode(BODY.encode()).decode(), "encoding": "base64"},
    ],
)
def test_an_entry_becomes_a_recording(content: dict[str, Any]) -> None:
    (found,) = read("archive", archive(entry(content)))
    assert isinstance(found, Interaction)
    assert found.request_headers == (("authorization", "Bearer sk-1"),)
    exchange = recording_of(found)
    assert isinstance(exchange, Recording)
    assert (exchange.request, exchange.body, exchange.headers) == (
        REQUEST,
        BODY.encode(),
        (("content-type", "application/json"),),
    )
    assert exchange.pieces[0].at == 0.25


def test_unreadable_entries_are_skipped_with_the_reason() -> None:
    data = archive(entry({"text": "%", "encoding": "base64"}), {"request": {"method": "POST"}}, entry({"text": BODY}))
    found = [*read("archive", data)]
    assert [one.where for one in found] == ["entry 1", "entry 2", "entry 3"]
    assert [one.reason for one in found if isinstance(one, Skipped)] == [
        "a body is not base64: Only base64 data is allowed",
        "request.url: Field required",
    ]


@pytest.mark.parametrize(
    ("data", "reason"), [(b"{", "not JSON"), (b"[]", "not an HTTP archive"), (b'{"log": {}}', "not an HTTP")]
)
def test_a_file_that_is_not_an_archive_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        list(read("archive", data))
