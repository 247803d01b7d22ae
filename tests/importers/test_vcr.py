"""Cassettes in the many forms that VCRs write."""

import base64
import gzip
import json
import zlib
from collections.abc import Mapping
from typing import Any, cast

import pytest
import yaml

from answered import COMPLETION, REQUEST, stream, text_chunks
from chatdouble.importers.items import Interaction, Skipped, recording_of
from chatdouble.importers.vcr import read
from chatdouble.recordings.recording import Recording

URL = "https://api.openai.com/v1/chat/completions"
BODY = json.dumps(COMPLETION)


def request(**changes: Any) -> dict[str, Any]:
    given = {"method": "POST", "uri": URL, "headers": {"Authorization": ["Bearer sk-1"]}, "body": json.dumps(REQUEST)}
    return given | changes


def response(**changes: Any) -> dict[str, Any]:
    headers = {"Content-Type": ["application/json"], "Openai-Version": ["2020-10-01"]}
    return {"status": {"code": 200, "message": "OK"}, "headers": headers, "body": {"string": BODY}} | changes


def cassette(*pairs: tuple[dict[str, Any], dict[str, Any]]) -> bytes:
    listed = [{"request": asked, "response": answered} for asked, answered in pairs]
    return yaml.safe_dump({"version": 1, "interactions": listed}).encode()


def recordings(data: bytes) -> list[Recording | Skipped]:
    """Return the recordings made from a cassette."""
    found = [*read("cassette", data)]
    return [recording_of(one) if isinstance(one, Interaction) else cast("Skipped", one) for one in found]


def only(data: bytes) -> Recording:
    """Return the only recording made from a cassette."""
    (found,) = recordings(data)
    assert isinstance(found, Recording), found
    return found


def skipped_reason(data: bytes) -> str:
    """Return the reason for skipping the only interaction of a cassette."""
    (found,) = recordings(data)
    assert isinstance(found, Skipped)
    return found.reason


def encoded(name: str) -> Mapping[str, list[str]]:
    return {"Content-Type": ["application/json"], "Content-Encoding": [name]}


def test_an_interaction_of_vcrpy_becomes_a_recording() -> None:
    found = only(cassette((request(), response())))
    assert (found.request, found.status, found.body) == (REQUEST, 200, BODY.encode())
    assert found.headers == (("content-type", "application/json"), ("openai-version", "2020-10-01"))


@pytest.mark.parametrize(
    "answered",
    [
        response(body={"string": BODY.encode()}),
        response(body={"base64_string": base64.b64encode(BODY.encode()).decode()}),
        response(body=BODY),
        response(body={"encoding": "UTF-8", "string": BODY}),
        response(body={"string": gzip.compress(BODY.encode())}, headers=encoded("gzip")),
        response(body={"string": zlib.compress(BODY.encode())}, headers=encoded("deflate")),
        response(body={"string": BODY}, headers=encoded("gzip")),
    ],
)
def test_response_bodies_are_read_in_every_form(answered: dict[str, Any]) -> None:
    found = only(cassette((request(), answered)))
    assert found.body == BODY.encode()
    assert "content-encoding" not in dict(found.headers)


@pytest.mark.parametrize(
    "asked",
    [
        request(body=json.dumps(REQUEST).encode()),
        request(body={"encoding": "UTF-8", "string": json.dumps(REQUEST)}),
        request(body=REQUEST),
        {**request(), "parsed_body": REQUEST, "body": None},
    ],
)
def test_request_bodies_are_read_in_every_form(asked: dict[str, Any]) -> None:
    assert only(cassette((asked, response()))).request == REQUEST


def test_a_parsed_body_is_read() -> None:
    answered = {"status": {"code": 200}, "headers": {}, "parsed_body": COMPLETION}
    assert json.loads(only(cassette((request(), answered))).body) == COMPLETION


def test_streams_stay_byte_for_byte() -> None:
    given = stream(text_chunks("Hel", "lo"))
    headers = {"content-type": ["text/event-stream"]}
    found = only(cassette((request(), response(body={"string": given.body.decode()}, headers=headers))))
    assert found.streamed
    assert found.body == given.body


def test_several_interactions_stay_in_order() -> None:
    data = cassette(*((request(body=json.dumps({**REQUEST, "seed": seed})), response()) for seed in range(3)))
    assert [found.request["seed"] for found in recordings(data) if isinstance(found, Recording)] == [0, 1, 2]


def test_gzipped_cassettes_with_separate_lists_are_read() -> None:
    data = yaml.safe_dump({"requests": [request()], "responses": [response()]}).encode()
    assert only(gzip.compress(data)).request == REQUEST


def test_rubys_cassettes_are_read() -> None:
    listed = [{"request": request(method="post"), "response": response()}]
    data = yaml.safe_dump({"http_interactions": listed, "recorded_with": "VCR 6.1.0"}).encode()
    assert only(data).request == REQUEST


def test_azures_deployment_becomes_the_model() -> None:
    uri = "https://x.openai.azure.com/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21"
    asked = request(uri=uri, body=json.dumps({"messages": REQUEST["messages"]}))
    assert only(cassette((asked, response()))).request == {"model": "my gpt", "messages": REQUEST["messages"]}


def test_a_cookie_under_the_name_of_another_header_is_dropped() -> None:
    held = ["2020-10-01", "__cf_bm=abc.def; HttpOnly; Secure; Path=/; Domain=api.openai.com"]
    found = only(cassette((request(), response(headers={"Openai-Version": held}))))
    assert found.headers == (("openai-version", "2020-10-01"),)


def test_other_requests_are_skipped_with_the_reason() -> None:
    uri = "https://api.openai.com/v1/models"
    assert (
        skipped_reason(cassette((request(method="GET", uri=uri), response()))) == f"not an answer of a model: GET {uri}"
    )
    assert skipped_reason(cassette((request(body="{"), response()))).startswith("the request's body is not JSON")
    assert skipped_reason(cassette((request(body="[]"), response()))) == "the request's body is not a JSON object"


def test_undecodable_bodies_are_skipped_with_the_reason() -> None:
    broken = response(body={"string": b"\x8b\x00\xff\xfe"}, headers=encoded("br"))
    assert (
        skipped_reason(cassette((request(), broken))) == "the response's body cannot be decoded (content encoding: br)"
    )
    assert skipped_reason(cassette((request(), response(body={"base64_string": "a"})))).startswith(
        "a body is not base64"
    )


def test_a_body_that_is_gzip_without_its_end_is_skipped() -> None:
    packed = gzip.compress(b'{"id":"x"}' * 100)
    for cut in (packed[:-1], packed[:-8], packed[:20], packed[:3]):
        answered = response(body={"string": cut}, headers=encoded("gzip"))
        assert skipped_reason(cassette((request(), answered))) == "the response's body is cut: its gzip does not end"


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_body_that_unpacks_to_more_than_a_file_may_have_is_skipped(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatdouble.importers.items.LARGEST", 1_000_000)
    packed = (gzip if encoding == "gzip" else zlib).compress(bytes(2_000_000))
    answered = response(body={"string": packed}, headers=encoded(encoding))
    assert (
        skipped_reason(cassette((request(), answered)))
        == "the response's body is larger than 1,000,000 bytes when it is unpacked"
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"a: [", "not YAML"),
        (b"\x1f\x8bnothing", "not gzip"),
        (b"- 1", "no object"),
        (b"a: 1", "no interactions"),
        (b"\xff\xfe\x00", "not YAML"),
    ],
)
def test_a_file_that_is_not_a_cassette_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        list(read("cassette", data))
