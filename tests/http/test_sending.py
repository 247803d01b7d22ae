"""Sending: every kind of reply a backend returns, streamed and whole."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest

from asgi_clients import Client, run
from calls import call
from chatdouble.apis.chat import CHAT
from chatdouble.backend import Call, Relay, Reply
from chatdouble.core.errors import APIError
from chatdouble.http.sending import Sender
from chatdouble.schema.chunk import Chunk
from chatdouble.schema.completion import Completion
from chatdouble.streaming.slice import slices
from completions import USAGE, said
from deliveries import CutAfterASecond, CutAfterTwo, Paced, Recorded, Shouting

OPTIONS = {"include_usage": True, "include_obfuscation": False}
SAID = said("Hello there")
STREAM = call(stream=True, stream_options=OPTIONS)


def streamed() -> Call:
    return call(stream=True, stream_options=OPTIONS)


class Outcome(NamedTuple):
    """The outcome of sending a reply."""

    status: int
    ended: str
    answer: Any = None
    noted: Any = None


def send(reply: Reply, asked: Call, client: Client) -> Outcome:
    async def sending() -> Outcome:
        answer = await Sender(client.asks(asked), CHAT.codec, [(b"x-request-id", b"req_1")]).send(reply)
        return Outcome(asked.status, asked.ended, answer, asked.answer)

    return run(sending())


async def coming(*pieces: Chunk | float | APIError, closed: list[str] | None = None) -> AsyncIterator[Chunk]:
    """Yield chunks, wait for seconds, fail with an error."""
    try:
        for piece in pieces:
            if isinstance(piece, APIError):
                raise piece
            if isinstance(piece, float | int):
                await asyncio.sleep(piece)
            else:
                yield piece
    finally:
        if closed is not None:
            closed.append("closed")


async def arriving(*data: bytes | APIError) -> AsyncIterator[bytes]:
    for piece in data:
        if isinstance(piece, APIError):
            raise piece
        yield piece


def chunks(answer: Completion, asked: Call) -> list[Chunk]:
    return list(slices(answer, asked))


def events(client: Client) -> list[Any]:
    """Return what the frames of a stream say."""
    frames = client.body.decode().split("\n\n")
    assert frames.pop() == ""
    return [frame[6:] if frame == "data: [DONE]" else json.loads(frame[6:]) for frame in frames]


def test_a_whole_answer_is_a_body_with_its_length() -> None:
    client = Client()
    outcome = send(said("Hi"), call(), client)
    assert json.loads(client.body) == said("Hi")
    assert client.head["status"] == 200
    assert client.headers == {
        b"content-type": b"application/json",
        b"x-request-id": b"req_1",
        b"content-length": b"%d" % len(client.body),
    }
    assert outcome == Outcome(200, "completed", said("Hi"), client.body)


def test_a_whole_answer_is_sliced_for_a_client_that_wants_a_stream() -> None:
    client = Client()
    outcome = send(said("Hi there"), streamed(), client)
    assert events(client) == [*chunks(said("Hi there"), STREAM), "[DONE]"]
    assert client.headers[b"content-type"] == b"text/event-stream; charset=utf-8"
    assert len(client.writes) == 1
    assert (outcome.ended, outcome.answer) == ("completed", said("Hi there"))


def test_chunks_are_passed_on_as_they_come() -> None:
    client = Client()
    first, second, *rest = chunks(said("Hi there"), STREAM)
    outcome = send(coming(first, 1.0, second, 1.0, *rest), streamed(), client)
    assert events(client) == [*chunks(said("Hi there"), STREAM), "[DONE]"]
    assert [at for at, _ in client.writes][:3] == [0, 1, 2]
    assert outcome.answer == said("Hi there")


def test_chunks_are_folded_for_a_client_that_wants_a_body() -> None:
    client = Client()
    outcome = send(coming(*chunks(said("Hi"), STREAM)), call(), client)
    assert json.loads(client.body) == outcome.answer == said("Hi")
    assert client.headers[b"content-type"] == b"application/json"


@pytest.mark.parametrize("asked", [streamed(), call()])
def test_an_error_before_the_first_chunk_still_chooses_the_status(asked: Call) -> None:
    client = Client()
    with pytest.raises(APIError, match="slow down"):
        send(coming(APIError("slow down", status=429)), asked, client)
    assert client.got == []


@pytest.mark.parametrize("asked", [streamed(), call()])
def test_a_backend_that_streams_nothing_is_a_server_error(asked: Call) -> None:
    with pytest.raises(APIError) as caught:
        send(coming(), asked, Client())
    assert (caught.value.status, caught.value.type) == (500, "server_error")


def test_an_error_on_the_way_ends_the_stream_with_an_error_frame() -> None:
    client, asked = Client(), streamed()
    first, second, *_ = chunks(said("Hi there"), STREAM)
    error = APIError("The model produced invalid content.", status=500, type="model_error")
    outcome = send(coming(first, second, error), asked, client)
    *sent, said_no, usage, done = events(client)
    assert (sent, said_no, done) == ([first, second], error.envelope(), "[DONE]")
    assert usage["usage"]["total_tokens"] == 0
    assert outcome.answer is not None
    assert outcome.answer["choices"][0]["message"]["content"] == "Hi"
    assert asked.notes.error == error.envelope()["error"]


@pytest.mark.parametrize("asked", [streamed(), call()])
def test_a_client_that_leaves_frees_the_backends_chunks(asked: Call) -> None:
    closed: list[str] = []
    first, second, *_ = chunks(said("Hi there"), STREAM)
    outcome = send(coming(first, 10.0, second, closed=closed), asked, Client(leaves=1))
    assert (outcome.ended, closed) == ("client left", ["closed"])
    assert outcome.answer is not None
    assert outcome.answer["choices"][0]["message"]["content"] == ""


def test_a_paced_stream_sends_each_chunk_when_it_is_due() -> None:
    for reply in (said("a b"), coming(*chunks(said("a b"), STREAM))):
        client, asked = Client(), streamed()
        asked.delivery.pace = Paced()
        send(reply, asked, client)
        assert [at for at, data in client.writes if data] == [0.25, 0.5, 0.75, 1, 1.25] + [1.25] * (
            len(client.writes) - 6
        )
        assert events(client)[-1] == "[DONE]"


def test_a_pace_that_runs_out_holds_its_latest_offset() -> None:
    client, asked = Client(), streamed()
    asked.delivery.pace = Recorded()
    send(said("a b"), asked, client)
    assert [at for at, _ in client.writes] == [1]


def test_a_paced_whole_answer_leaves_with_its_last_token() -> None:
    for reply in (said("a b c"), coming(*chunks(said("a b c"), STREAM))):
        client, asked = Client(), call()
        asked.delivery.pace = Paced()
        send(reply, asked, client)
        assert {at for at, _ in client.writes} == {1}
        assert json.loads(client.body)["choices"][0]["message"]["content"] == "a b c"


def test_a_stream_to_a_client_that_is_gone_ends_without_a_failure() -> None:
    outcome = send(said("Hi there"), streamed(), Client(broken=True))
    assert (outcome.ended, outcome.answer) == ("client left", said("Hi there"))


def test_the_deliverys_headers_are_sent_too() -> None:
    client, asked = Client(), call()
    asked.delivery.rate_limits = [(b"x-ratelimit-limit-requests", b"100"), (b"x-ratelimit-limit-tokens", b"9")]
    asked.delivery.headers = {"x-ratelimit-limit-requests": "500", "Content-Type": "text/html"}
    send(said("Hi"), asked, client)
    assert client.headers[b"x-ratelimit-limit-requests"] == b"500"
    assert client.headers[b"x-ratelimit-limit-tokens"] == b"9"
    assert client.headers[b"content-type"] == b"text/html"


def test_faults_disturb_streams_of_every_kind_of_reply() -> None:
    events_ = chunks(said("Hi there"), STREAM)
    relayed = Relay(200, [(b"content-type", b"text/event-stream")], arriving(b"data: 1\n\ndata: 2\n", b"\ndata: 3\n\n"))
    for reply, sent in ((said("Hi there"), b"HI"), (coming(*events_), b"HI"), (relayed, b"DATA: 2\n\n")):
        client, asked = Client(), streamed()
        asked.delivery.faults = (CutAfterTwo(), Shouting())
        outcome = send(reply, asked, client)
        assert client.body.count(b"DATA: ") == 2
        assert sent in client.body
        assert client.headers[b"content-type"] == b"text/plain"
        assert (outcome.ended, client.cuts) == ("cut", ["hangup"])


def test_a_fault_goes_by_when_a_chunk_really_came() -> None:
    first, second, *_ = chunks(said("Hi there"), STREAM)
    client, asked = Client(), streamed()
    asked.delivery.faults = (CutAfterASecond(),)
    outcome = send(coming(first, 0.5, second, 0.6, second), asked, client)
    assert (len(client.body.split(b"\n\n")) - 1, outcome.ended) == (2, "cut")


def test_faults_disturb_whole_answers_of_every_kind_of_reply() -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"4")]
    for reply in (said("Hi"), coming(*chunks(said("Hi"), STREAM)), Relay(200, headers, arriving(b'"H', b'i"'))):
        client, asked = Client(), call()
        asked.delivery.faults = (Shouting(),)
        outcome = send(reply, asked, client)
        assert b'"HI"' in client.body
        assert b"content-length" not in client.headers
        assert (outcome.ended, client.whole) == ("completed", True)


def test_a_client_that_leaves_a_disturbed_stream_frees_the_backends_chunks() -> None:
    closed: list[str] = []
    first, second, *_ = chunks(said("Hi there"), STREAM)
    asked = streamed()
    asked.delivery.faults = (Shouting(),)
    outcome = send(coming(first, 1e5, second, closed=closed), asked, Client(leaves=1))
    assert (outcome.ended, closed) == ("client left", ["closed"])


def test_a_relay_passes_untouched_whatever_the_client_wants() -> None:
    headers = [(b"content-type", b"application/json"), (b"x-a", b"1"), (b"x-a", b"2")]
    for asked in (streamed(), call()):
        client = Client()
        asked.delivery.pace = Paced()
        outcome = send(Relay(429, headers, arriving(b'{"a"', b": 1}")), asked, client)
        assert (client.head["status"], client.head["headers"]) == (429, headers)
        assert [data for _, data in client.writes] == [b'{"a"', b": 1}", b""]
        assert (outcome, len(client.body)) == (Outcome(429, "completed", noted=b'{"a": 1}'), 8)


def test_a_relay_without_a_body_still_has_a_head() -> None:
    client = Client()
    send(Relay(204, [], arriving()), call(), client)
    assert (client.head["status"], client.body, client.whole) == (204, b"", True)


def test_an_upstream_that_fails_on_the_way_hangs_up_on_the_client() -> None:
    client = Client()
    outcome = send(Relay(200, [], arriving(b"half", APIError("gone", status=502))), call(), client)
    assert (outcome.ended, client.body, client.cuts) == ("cut", b"half", ["hangup"])


def test_an_upstream_that_fails_before_its_first_byte_is_an_error() -> None:
    with pytest.raises(APIError):
        send(Relay(200, [], arriving(APIError("gone", status=502))), call(), Client())


def test_usage_in_the_stream_is_the_answers() -> None:
    client = Client()
    send(said("Hi"), streamed(), client)
    *_, usage, _ = events(client)
    assert usage["usage"] == USAGE


@pytest.mark.parametrize("asked", [call(), streamed()], ids=["whole", "stream"])
async def test_an_answer_is_kept_before_its_client_can_ask_for_it(asked: Call) -> None:
    client, got_when_kept = Client(), list[int]()

    async def keep(kept: Call, answer: Any) -> None:
        assert (kept, answer) == (asked, SAID)
        got_when_kept.append(len(client.got))

    await Sender(client.asks(asked), CHAT.codec, [], keep=keep).send(SAID)
    assert got_when_kept == [0]
    assert asked.result == SAID


async def test_an_answer_that_cannot_be_kept_is_not_sent() -> None:
    client = Client()

    async def keep(_call: Call, _answer: Any) -> None:
        raise APIError("The state cannot be reached.", status=503)

    with pytest.raises(APIError):
        await Sender(client.asks(call()), CHAT.codec, [], keep=keep).send(SAID)
    assert client.got == []
