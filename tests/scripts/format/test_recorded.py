"""Recorded responses in script files."""

import json
from typing import Any

import pytest

from calls import call
from chatdouble.backend import Relay
from chatdouble.scripts.reading.load import ScriptError, parse
from scripting import scripted

FORMS: dict[str, tuple[Any, bytes]] = {
    "a text": ("as {{ it }} is", b"as {{ it }} is"),
    "JSON": ({"json": {"b": 1, "a": [None, 0.5]}}, b'{"b":1,"a":[null,0.5]}'),
    "JSON null": ({"json": None}, b"null"),
    "text": ({"text": "\u00e9"}, "\u00e9".encode()),
    "bytes": ({"base64": "/w=="}, b"\xff"),
}


async def answered(recorded: dict[str, Any]) -> tuple[Relay, list[bytes], tuple[float, ...] | None]:
    """Return the answer of a rule with a recorded response, its pieces and when they are due."""
    asked = call()
    reply = await scripted(json.dumps({"rules": [{"reply": {"recorded": recorded}}]})).reply(asked)
    assert isinstance(reply, Relay)
    pace = asked.delivery.wanted_pace
    return reply, [data async for data in reply.body], pace.offsets if pace else None


@pytest.mark.parametrize(("given", "sent"), FORMS.values(), ids=FORMS)
async def test_a_body_is_sent_verbatim_with_its_length(given: Any, sent: bytes) -> None:
    reply, pieces, _ = await answered({"status": 404, "headers": {"X-A": ["1", "2"]}, "body": given})
    assert (reply.status, pieces) == (404, [sent])
    assert reply.headers == [(b"x-a", b"1"), (b"x-a", b"2"), (b"content-length", b"%d" % len(sent))]


async def test_a_stream_is_sent_in_pieces_at_the_recorded_times() -> None:
    stream = [
        {"at": 0.5, "data": {"a": 1}},
        {"data": "[DONE]"},
        ": comment\n\n",
        {"at": 2, "base64": "/w=="},
        {"json": [1]},
        {"text": "x"},
    ]
    reply, pieces, due = await answered({"stream": stream})
    assert (reply.status, reply.headers) == (200, [])
    assert pieces == [b'data: {"a":1}\n\n', b"data: [DONE]\n\n", b": comment\n\n", b"\xff", b"[1]", b"x"]
    assert due == (0.5, 0.5, 0.5, 2.0, 2.0, 2.0)


WRONG = {
    "nothing": ("{}", "a recorded response has either a body or a stream"),
    "both": ("{body: x, stream: []}", "a recorded response has either a body or a stream"),
    "two forms": ("{body: {text: x, json: 1}}", "give one of json, text, base64"),
    "no form": ("{stream: [{at: 1}]}", "give one of data, text, base64, json"),
    "no base64": ("{body: {base64: '!'}}", "not base64"),
    "no status": ("{status: 99, body: x}", "greater than or equal to 200"),
}


@pytest.mark.parametrize(("recorded", "said"), WRONG.values(), ids=WRONG)
def test_an_invalid_recording_is_a_mistake(recorded: str, said: str) -> None:
    with pytest.raises(ScriptError, match=said):
        parse(f"- reply: {{recorded: {recorded}}}")


def test_a_recorded_response_excludes_other_ways_to_answer() -> None:
    with pytest.raises(ScriptError, match="a reply cannot have all of recorded, text"):
        parse("- reply: {text: x, recorded: {body: x}}")
